using Microsoft.ML.Recurrent.Autograd;
using Microsoft.ML.Recurrent.Autograd.Operations;
using Microsoft.ML.Recurrent.Kernels.Recurrent;
using Microsoft.ML.Recurrent.Layers;
using Microsoft.ML.Recurrent.Networks;
using Microsoft.ML.Recurrent.Tensors;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Recurrent.Core.Tests.Layers;

/// <summary>The minimal gated unit: by hand, and against a GRU with tied gates. Its gradients are checked with those of the other cells.</summary>
[TestClass]
public class MinimalGatedTests
{
    private const int Time = 6, Rows = 4, Features = 3, Hidden = 21;

    /// <summary>One unit, three steps, from the equations of Zhou et al. (2016), number by number.</summary>
    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public void One_unit_by_hand(bool stepped)
    {
        double[] x = [1, -0.5, 2], expected = new double[3];
        double h = 0;
        for (var t = 0; t < 3; t++)
        {
            var f = 1 / (1 + Math.Exp(-(0.8 * x[t] - 0.6 * h + 0.1 + 0.2)));
            h = (1 - f) * h + f * Math.Tanh(-1.2 * x[t] + 0.9 * (f * h) - 0.3 + 0.4);
            expected[t] = h;
        }

        // The first step alone: f = sigmoid(1.1), h = f tanh(-1.1).
        Assert.AreEqual(-0.600582, expected[0], 1e-6);
        var layer = new RecurrentLayer(new RecurrentDescription("mgu_1", RecurrentCell.MinimalGated, 1), new LayerShape(Sequence: true, 1));
        float[][] weights = [[0.8f, -1.2f], [-0.6f, 0.9f], [0.1f, -0.3f], [0.2f, 0.4f]];
        for (var i = 0; i < 4; i++) weights[i].CopyTo(layer.Parameters[i].Value.Span);
        using var tape = new Tape();
        using var input = Tensor.From(new Shape(3, 1, 1), [1, -0.5f, 2]);
        GoldenVectors.AssertClose(expected, layer.Run(tape, input, null, masks: stepped ? default(SteppedMasks) : null).Y.Span, "y");
    }

    /// <summary>
    /// With W_r = W_f, W_z = -W_f (so that z = 1 - f) and the reset gate before the product, a GRU has the same outputs, and its combined gradients are those
    /// of the unit.
    /// </summary>
    [TestMethod]
    [DataRow(1)]
    [DataRow(2)]
    public void It_is_a_tied_gated_recurrent_unit(int directions)
    {
        using var own = new Layer(RecurrentCell.MinimalGated, directions);
        using var gru = new Layer(RecurrentCell.Gru, directions);
        own.Network.Initialize(5);
        var random = new RandomStream(5, 6);
        foreach (var bias in own.Network.Parameters.Where(parameter => parameter.Name.Contains("bias", StringComparison.Ordinal)))
            GradientChecker.Normal(random, bias.Shape.Length).Select(v => (float)v).ToArray().CopyTo(bias.Value.Span);
        foreach (var (mine, its) in own.Network.Parameters.Zip(gru.Network.Parameters))
        {
            var block = mine.Value.Length / 2;
            mine.Value.Span[..block].CopyTo(its.Value.Span);
            for (var i = 0; i < block; i++) its.Value.Span[block + i] = -mine.Value.Span[i];
            mine.Value.Span[block..].CopyTo(its.Value.Span[(2 * block)..]);
        }

        GoldenVectors.AssertClose(Array.ConvertAll(gru.Run(), v => (double)v), own.Run(), "y");
        foreach (var (mine, its) in own.Network.Parameters.Zip(gru.Network.Parameters))
        {
            var block = mine.Value.Length / 2;
            var gradient = its.Gradient.Span;
            var expected = new double[2 * block];
            for (var i = 0; i < block; i++) (expected[i], expected[block + i]) = (gradient[i] - gradient[block + i], gradient[2 * block + i]);
            GoldenVectors.AssertClose(expected, mine.Gradient.Span, $"gradient of {mine.Name}", gradient: true);
        }
    }

    [TestMethod]
    public void What_it_is_called_and_has()
    {
        var cell = CellDescriptor.For(RecurrentCell.MinimalGated);
        Assert.AreEqual((2, false, true), (cell.Gates, cell.HasMemory, cell.HasCandidate));
        var first = SequenceNetwork.Create().Recurrent(RecurrentCell.MinimalGated, 5);
        var summary = first.Recurrent(RecurrentCell.MinimalGated, 4, new() { Bidirectional = true }).Summary(3);
        // 2 gates of 5 x 3 inputs, 5 x 5 states and two biases of 5.
        StringAssert.Matches(summary, new(@"mgu_1 \(MinimalGated\) .* 100\r?\n"));
        Assert.Contains("mgu_2 (Bidirectional MinimalGated)", summary);
        var error = Assert.ThrowsExactly<ArgumentException>(() => first.Recurrent(RecurrentCell.MinimalGated, 5, new() { Projection = 2 }).Summary(3));
        Assert.Contains("MinimalGated does not have a projection. Choose Lstm", error.Message);
        Assert.Contains("MinimalGated", Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => first.Recurrent((RecurrentCell)9, 5)).Message);
    }

    private sealed class Layer(RecurrentCell cell, int directions) : IDisposable
    {
        private readonly Tape _tape = new();

        public RecurrentLayer Network { get; } =
            new(new RecurrentDescription("r", cell, Hidden) { Bidirectional = directions == 2, ResetAfter = false }, new LayerShape(Sequence: true, Features));

        public float[] Run()
        {
            var random = new RandomStream(7, 8);
            using var x = Tensor.From(new Shape(Time, Rows, Features), [.. GradientChecker.Normal(random, Time * Rows * Features).Select(v => (float)v)]);
            var y = Network.Run(_tape, x, [6, 1, 4, 3]).Y;
            foreach (var parameter in Network.Parameters) parameter.ZeroGradient();
            GradientChecker.Normal(random, y.Length).Select(v => (float)v).ToArray().CopyTo(Tape.GradientOf(y)!.Span);
            var values = y.Span.ToArray();
            _tape.Backward();
            return values;
        }

        public void Dispose()
        {
            foreach (var parameter in Network.Parameters) parameter.Dispose();
            _tape.Dispose();
        }
    }
}
