using Microsoft.ML.Recurrent.Autograd;
using Microsoft.ML.Recurrent.Autograd.Operations;
using Microsoft.ML.Recurrent.Core.Tests.Training;
using Microsoft.ML.Recurrent.Kernels;
using Microsoft.ML.Recurrent.Kernels.Recurrent;
using Microsoft.ML.Recurrent.Layers;
using Microsoft.ML.Recurrent.Tensors;
using Microsoft.ML.Recurrent.Training;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Recurrent.Core.Tests.Autograd;

/// <summary>Truncated gradients equal those of a sequence cut into pieces, each with the previous state as a constant.</summary>
[TestClass]
public class RecurrentTruncationTests
{
    private const int Time = 11, Rows = 5, Features = 3, Hidden = 4;

    private static readonly int[] s_lengths = [11, 1, 6, 9, 8];

    public static IEnumerable<object[]> Cases =>
        from cell in Enum.GetValues<RecurrentCell>()
        from steps in new[] { 1, 3, 4, 10, 11 }
        from varying in new[] { false, true }
        from stepped in new[] { false, true }
        from last in new[] { false, true }
        select new object[] { cell, steps, varying, stepped, last };

    [TestMethod]
    [DynamicData(nameof(Cases))]
    public void Gradients_are_those_of_pieces(RecurrentCell cell, int steps, bool varying, bool stepped, bool last)
    {
        var description = new RecurrentDescription("r", cell, Hidden)
        {
            Bidirectional = true, ZoneoutHidden = stepped ? 0.1f : 0,
            Projection = stepped && CellDescriptor.For(cell).HasMemory ? 3 : 0
        };
        var layer = new RecurrentLayer(description, new LayerShape(true, Features));
        layer.Initialize(3);
        var random = new RandomStream(6);
        using var x = Tape.Watch(Tensor.Rent(new Shape(Time, Rows, Features)));
        foreach (ref var value in x.Span) value = (float)random.NextGaussian();
        var lengths = varying ? s_lengths : null;
        var size = description.StateSize;
        // The upstream gradient at each step and at the last state, for both directions.
        float[] ofSteps = [.. Enumerable.Range(0, Time * Rows * 2 * size).Select(_ => last ? 0 : (float)random.NextGaussian())],
            ofLast = [.. Enumerable.Range(0, Rows * 2 * size).Select(_ => (float)random.NextGaussian())];

        using var tape = new Tape();
        var result = layer.Run(tape, x, lengths, bptt: new(null, steps));
        if (!last) ofSteps.CopyTo(Tape.GradientOf(result.Y)!.Span);
        foreach (var (state, first) in new[] { (result.Forward.H, 0), (result.Reverse!.Value.H, size) })
        {
            var slopes = Tape.GradientOf(state)!.Span;
            for (var i = 0; i < slopes.Length; i++) slopes[i] = ofLast[i / size * 2 * size + first + i % size];
        }

        tape.Backward();
        var ofInputs = x.Gradient!.Span.ToArray();
        float[][] ofWeights = [.. layer.Parameters.Select(parameter => parameter.Value.Gradient!.Span.ToArray())];
        foreach (var parameter in layer.Parameters) parameter.ZeroGradient();

        // Row by row, piece by piece; the reverse direction over reversed steps.
        var expectedInputs = new float[ofInputs.Length];
        var one = new RecurrentLayer(description with { Bidirectional = false }, new LayerShape(true, Features));
        for (var direction = 0; direction < 2; direction++)
        {
            var own = layer.Parameters.Where(parameter => parameter.Name.EndsWith("_reverse", StringComparison.Ordinal) == (direction == 1)).ToArray();
            for (var i = 0; i < own.Length; i++) own[i].Value.Span.CopyTo(one.Parameters[i].Value.Span);
            foreach (var parameter in one.Parameters) parameter.ZeroGradient();
            for (var row = 0; row < Rows; row++)
            {
                var length = lengths?[row] ?? Time;
                // Positions in the order of the recurrence.
                int[] cuts = direction == 0
                    ? [.. Enumerable.Range(1, Time).Select(m => Time - m * steps).Where(place => place > 0 && length - place >= steps).Order()]
                    : [.. Enumerable.Range(1, Time).Select(m => length - m * steps).Where(place => place > 0).Order()];
                RecurrentState? before = null;
                foreach (var (start, end) in cuts.Prepend(0).Zip(cuts.Append(length)))
                {
                    using var piece = new Tape();
                    using var part = Tape.Watch(Tensor.Rent(new Shape(end - start, 1, Features)));
                    int At(int step) => (direction == 0 ? step : length - 1 - step) * Rows + row;
                    for (var step = start; step < end; step++) x.Span.Slice(At(step) * Features, Features).CopyTo(part.Span[((step - start) * Features)..]);
                    var run = one.Run(piece, part, null, before);
                    var slopes = Tape.GradientOf(run.Y)!.Span;
                    for (var step = start; step < end; step++)
                        ofSteps.AsSpan(At(step) * 2 * size + direction * size, size).CopyTo(slopes[((step - start) * size)..]);
                    if (end == length) ofLast.AsSpan(row * 2 * size + direction * size, size).CopyTo(Tape.GradientOf(run.Forward.H)!.Span);
                    before = new RecurrentState(Copy(run.Forward.H), run.Forward.C is { } memory ? Copy(memory) : null);
                    piece.Backward();
                    for (var step = start; step < end; step++)
                    {
                        for (var j = 0; j < Features; j++) expectedInputs[At(step) * Features + j] += part.Gradient![(step - start) * Features + j];
                    }
                }
            }

            for (var i = 0; i < own.Length; i++)
                Close(one.Parameters[i].Value.Gradient!.Span, ofWeights[layer.Parameters.ToList().IndexOf(own[i])], own[i].Name);
        }

        Close(expectedInputs, ofInputs, "inputs");
        foreach (var parameter in layer.Parameters.Concat(one.Parameters)) parameter.Dispose();

        static Tensor Copy(Tensor tensor) => Tensor.From(tensor.Shape, tensor.Span.ToArray());

        static void Close(ReadOnlySpan<float> expected, ReadOnlySpan<float> actual, string what)
        {
            for (var i = 0; i < expected.Length; i++) Assert.AreEqual(expected[i], actual[i], 1e-4 + 1e-4 * Math.Abs(expected[i]), $"{what}, element {i}");
        }
    }

