using Microsoft.ML.Recurrent.Autograd;
using Microsoft.ML.Recurrent.Autograd.Operations;
using Microsoft.ML.Recurrent.Kernels;
using Microsoft.ML.Recurrent.Kernels.Recurrent;
using Microsoft.ML.Recurrent.Layers;
using Microsoft.ML.Recurrent.Tensors;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Recurrent.Core.Tests.Layers;

/// <summary>
/// Cells that the fused kernels do not support: gradients, equality with the fused kernels if both can run, and the same bits for any number of threads.
/// </summary>
[TestClass]
public class SteppedRecurrentTests
{
    private const int Time = 5, Rows = 3, Features = 4, Hidden = 6;

    private static readonly int[] s_lengths = [5, 1, 3];

    public static IEnumerable<object[]> Forms =>
        from reverse in new[] { false, true }
        from form in new[] { "plain", "dropout", "zoneout", "mean zoneout", "projection", "norm", "everything" }
        from cell in Enum.GetValues<RecurrentCell>()
        where CellDescriptor.For(cell).HasMemory || form is not ("projection" or "norm" or "everything")
        where CellDescriptor.For(cell).Peepholes.Length == 0 || form is not "norm"
        from resetAfter in cell == RecurrentCell.Gru ? new[] { true, false } : [true]
        select new object[] { form, cell, resetAfter, reverse };

    [TestMethod]
    [DynamicData(nameof(Forms))]
    public void Gradients_hold(string form, RecurrentCell cell, bool resetAfter, bool reverse)
    {
        var all = form == "everything";
        var (lstm, peepholes) = (CellDescriptor.For(cell).HasMemory, CellDescriptor.For(cell).Peepholes.Length);
        var (state, gates) = (form == "projection" || all ? 2 : Hidden, CellDescriptor.For(cell).Gates * Hidden);
        var norm = form == "norm" || all && peepholes == 0;
        var mask = form == "dropout" || all ? Bits(Rows * state, 0.7, 1 / 0.7) : null;
        var keepHidden = form == "zoneout" || all ? Bits(Time * Rows * state, 0.3, 1) : null;
        var keepCell = (form == "zoneout" || all) && lstm ? Bits(Time * Rows * Hidden, 0.3, 1) : null;
        var share = form == "mean zoneout" ? 0.25f : 0;
        List<Shape> shapes = [new(Time, Rows, Features), new(gates, Features), new(gates, state), new(gates), new(gates), new(Rows, state), new(Rows, Hidden)];
        if (state != Hidden) shapes.Add(new(state, Hidden));
        if (norm) shapes.AddRange([new(gates), new(gates), new(Hidden), new(Hidden)]);
        if (peepholes > 0) shapes.Add(new(peepholes * Hidden));
        var random = new RandomStream(31, 4);
        var values = shapes.Select((shape, i) => GradientChecker.Normal(random, shape.Length).Select(v => i == 0 || i > 6 ? v : 0.4 * v).ToArray()).ToArray();
        var (projection, first) = (state != Hidden ? 7 : -1, state != Hidden ? 8 : 7);

        GradientChecker.Check((tape, x) =>
        {
            var options = new SteppedOptions(new RecurrentOptions(CellDescriptor.For(cell), Hidden, Activation.Tanh, !resetAfter))
            {
                Reverse = reverse, ZoneoutHidden = share, ZoneoutCell = lstm ? share : 0, Epsilon = 1e-5f,
            };
            var weights = new SteppedWeights(x[1], x[2], x[3], x[4]) { WeightHr = projection < 0 ? null : x[projection] };
            if (peepholes > 0) weights = weights with { Peephole = x[^1] };
            if (norm) weights = weights with { GainIh = x[first], GainHh = x[first + 1], GainC = x[first + 2], BiasC = x[first + 3] };
            var (y, final) = SteppedRecurrentOperation.Apply(tape, x[0], s_lengths, options, weights,
                new SteppedMasks(Rent(mask), Rent(keepHidden), Rent(keepCell)), new RecurrentState(x[5], lstm ? x[6] : null));
            return lstm ? [y, final.H, final.C!] : [y, final.H];
        }, x => new SteppedReference
        {
            Cell = cell, ResetAfter = resetAfter, Rows = Rows, Hidden = Hidden, State = state, Reverse = reverse, Lengths = s_lengths, Mask = mask,
            KeepHidden = keepHidden, KeepCell = keepCell,
            ZoneoutHidden = share, ZoneoutCell = lstm ? share : 0,
        }.Run(x[0], x[1], x[2], x[3], x[4], projection < 0 ? null : x[projection], norm ? x[first] : null, norm ? x[first + 1] : null,
            norm ? x[first + 2] : null, norm ? x[first + 3] : null, x[5], x[6], peepholes > 0 ? x[^1] : null),
            [.. shapes], values);
    }

