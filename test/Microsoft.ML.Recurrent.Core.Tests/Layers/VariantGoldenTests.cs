using Microsoft.ML.Recurrent.Autograd;
using Microsoft.ML.Recurrent.Autograd.Operations;
using Microsoft.ML.Recurrent.Layers;
using Microsoft.ML.Recurrent.Losses;
using Microsoft.ML.Recurrent.Tensors;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Recurrent.Core.Tests.Layers;

/// <summary>Every case of variants.json through the real layers.</summary>
[TestClass]
public class VariantGoldenTests
{
    public static IEnumerable<object[]> Recurrent => Indices("rnn", "lstmProjection", "lstmZoneout", "lstmVariationalDropout", "lstmLayerNorm");

    public static IEnumerable<object[]> Stacks => Indices("lstmDilated", "lstmResidual");

    public static IEnumerable<object[]> Attention => Indices("multiHeadSelfAttention");

    [TestMethod]
    [DynamicData(nameof(Recurrent))]
    public void Recurrent_layers_match(int index)
    {
        using var c = new GoldenCase(GoldenVectors.Read("variants.json")[index]);
        var name = c.Json.GetProperty("name").GetString();
        var layer = Layer(c, name == "rnn" ? RecurrentCell.SimpleRnn : RecurrentCell.Lstm, c["x"].Shape[2],
            c.Json.GetProperty("weights").Tensor("weight_ih").Shape[0] / (name == "rnn" ? 1 : 4));
        Bind(c, layer, "");
        c.Tape.Training = c.Extra.TryGetProperty("training", out var training) && training.GetBoolean();
        SteppedMasks? masks = c.Tape.Training || name == "lstmVariationalDropout"
            ? new SteppedMasks(Mask(c, "hiddenMask"), Mask(c, "keepHidden"), Mask(c, "keepCell"))
            : null;
        var lstm = name != "rnn";
        var x = Mask(c, "inputMask") is { } mask ? DropoutOperation.Apply(c.Tape, c["x"], mask) : c["x"];
        var result = layer.Run(c.Tape, x, null, new RecurrentState(c["h0"], lstm ? c["c0"] : null), null, masks);
        c.Result(result.Y);
        c.Result(result.Forward.H, "hn");
        if (lstm) c.Result(result.Forward.C!, "cn");
        c.Gradients();
    }

    [TestMethod]
    [DynamicData(nameof(Stacks))]
    public void Stacks_match(int index)
    {
        using var c = new GoldenCase(GoldenVectors.Read("variants.json")[index]);
        var dilations = c.Extra.MaybeIntegers("dilations");
        var signal = new Signal(c["x"], null) { Time = c["x"].Shape[0], Rows = c["x"].Shape[1] };
        for (var i = 0; i < 3; i++)
        {
            var description = new RecurrentDescription($"lstm_{i}", RecurrentCell.Lstm, 4)
            {
                Dilation = dilations?[i] ?? 1,
                Residual = dilations is null && i > 0
            };
            var layer = new RecurrentLayer(description, new LayerShape(true, signal.Numbers.Shape.Columns));
            Bind(c, layer, $"_l{i}");
            signal = layer.Forward(c.Tape, signal);
        }

        c.Result(signal.Numbers);
        c.Gradients();
    }

    [TestMethod]
    [DynamicData(nameof(Attention))]
    public void Self_attention_matches(int index)
    {
        using var c = new GoldenCase(GoldenVectors.Read("variants.json")[index], batchFirst: true);
        var layer = new SelfAttentionLayer(new SelfAttentionDescription("attention",
            c.Extra.GetProperty("heads").GetInt32())
        { Causal = c.Extra.GetProperty("causal").GetBoolean() }, new LayerShape(true, 4));
        string[] parts = ["q", "k", "v", "o"];
        for (var i = 0; i < parts.Length; i++)
        {
            c.Bind($"w_{parts[i]}", layer.Parameters[2 * i]);
            c.Bind($"b_{parts[i]}", layer.Parameters[2 * i + 1]);
        }

        c.Result(layer.Forward(c.Tape, new Signal(c["x"], c.Extra.MaybeIntegers("lengths")) { Time = 5, Rows = 2 }).Numbers);
        c.Gradients();
    }

    [TestMethod]
    [DataRow("leakyRelu", DenseActivation.LeakyRelu)]
    [DataRow("silu", DenseActivation.Silu)]
    public void Activations_match(string name, DenseActivation activation)
    {
        using var c = new GoldenCase(GoldenVectors.Case("variants.json", name));
        c.Result(ActivationLayer.Apply(c.Tape, c["x"], activation));
        c.Gradients();
    }

    [TestMethod]
    public void Gaussian_kl_matches()
    {
        using var c = new GoldenCase(GoldenVectors.Case("variants.json", "gaussianKl"));
        // A mean over rows that are weighted by their upstream gradients, times the sum of these, is the loss of the case.
        using var weights = GoldenVectors.Case("variants.json", "gaussianKl").GetProperty("upstream").Tensor("y").ToTensor();
        var sum = weights.Span[0] + weights.Span[1];
        var loss = GaussianKlLoss.Apply(c.Tape, ConcatOperation.Apply(c.Tape, c["mean"], c["logVariance"]), weights);
        Assert.AreEqual(c.Json.GetProperty("loss").GetDouble(), sum * loss.Span[0], 1e-5);
        Tape.GradientOf(loss)!.Span[0] = sum;
        c.Gradients();
    }

    private static RecurrentLayer Layer(GoldenCase c, RecurrentCell cell, int features, int hidden)
    {
        float Number(string name) => c.Extra.TryGetProperty(name, out var value) ? value.GetSingle() : 0;
        var activation = c.Extra.TryGetProperty("activation", out var named) ? Enum.Parse<RecurrentActivation>(named.GetString()!, ignoreCase: true) : default;
        return new RecurrentLayer(new RecurrentDescription("layer", cell, hidden)
        {
            Activation = activation, Projection = (int)Number("projection"), ZoneoutHidden = Number("zoneoutHidden"), ZoneoutCell = Number("zoneoutCell"),
            LayerNormalization = c.Json.GetProperty("name").GetString() == "lstmLayerNorm",
        }, new LayerShape(true, features));
    }

    // The cases have one bias, used as bias_ih; bias_hh stays zero.
    private static void Bind(GoldenCase c, RecurrentLayer layer, string suffix)
    {
        layer.Initialize(0);
        foreach (var parameter in layer.Parameters)
        {
            var own = parameter.Name[(parameter.Name.IndexOf('.') + 1)..];
            if (own == "bias_hh") continue;
            c.Bind(own switch { "bias_ih" => "bias", "gain_ih" => "gamma_ih", "gain_hh" => "gamma_hh", "gain_c" => "gamma_c", "bias_c" => "beta_c", _ => own }
                + suffix, parameter);
        }
    }

    private static Tensor? Mask(GoldenCase c, string name) => c.Extra.MaybeTensor(name)?.ToTensor();

    /// <summary>If the vectors are missing, one case per test, so that it is reported as inconclusive.</summary>
    private static IEnumerable<object[]> Indices(params string[] names) => !SharedFolder.IsPresent ? [[0]] :
        GoldenVectors.Read("variants.json").Select((c, i) => (Name: c.GetProperty("name").GetString(), i)).Where(c => names.Contains(c.Name))
            .Select(c => new object[] { c.i });
}
