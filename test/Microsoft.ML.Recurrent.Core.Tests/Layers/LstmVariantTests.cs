using Microsoft.ML.Recurrent.Autograd;
using Microsoft.ML.Recurrent.Autograd.Operations;
using Microsoft.ML.Recurrent.Kernels.Recurrent;
using Microsoft.ML.Recurrent.Layers;
using Microsoft.ML.Recurrent.Networks;
using Microsoft.ML.Recurrent.Tensors;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Recurrent.Core.Tests.Layers;

/// <summary>
/// LSTM with peepholes and with coupled gates: by hand, as a plain LSTM where they are one, their parameters and what they refuse. Their gradients are checked
/// with those of the other cells.
/// </summary>
[TestClass]
public class LstmVariantTests
{
    private const int Features = 3, Hidden = 19;

    /// <summary>One unit, three steps, from the equations of Gers and Schmidhuber (2000), number by number.</summary>
    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public void One_unit_with_peepholes_by_hand(bool stepped)
    {
        double[] x = [1, -0.5, 2], expected = new double[3];
        double h = 0, c = 0;
        for (var t = 0; t < 3; t++)
        {
            var i = Sigmoid(0.8 * x[t] - 0.6 * h + 0.1 + 0.7 * c);
            var f = Sigmoid(-1.2 * x[t] + 0.9 * h - 0.3 + 0.4 * c);
            c = f * c + i * Math.Tanh(0.5 * x[t] + 0.2 * h + 0.05);
            h = Sigmoid(0.3 * x[t] - 0.4 * h + 0.2 - 0.9 * c) * Math.Tanh(c);
            expected[t] = h;
        }

        AssertSteps(RecurrentCell.PeepholeLstm, stepped, expected, [0.8f, -1.2f, 0.5f, 0.3f], [-0.6f, 0.9f, 0.2f, -0.4f], [0.1f, -0.3f, 0.05f, 0.2f],
            [0.7f, -0.9f, 0.4f]);
    }

    /// <summary>One unit, three steps, from c' = i g + (1 - i) c (Greff et al. 2017), number by number.</summary>
    [TestMethod]
    [DataRow(false, false)]
    [DataRow(true, false)]
    [DataRow(false, true)]
    [DataRow(true, true)]
    public void One_unit_with_coupled_gates_by_hand(bool stepped, bool hasPeepholes)
    {
        double[] x = [1, -0.5, 2], expected = new double[3];
        double h = 0, c = 0, ofInput = hasPeepholes ? 0.7 : 0, ofOutput = hasPeepholes ? -0.9 : 0;
        for (var t = 0; t < 3; t++)
        {
            var i = Sigmoid(0.8 * x[t] - 0.6 * h + 0.1 + ofInput * c);
            c = i * Math.Tanh(0.5 * x[t] + 0.2 * h + 0.05) + (1 - i) * c;
            h = Sigmoid(0.3 * x[t] - 0.4 * h + 0.2 + ofOutput * c) * Math.Tanh(c);
            expected[t] = h;
        }

        AssertSteps(hasPeepholes ? RecurrentCell.CoupledPeepholeLstm : RecurrentCell.CoupledLstm, stepped, expected, [0.8f, 0.5f, 0.3f], [-0.6f, 0.2f, -0.4f],
            [0.1f, 0.05f, 0.2f], hasPeepholes ? [0.7f, -0.9f] : null);
    }

    [TestMethod]
    public void Without_weights_peepholes_are_a_plain_cell()
    {
        var (plain, own) = (Create(RecurrentCell.Lstm), Create(RecurrentCell.PeepholeLstm));
        Copy(plain, own, values => values);
        Find(own, "weight_peephole").Span.Clear();
        CollectionAssert.AreEqual(Run(plain), Run(own));
    }

    /// <summary>A plain cell whose forget block is the negated input block: 1 - sigmoid(a) = sigmoid(-a).</summary>
    [TestMethod]
    public void Coupled_gates_are_a_plain_cell_with_tied_blocks()
    {
        var (plain, own) = (Create(RecurrentCell.Lstm), Create(RecurrentCell.CoupledLstm));
        Copy(own, plain, values =>
        {
            var block = values.Length / 3;
            return [.. values[..block], .. values[..block].Select(value => -value), .. values[block..]];
        });
        GoldenVectors.AssertClose(Array.ConvertAll(Run(plain), value => (double)value), Run(own), "y");
    }

    [TestMethod]
    public void They_start_by_keeping_their_memory()
    {
        var layer = Create(RecurrentCell.CoupledLstm);
        layer.Initialize(3);
        var bias = Find(layer, "bias_ih").Span;
        // The input gate's bias: with sigmoid(-1) it lets in what a forget gate of bias 1 would let go.
        Assert.IsTrue(bias[..Hidden].ToArray().All(value => value == -1) && bias[Hidden..].ToArray().All(value => value == 0));
        layer = Create(RecurrentCell.PeepholeLstm);
        layer.Initialize(3);
        var peepholes = Find(layer, "weight_peephole").Span.ToArray();
        Assert.HasCount(3 * Hidden, peepholes);
        Assert.IsTrue(peepholes.All(value => value is > -0.1f and < 0.1f and not 0) && peepholes.Distinct().Count() > Hidden);
        Assert.IsTrue(Find(layer, "bias_ih").Span.Slice(Hidden, Hidden).ToArray().All(value => value == 1));
    }