    [TestMethod]
    [DataRow(RecurrentCell.Lstm, true, 1)]
    [DataRow(RecurrentCell.Gru, true, 1)]
    [DataRow(RecurrentCell.Gru, false, 1)]
    [DataRow(RecurrentCell.SimpleRnn, true, 1)]
    [DataRow(RecurrentCell.MinimalGated, true, 1)]
    [DataRow(RecurrentCell.MinimalGated, true, 2)]
    [DataRow(RecurrentCell.Lstm, true, 2)]
    [DataRow(RecurrentCell.PeepholeLstm, true, 1)]
    [DataRow(RecurrentCell.PeepholeLstm, true, 2)]
    [DataRow(RecurrentCell.CoupledLstm, true, 1)]
    [DataRow(RecurrentCell.CoupledLstm, true, 2)]
    [DataRow(RecurrentCell.CoupledPeepholeLstm, true, 2)]
    public void Without_masks_they_are_the_fused_layer(RecurrentCell cell, bool resetAfter, int directions)
    {
        var layer = new RecurrentLayer(new RecurrentDescription("r", cell, 19) { ResetAfter = resetAfter, Bidirectional = directions == 2 },
            new LayerShape(true, Features));
        layer.Initialize(3);
        float[][] Run(SteppedMasks? masks)
        {
            using var tape = new Tape();
            using var x = Tape.Watch(Tensor.From(new Shape(Time, Rows, Features), KernelsRandom(Time * Rows * Features)));
            var result = layer.Run(tape, x, s_lengths, masks: masks);
            foreach (var parameter in layer.Parameters) parameter.ZeroGradient();
            Tape.GradientOf(result.Y)!.Span.Fill(0.5f);
            Tape.GradientOf(result.Forward.H)!.Span.Fill(1);
            var y = result.Y.Span.ToArray();
            tape.Backward();
            return [y, x.Gradient!.Span.ToArray(), .. layer.Parameters.Select(parameter => parameter.Gradient.Span.ToArray())];
        }

        var (fused, stepped) = (Run(null), Run(default(SteppedMasks)));
        for (var i = 0; i < fused.Length; i++) GoldenVectors.AssertClose(Array.ConvertAll(fused[i], v => (double)v), stepped[i], $"part {i}");
    }

    [TestMethod]
    public void The_number_of_threads_changes_no_bit()
    {
        var description = new RecurrentDescription("r", RecurrentCell.Lstm, 48)
        {
            Bidirectional = true, Projection = 24, LayerNormalization = true,
            ZoneoutCell = 0.2f, ZoneoutHidden = 0.1f, RecurrentDropout = 0.3f
        };
        var layer = new RecurrentLayer(description, new LayerShape(true, 16));
        layer.Initialize(3);
        float[] Run(int threads)
        {
            using var limit = Workers.Limit(threads);
            using var tape = new Tape(9) { Training = true };
            using var x = Tape.Watch(Tensor.From(new Shape(20, 33, 16), KernelsRandom(20 * 33 * 16)));
            foreach (var parameter in layer.Parameters) parameter.ZeroGradient();
            var y = layer.Forward(tape, new Signal(x, null) { Time = 20, Rows = 33 }).Numbers;
            Tape.GradientOf(y)!.Span.Fill(0.5f);
            tape.Backward();
            return [.. x.Gradient!.Span, .. layer.Parameters.SelectMany(parameter => parameter.Gradient.Span.ToArray())];
        }

        CollectionAssert.AreEqual(Run(1), Run(3));
    }

    [TestMethod]
    public void Warm_steps_allocate_nothing()
    {
        var layer = new RecurrentLayer(new RecurrentDescription("r", RecurrentCell.Lstm, 8)
        {
            Projection = 4, ZoneoutHidden = 0.1f, RecurrentDropout = 0.3f,
            Dilation = 3
        }, new LayerShape(true, Features));
        layer.Initialize(3);
        using var x = Tape.Watch(Tensor.From(new Shape(Time, Rows, Features), KernelsRandom(Time * Rows * Features)));
        using var tape = new Tape(9) { Training = true };
        using var limit = Workers.Limit(1);
        for (var i = 0; i < 20; i++) Step();
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 10; i++) Step();
        NumberAssert.IsLessThanOrEqualTo(4096, GC.GetAllocatedBytesForCurrentThread() - before, "ten steps");

        void Step()
        {
            var y = layer.Forward(tape, new Signal(x, s_lengths) { Time = Time, Rows = Rows }).Numbers;
            Tape.GradientOf(y)!.Span.Fill(1);
            tape.Backward();
            tape.Reset();
        }
    }

    private static float[] KernelsRandom(int count) => [.. GradientChecker.Normal(new RandomStream(5, 5), count).Select(v => (float)v)];

    // In single precision, as the masks are.
    private static double[] Bits(int count, double probability, double one)
    {
        var random = new RandomStream(17, (ulong)count);
        return [.. Enumerable.Range(0, count).Select(_ => random.NextDouble() < probability ? (double)(float)one : 0)];
    }

    private static Tensor? Rent(double[]? mask) => mask is null ? null : Tensor.From(new Shape(mask.Length), Array.ConvertAll(mask, v => (float)v));
}
