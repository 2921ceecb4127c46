using Microsoft.ML.Recurrent.Autograd;
using Microsoft.ML.Recurrent.Autograd.Operations;
using Microsoft.ML.Recurrent.Kernels;
using Microsoft.ML.Recurrent.Layers;
using Microsoft.ML.Recurrent.Tensors;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Recurrent.Core.Tests.Layers;

/// <summary>
/// Every case of layers.json through the layers (where one stands for the case) or the operations that they are made of; softmax, which no layer has, through
/// its kernel.
/// </summary>
[TestClass]
public class LayerGoldenTests
{
    private static readonly Dictionary<string, Action<GoldenCase>> s_cases = new()
    {
        ["layerNorm"] = c => c.Result(LayerNormOperation.Apply(c.Tape, c["x"], c["gamma"], c["beta"], c.Extra.GetProperty("epsilon").GetSingle())),
        ["batchNormTrain"] = c => BatchNorm(c, training: true),
        ["batchNormEval"] = c => BatchNorm(c, training: false),
        ["tanh"] = c => Activate(c, DenseActivation.Tanh),
        ["sigmoid"] = c => Activate(c, DenseActivation.Sigmoid),
        ["relu"] = c => Activate(c, DenseActivation.Relu),
        ["gelu"] = c => Activate(c, DenseActivation.Gelu),
        ["softplus"] = c => Activate(c, DenseActivation.Softplus),
        ["elu"] = c => Activate(c, DenseActivation.Elu),
        ["attentionDot"] = c => c.Result(Attention.Dot(c.Tape, c["q"], c["keys"], null)),
        ["attentionGeneral"] = c =>
        {
            var w = new Parameter("w", new Shape(4, 3));
            c.Bind("W", w, values => values.Transpose());
            c.Result(Attention.General(c.Tape, c["q"], c["keys"], w.Value, null));
        },
        ["attentionAdditive"] = c =>
        {
            var (wq, wk) = (new Parameter("q", new Shape(6, 3)), new Parameter("k", new Shape(6, 4)));
            c.Bind("Wq", wq, values => values.Transpose());
            c.Bind("Wk", wk, values => values.Transpose());
            var score = new Parameter("v", new Shape(1, 6));
            c.Bind("v", score);
            c.Result(Attention.Additive(c.Tape, c["q"], LinearOperation.Apply(c.Tape, c["keys"], wk.Value), c["keys"], wq.Value, score.Value,
                c.Extra.MaybeIntegers("lengths")));
        },
        ["embedding"] = c =>
        {
            int[] ids = [.. c.Extra.GetProperty("ids").EnumerateArray().SelectMany(row => row.EnumerateArray()).Select(id => id.GetInt32())];
            var shape = c.Json.Tensor("y").Shape;
            // The ids are batch first, like the result: no axes are swapped.
            c.Result(EmbeddingOperation.Apply(c.Tape, c["table"], ids, new Shape(shape), c.Extra.GetProperty("paddingIndex").GetInt32()));
        },
    };

    public static IEnumerable<object[]> Cases => s_cases.Keys.Select(name => new object[] { name });

    [TestMethod]
    public void All_cases_are_tested() => CollectionAssert.AreEquivalent(
        GoldenVectors.Read("layers.json").Select(c => c.GetProperty("name").GetString()).Where(name => name != "softmax").ToArray(), s_cases.Keys.ToArray());

    [TestMethod]
    [DynamicData(nameof(Cases))]
    public void Matches(string name)
    {
        using var golden = new GoldenCase(GoldenVectors.Case("layers.json", name), batchFirst: name.StartsWith("attention", StringComparison.Ordinal));
        s_cases[name](golden);
        golden.Gradients((operand, values) => operand is "W" or "Wq" or "Wk" ? values.Transpose() : values);
    }

