using System.Text.Json;
using Microsoft.ML.Recurrent.Autograd;
using Microsoft.ML.Recurrent.Optimizers;
using Microsoft.ML.Recurrent.Tensors;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Recurrent.Core.Tests.Optimizers;

/// <summary>25 steps on mean((A w - b)^2), each held to PyTorch's trajectory.</summary>
[TestClass]
public class OptimizerTests
{
    [TestMethod]
    [DataRow("sgd")]
    [DataRow("sgdMomentum")]
    [DataRow("sgdNesterov")]
    [DataRow("sgdL2")]
    [DataRow("adam")]
    [DataRow("adamL2")]
    [DataRow("adamW")]
    public void Follows(string name) => Run(name, config => name switch
    {
        "sgd" => new Sgd(),
        "sgdMomentum" or "sgdNesterov" => new Sgd { Momentum = Number(config, "momentum"), Nesterov = name == "sgdNesterov" },
        "sgdL2" => new Sgd { WeightDecay = Number(config, "weightDecay") },
        "adam" => new Adam(),
        _ => new Adam { WeightDecay = Number(config, "weightDecay"), Decoupled = name == "adamW" },
    });

    [TestMethod]
    public void ClippingFollows() => Run("clipNorm", _ => new Sgd(), clip: true);

    [TestMethod]
    public void FrozenParametersStay()
    {
        using var parameter = new Parameter("layer.weight", new Shape(2), trainable: false);
        using var optimizer = new Adam();
        parameter.Gradient.Span.Fill(1);
        optimizer.Step([parameter], 0.1f);
        CollectionAssert.AreEqual(new float[2], parameter.Value.Span.ToArray());
    }

    internal static float Number(JsonElement config, string name) => config.GetProperty(name).GetSingle();

    internal static void Run(string name, Func<JsonElement, Optimizer> create, bool clip = false)
    {
        var golden = GoldenVectors.Case("optimizers.json", name);
        var (a, b, w0) = (golden.Tensor("A").Data, golden.Tensor("b").Data, golden.Tensor("w0"));
        using var w = new Parameter("w", new Shape(w0.Data.Length));
        w0.ToSingles().CopyTo(w.Value.Span);
        using var optimizer = create(golden.GetProperty("config"));
        var (rates, trajectory) = (golden.GetProperty("learningRates"), golden.GetProperty("trajectory"));
        for (var step = 0; step < trajectory.GetArrayLength(); step++)
        {
            var gradient = Gradient(a, b, w.Value.Span);
            w.ZeroGradient();
            gradient.CopyTo(w.Gradient.Span);
            var norm = GradientClipping.GlobalNorm([w]);
            if (clip) Assert.AreEqual(golden.GetProperty("gradNorms")[step].GetDouble(), norm, 1e-4, "gradient norm");
            var scale = clip ? GradientClipping.ScaleFor(norm, Number(golden.GetProperty("config"), "clipNorm")) : 1;
            optimizer.Step([w], rates[step].GetSingle(), scale);
            var expected = trajectory[step];
            GoldenVectors.AssertClose(expected.ValueKind == JsonValueKind.Object ? expected.ToTensor().Data : [.. expected.EnumerateArray().Select(v => v.GetDouble())],
                w.Value.Span, $"weights after step {step + 1}");
        }
    }

    // 2/n A^T (A w - b), in double precision.
    private static float[] Gradient(double[] a, double[] b, ReadOnlySpan<float> w)
    {
        var gradient = new double[w.Length];
        for (var i = 0; i < b.Length; i++)
        {
            var error = -b[i];
            for (var j = 0; j < w.Length; j++) error += a[i * w.Length + j] * w[j];
            for (var j = 0; j < w.Length; j++) gradient[j] += 2 * error * a[i * w.Length + j] / b.Length;
        }

        return Array.ConvertAll(gradient, g => (float)g);
    }
}