    /// <summary>The gradient of a last state reaches exactly the expected steps.</summary>
    [TestMethod]
    [DataRow(1)]
    [DataRow(2)]
    public void Without_pooling_it_reaches_the_last_steps_only(int dilation)
    {
        using var network = TrainingLoopTests.Build(TrainingLoopTests.Body().Gru(6, new RecurrentLayerOptions { Dilation = dilation }).Lstm(5), outputs: 2);
        using var tape = new Tape { Training = true };
        using var x = Tape.Watch(Tensor.Rent(new Shape(30, 3, 2)));
        x.Span.Fill(0.5f);
        var signal = new Signal(x, null) { Time = 30, Rows = 3, Bptt = new(null, 4) };
        foreach (var layer in network.Layers) signal = layer.Forward(tape, signal);
        Tape.GradientOf(signal.Numbers)!.Span.Fill(1);
        tape.Backward();
        for (var t = 0; t < 30; t++) Assert.AreEqual(t >= 30 - 4, x.Gradient!.Span.Slice(t * 6, 6).ContainsAnyExcept(0f), $"step {t}");
    }

    [TestMethod]
    [DoNotParallelize]
    public void Memory_is_that_of_a_stretch()
    {
        var (whole, parts) = (Peak(0), Peak(25));
        NumberAssert.IsLessThan(whole / 3, parts, $"{whole} bytes whole, {parts} truncated");

        static long Peak(int steps)
        {
            using var tape = new Tape();
            using var x = Tensor.Zeros(new Shape(600, 8, 4));
            using var ih = Tape.Watch(Tensor.Zeros(new Shape(4 * 64, 4)));
            using var hh = Tape.Watch(Tensor.Zeros(new Shape(4 * 64, 64)));
            var before = BufferPool.Shared.BytesRented;
            BufferPool.Shared.PeakBytesRented = before;
            var options = new RecurrentOptions(CellDescriptor.For(RecurrentCell.Lstm), 64) { TruncationSteps = steps };
            var result = RecurrentOperation.Apply(tape, x, null, options, [new RecurrentWeights(ih, hh, null, null)]);
            Tape.GradientOf(result.Forward.H)!.Span.Fill(1);
            tape.Backward();
            return BufferPool.Shared.PeakBytesRented - before;
        }
    }

    [TestMethod]
    public void Training_learns_and_the_number_of_threads_changes_no_bit()
    {
        var (one, loss) = Train(4, 1);
        CollectionAssert.AreEqual(one, Train(4, 2).Weights);
        CollectionAssert.AreNotEqual(one, Train(null, 1).Weights);
        NumberAssert.IsLessThan(0.4, loss);

        static (float[] Weights, double Loss) Train(int? steps, int threads)
        {
            using var network = TrainingLoopTests.Build(TrainingLoopTests.Body().Lstm(8, bidirectional: true).Gru(8).Pool(SequencePooling.Mean), outputs: 2);
            var settings = new TrainingSettings { Seed = 3, MaximumNumberOfEpochs = 30, LearningRate = 0.01f, TruncationSteps = steps, Threads = threads };
            var history = new TrainingLoop(network, new ClassHead(2), settings).Run(new TestBatches(TestBatches.Sums(128, 10, varying: true), 16));
            return (TrainingLoopTests.Weights(network), history.Epochs[^1].Loss);
        }
    }
}