    [TestMethod]
    public void What_they_have_and_refuse()
    {
        var network = SequenceNetwork.Create().Recurrent(RecurrentCell.PeepholeLstm, 5);
        var summary = network.Recurrent(RecurrentCell.CoupledLstm, 5).Recurrent(RecurrentCell.CoupledPeepholeLstm, 5, new() { Bidirectional = true })
            .Summary(3);
        // 4 gates of 5 x 3 inputs, 5 x 5 states and two biases of 5, and 3 peepholes of 5; then 3 gates of 5 x 5 inputs; then twice that with 2 peepholes.
        StringAssert.Matches(summary, new(@"lstm_1 \(PeepholeLstm\) .* 215\r?\n"));
        StringAssert.Matches(summary, new(@"lstm_2 \(CoupledLstm\) .* 180\r?\n"));
        StringAssert.Matches(summary, new(@"lstm_3 \(Bidirectional CoupledPeepholeLstm\) .* 380\r?\n"));
        foreach (var cell in new[] { RecurrentCell.PeepholeLstm, RecurrentCell.CoupledPeepholeLstm })
        {
            var error = Assert.ThrowsExactly<ArgumentException>(
                () => SequenceNetwork.Create().Recurrent(cell, 5, new() { LayerNormalization = true }).Summary(3));
            Assert.Contains($"{cell} does not have normalization inside the cell. Choose Lstm or CoupledLstm, or omit it.", error.Message);
        }
    }

    /// <summary>The states of a sequence cut in two, the second part going on from those of the first.</summary>
    [TestMethod]
    [DataRow(RecurrentCell.PeepholeLstm)]
    [DataRow(RecurrentCell.CoupledLstm)]
    [DataRow(RecurrentCell.CoupledPeepholeLstm)]
    public void States_are_carried_on(RecurrentCell cell)
    {
        var layer = Create(cell);
        layer.Initialize(4);
        using var tape = new Tape();
        using var all = Inputs(8);
        var whole = layer.Run(tape, all, null);
        var cut = 3 * 2 * Features;
        using var first = Tensor.From(new Shape(3, 2, Features), all.Span[..cut].ToArray());
        using var second = Tensor.From(new Shape(5, 2, Features), all.Span[cut..].ToArray());
        var before = layer.Run(tape, first, null).Forward;
        var after = layer.Run(tape, second, null, before);
        CollectionAssert.AreEqual(whole.Y.Span[(3 * 2 * Hidden)..].ToArray(), after.Y.Span.ToArray());
        CollectionAssert.AreEqual(whole.Forward.C!.Span.ToArray(), after.Forward.C!.Span.ToArray());
    }

    private static void AssertSteps(RecurrentCell cell, bool stepped, double[] expected, float[] inputs, float[] states, float[] bias, float[]? peepholes)
    {
        var layer = new RecurrentLayer(new RecurrentDescription("r", cell, 1), new LayerShape(Sequence: true, 1));
        inputs.CopyTo(Find(layer, "weight_ih").Span);
        states.CopyTo(Find(layer, "weight_hh").Span);
        bias.CopyTo(Find(layer, "bias_ih").Span);
        peepholes?.CopyTo(Find(layer, "weight_peephole").Span);
        Assert.HasCount(peepholes is null ? 4 : 5, layer.Parameters);
        using var tape = new Tape();
        using var input = Tensor.From(new Shape(3, 1, 1), [1, -0.5f, 2]);
        GoldenVectors.AssertClose(expected, layer.Run(tape, input, null, masks: stepped ? default(SteppedMasks) : null).Y.Span, "y");
    }

    private static RecurrentLayer Create(RecurrentCell cell)
    {
        var layer = new RecurrentLayer(new RecurrentDescription("r", cell, Hidden), new LayerShape(Sequence: true, Features));
        layer.Initialize(2);
        return layer;
    }

    private static Tensor Find(RecurrentLayer layer, string name) => layer.Parameters.Single(parameter => parameter.Name == $"r.{name}").Value;

    private static void Copy(RecurrentLayer from, RecurrentLayer to, Func<float[], float[]> convert)
    {
        foreach (var parameter in from.Parameters) convert(parameter.Value.Span.ToArray()).CopyTo(Find(to, parameter.Name[2..]).Span);
    }

    private static float[] Run(RecurrentLayer layer)
    {
        using var tape = new Tape();
        using var x = Inputs(6);
        return layer.Run(tape, x, [6, 2]).Y.Span.ToArray();
    }

    private static Tensor Inputs(int time) =>
        Tensor.From(new Shape(time, 2, Features), [.. GradientChecker.Normal(new RandomStream(7, 8), time * 2 * Features).Select(value => (float)value)]);

    private static double Sigmoid(double x) => 1 / (1 + Math.Exp(-x));
}