    [TestMethod]
    public unsafe void The_softmax_kernel_matches()
    {
        var golden = GoldenVectors.Case("layers.json", "softmax");
        float[] x = golden.GetProperty("inputs").Tensor("x").ToSingles(), y = new float[x.Length], dx = new float[x.Length];
        var dy = golden.Tensor("upstream").ToSingles();
        fixed (float* px = x, py = y, pdy = dy, pdx = dx)
        {
            CpuKernels.Current.Softmax(px, py, 6, 5);
            CpuKernels.Current.SoftmaxBackward(py, pdy, pdx, 6, 5);
        }

        GoldenVectors.AssertClose(golden.Tensor("y"), y, "y");
        GoldenVectors.AssertClose(golden.GetProperty("grads").Tensor("x"), dx, "gradient of x", gradient: true);
    }

    [TestMethod]
    public void Batch_norm_moves_its_running_figures_as_py_torch_does()
    {
        using var tape = new Tape { Training = true };
        var layer = new BatchNormLayer(new BatchNormDescription("norm") { Momentum = 0.1f }, new LayerShape(Sequence: false, 1));
        layer.Initialize(0);
        using var x = Tensor.From(new Shape(4, 1), [1, 2, 3, 6]);
        layer.Forward(tape, new Signal(x, null) { Rows = 4 });
        Assert.AreEqual(0.3f, layer.Parameters[2].Value[0], 1e-6f, "0.9 x 0 + 0.1 x mean 3");
        Assert.AreEqual(0.9f + 0.1f * 14 / 3, layer.Parameters[3].Value[0], 1e-6f, "0.9 x 1 + 0.1 x unbiased variance 14 / 3");
        tape.Training = false;
        var y = layer.Forward(tape, new Signal(x, null) { Rows = 4 }).Numbers;
        Assert.AreEqual((6 - 0.3f) / MathF.Sqrt(0.9f + 1.4f / 3 + 1e-5f), y[3], 1e-5f);
        Assert.AreEqual(0.3f, layer.Parameters[2].Value[0], 1e-6f, "inference changes nothing");
    }

    [TestMethod]
    public void A_frozen_batch_norm_runs_as_at_inference()
    {
        using var tape = new Tape { Training = true };
        var layer = new BatchNormLayer(new BatchNormDescription("norm"), new LayerShape(Sequence: false, 1));
        layer.Initialize(0);
        foreach (var parameter in layer.Parameters) parameter.Trainable = false;
        using var x = Tensor.From(new Shape(2, 1), [1, 3]);
        Assert.AreEqual(3f, layer.Forward(tape, new Signal(x, null) { Rows = 2 }).Numbers[1], 1e-4f);
        Assert.AreEqual(0f, layer.Parameters[2].Value[0]);
    }

    [TestMethod]
    public void Batch_norm_of_one_step_is_refused()
    {
        using var tape = new Tape { Training = true };
        var layer = new BatchNormLayer(new BatchNormDescription("norm"), new LayerShape(Sequence: false, 1));
        using var x = Tensor.From(new Shape(1, 1), [1]);
        Assert.Contains("at least 2", Assert.Throws<ArgumentException>(() => layer.Forward(tape, new Signal(x, null) { Rows = 1 })).Message);
    }

    private static void Activate(GoldenCase c, DenseActivation activation) => c.Result(ActivationLayer.Apply(c.Tape, c["x"], activation));

    // The running statistics in the case are those after the step.
    private static void BatchNorm(GoldenCase c, bool training)
    {
        var layer = new BatchNormLayer(new BatchNormDescription("norm") { Epsilon = c.Extra.GetProperty("epsilon").GetSingle() },
            new LayerShape(Sequence: false, 5));
        layer.Initialize(0);
        c.Bind("gamma", layer.Parameters[0]);
        c.Bind("beta", layer.Parameters[1]);
        if (!training)
        {
            Read("runningMean").CopyTo(layer.Parameters[2].Value.Span);
            Read("runningVar").CopyTo(layer.Parameters[3].Value.Span);
        }

        c.Tape.Training = training;
        c.Result(layer.Forward(c.Tape, new Signal(c["x"], null) { Rows = 6 }).Numbers);

        float[] Read(string name) => [.. c.Extra.GetProperty(name).EnumerateArray().Select(value => value.GetSingle())];
    }
}
