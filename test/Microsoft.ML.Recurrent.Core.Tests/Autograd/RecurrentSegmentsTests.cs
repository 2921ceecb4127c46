using Microsoft.ML.Recurrent.Autograd;
using Microsoft.ML.Recurrent.Autograd.Operations;
using Microsoft.ML.Recurrent.Core.Tests.Training;
using Microsoft.ML.Recurrent.Kernels;
using Microsoft.ML.Recurrent.Kernels.Recurrent;
using Microsoft.ML.Recurrent.Tensors;
using Microsoft.ML.Recurrent.Training;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Recurrent.Core.Tests.Autograd;

/// <summary>Long sequences in segments give the same result as unsegmented ones.</summary>
[TestClass]
public class RecurrentSegmentsTests
{
    private const int Time = 11, Rows = 4, Features = 3, Hidden = 5;

    [TestMethod]
    [DataRow(RecurrentCell.Lstm, 3, true)]
    [DataRow(RecurrentCell.Lstm, 1, false)]
    [DataRow(RecurrentCell.Gru, 4, true)]
    [DataRow(RecurrentCell.SimpleRnn, 5, true)]
    [DataRow(RecurrentCell.MinimalGated, 4, true)]
    [DataRow(RecurrentCell.PeepholeLstm, 3, true)]
    [DataRow(RecurrentCell.CoupledLstm, 4, false)]
    [DataRow(RecurrentCell.CoupledPeepholeLstm, 4, true)]
    public void Segments_give_the_same(RecurrentCell kind, int steps, bool varying)
    {
        var (whole, parts) = (Run(kind, null, varying), Run(kind, steps, varying));
        for (var k = 0; k < whole.Length; k++)
        {
            Assert.HasCount(whole[k].Length, parts[k]);
            for (var i = 0; i < whole[k].Length; i++)
                Assert.AreEqual(whole[k][i], parts[k][i], 1e-5 + 1e-5 * Math.Abs(whole[k][i]), $"result {k}, element {i}");
        }
    }

    [TestMethod]
    [DoNotParallelize]
    public void Memory_is_that_of_a_segment()
    {
        var (whole, parts) = (Peak(null), Peak(25));
        NumberAssert.IsLessThan(whole / 2, parts, $"{whole} bytes whole, {parts} in segments");

        static long Peak(int? steps)
        {
            using var tape = new Tape();
            using var x = Tape.Watch(Tensor.Zeros(new Shape(600, 8, 4)));
            using var ih = Tape.Watch(Tensor.Zeros(new Shape(4 * 64, 4)));
            using var hh = Tape.Watch(Tensor.Zeros(new Shape(4 * 64, 64)));
            var before = BufferPool.Shared.BytesRented;
            BufferPool.Shared.PeakBytesRented = before;
            var options = new RecurrentOptions(CellDescriptor.For(RecurrentCell.Lstm), 64) { SegmentSteps = steps ?? 0 };
            var result = RecurrentOperation.Apply(tape, x, null, options, [new RecurrentWeights(ih, hh, null, null)]);
            Tape.GradientOf(result.Forward.H)!.Span.Fill(1);
            tape.Backward();
            return BufferPool.Shared.PeakBytesRented - before;
        }
    }

    [TestMethod]
    public void Training_by_segments_learns_the_same()
    {
        var (whole, parts) = (Loss(null), Loss(3));
        Assert.AreEqual(whole, parts, 1e-3 * whole);

        static double Loss(int? steps)
        {
            using var network = TrainingLoopTests.Build(TrainingLoopTests.Body().Lstm(6, bidirectional: true).Gru(5), outputs: 2);
            var history = new TrainingLoop(network, new ClassHead(2), new TrainingSettings { Seed = 3, MaximumNumberOfEpochs = 2, SegmentSteps = steps })
                .Run(new TestBatches(TestBatches.Sums(64, 10, varying: true), 16));
            return history.Epochs[^1].Loss;
        }
    }

    [TestMethod]
    public void Noise_of_gradients_changes_the_weights_and_repeats()
    {
        CollectionAssert.AreEqual(Weights(0.01f), Weights(0.01f));
        CollectionAssert.AreNotEqual(Weights(0), Weights(0.01f));

        static float[] Weights(float noise)
        {
            using var network = TrainingLoopTests.Build(TrainingLoopTests.Body().Gru(5), outputs: 2);
            new TrainingLoop(network, new ClassHead(2), new TrainingSettings { Seed = 3, MaximumNumberOfEpochs = 1, GradientNoise = noise })
                .Run(new TestBatches(TestBatches.Sums(64), 16));
            return TrainingLoopTests.Weights(network);
        }
    }

    // Results and gradients of a bidirectional layer.
    private static float[][] Run(RecurrentCell kind, int? steps, bool varying)
    {
        var random = new RandomStream(6);
        var (cell, gates) = (CellDescriptor.For(kind), CellDescriptor.For(kind).Gates);
        int[]? lengths = varying ? [11, 1, 6, 9] : null;
        var x = New(new Shape(Time, Rows, Features));
        RecurrentWeights[] weights = [Weights(), Weights()];
        RecurrentState[] states = [State(), State()];
        using var tape = new Tape();
        var options = new RecurrentOptions(cell, Hidden) { SegmentSteps = steps ?? 0 };
        var result = RecurrentOperation.Apply(tape, x, lengths, options, weights, states[0], states[1]);
        Tensor[] outputs = [result.Y, result.Forward.H, result.Reverse!.Value.H,
            .. result.Forward.C is null ? (Tensor[])[] : [result.Forward.C, result.Reverse.Value.C!]];
        foreach (var output in outputs)
        {
            foreach (ref var slope in Tape.GradientOf(output)!.Span) slope = (float)random.NextGaussian();
        }

        float[][] values = [.. outputs.Select(output => output.Span.ToArray())];
        tape.Backward();
        Tensor[] operands = [x, .. weights.SelectMany(w => new[] { w.WeightIh, w.WeightHh, w.BiasIh, w.BiasHh, w.Peephole }.OfType<Tensor>()),
            .. states.SelectMany(s => s.C is null ? (Tensor[])[s.H] : [s.H, s.C])];
        return [.. values, .. operands.Select(operand => operand.Gradient!.Span.ToArray())];

        Tensor New(Shape shape)
        {
            var tensor = Tape.Watch(Tensor.Rent(shape));
            foreach (ref var value in tensor.Span) value = (float)(0.5 * random.NextGaussian());
            return tensor;
        }

        RecurrentWeights Weights() => new(New(new Shape(gates * Hidden, Features)), New(new Shape(gates * Hidden, Hidden)), New(new Shape(gates * Hidden)),
            New(new Shape(gates * Hidden)))
        {
            Peephole = cell.Peepholes.Length is > 0 and var count ? New(new Shape(count * Hidden)) : null,
        };

        RecurrentState State() => new(New(new Shape(Rows, Hidden)), cell.HasMemory ? New(new Shape(Rows, Hidden)) : null);
    }
}
