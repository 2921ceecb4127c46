using Google.Protobuf;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.Recurrent.Autograd;
using Microsoft.ML.Recurrent.Likelihoods;
using Microsoft.ML.Recurrent.Model;
using Microsoft.ML.Recurrent.Networks;
using Microsoft.ML.Recurrent.Onnx;
using Microsoft.ML.Recurrent.Tensors;

namespace Microsoft.ML.Recurrent.Tests.Onnx;

/// <summary>A likelihood's formulas over tensors, single numbers and nodes of a graph come to the same numbers.</summary>
[TestClass]
public sealed class LikelihoodGraphTests
{
    private const int Rows = 40;

    public static IEnumerable<object[]> Names => Enum.GetNames<LikelihoodName>().Select(name => new object[] { name });

    [TestMethod]
    [DynamicData(nameof(Names))]
    public void Tensors_and_graph_decode_the_same(string name)
    {
        var likelihood = Create(name);
        var (parameters, unit) = (Parameters(likelihood), Units());
        using var tape = new Tape { Recording = false };
        Tensor[] tensors = [.. parameters.Select(values => tape.Keep(Tensor.From(new Shape(Rows, 1), values)))];
        var onTape = All(likelihood, new TensorArithmetic(tape), new StepParameters<Tensor>(k => tensors[k]), tape.Keep(Tensor.From(new Shape(Rows, 1), unit)));
        var inGraph = Run(likelihood, parameters, unit, [], (model, names, units) => All(likelihood, model, names, units));
        Assert.HasCount(onTape.Length, inGraph);
        for (var k = 0; k < onTape.Length; k++)
        {
            for (var row = 0; row < Rows; row++) Close(onTape[k][row], inGraph[k][row], $"answer {k} of row {row}");
        }
    }

    [TestMethod]
    [DynamicData(nameof(Names))]
    public void Numbers_and_graph_draw_the_same(string name)
    {
        var likelihood = Create(name);
        // Of few counts the graph adds up probabilities, as exactly as the function; of many it approximates (QuantileExportTests).
        var (parameters, unit) = (Parameters(likelihood), Units());
        float[] scores = [.. Enumerable.Range(0, Rows).Select(row => -2.5f + 5f * row / (Rows - 1))];
        if (!likelihood.IsDistribution)
        {
            var first = new StepParameters<double>(k => parameters[k][0]);
            Assert.ThrowsExactly<InvalidOperationException>(() => likelihood.Quantile(ScalarArithmetic.Instance, first, 1, 0));
            return;
        }

        var inGraph = Run(likelihood, parameters, unit, scores, (model, names, units) => [likelihood.Quantile(model, names, units, "score")])[0];
        using var values = Tensor.From(new Shape(parameters.Length * Rows), parameters.SelectMany(column => column).ToArray());
        var numbers = new ScalarParameters(values, Rows);
        for (var row = 0; row < Rows; row++)
        {
            numbers.Start = row;
            Close((float)likelihood.Quantile(ScalarArithmetic.Instance, numbers, unit[row], scores[row]), inGraph[row], $"row {row}");
        }
    }

    [TestMethod]
    [DynamicData(nameof(Names))]
    public void The_forecast_that_is_fed_on_is_the_center_and_has_its_slope(string name)
    {
        var likelihood = Create(name);
        foreach (var x in new[] { -20f, -3, -0.4f, 0, 0.7f, 5, 30 })
        {
            const double Step = 1e-5;
            double At(double parameter) => likelihood.Forecast(ScalarArithmetic.Instance, parameter, 2.5);
            var value = likelihood.Forecast(x, 2.5f, out var slope);
            Close((float)At(x), value, $"value at {x}");
            // Below the least mean the forecast is held, but training is still told which way is up.
            if (x > -10) Close((float)((At(x + Step) - At(x - Step)) / (2 * Step)), slope, $"slope at {x}");
            else Assert.IsTrue(slope is > 0 and <= 1);
        }
    }

    [TestMethod]
    [DynamicData(nameof(Names))]
    public void Decoders_keep_distributions_by_name(string name)
    {
        var likelihood = Create(name) is { IsDistribution: true } distribution ? distribution : null;
        var decoder = new DecoderDescription { Steps = 1, Targets = 1, Distribution = likelihood };
        var description = new NetworkDescription { Features = 1, Layers = [], Outputs = 2, Decoder = decoder };
        var text = ModelJson.Write(description);
        StringAssert.Contains(text, $"\"distribution\":\"{likelihood?.Name ?? "None"}\"");
        Assert.AreSame(likelihood, ModelJson.Read<NetworkDescription>(text)!.Decoder!.Distribution);
        var unknown = text.Replace($"\"{likelihood?.Name ?? "None"}\"", "\"Cauchy\"", StringComparison.Ordinal);
        Assert.ThrowsExactly<System.Text.Json.JsonException>(() => ModelJson.Read<NetworkDescription>(unknown));
    }

    [TestMethod]
    public void Every_likelihood_is_made_by_its_name()
    {
        foreach (var likelihood in Enum.GetValues<LikelihoodName>()) Assert.AreEqual(likelihood.ToString(), likelihood.ToOption().Create().Name);
        Assert.AreEqual("Gaussian, StudentT and NegativeBinomial", ForecastLikelihood.Those(likelihood => likelihood.IsDistribution));
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => LikelihoodFactory.Create("Cauchy")).Message, "'Cauchy'");
    }

    [TestMethod]
    public void Counts_are_whole_numbers_from_zero_on()
    {
        var domain = NegativeBinomialLikelihood.Instance.Domain!;
        foreach (var count in new[] { 0f, -0f, 1, 4711 }) Assert.IsTrue(domain.Holds(count));
        foreach (var other in new[] { -1f, 0.5f, float.NegativeInfinity }) Assert.IsFalse(domain.Holds(other));
    }

    private static Likelihood Create(string name) => LikelihoodFactory.Create(name, new() { Asked = [0.2, 0.9], ConfidenceLevel = 0.8f });

    // Numbers of both signs, so that quantiles cross; softplus of the greatest is far from 1.
    private static float[][] Parameters(Likelihood likelihood)
    {
        var random = new Random(5);
        return [.. Enumerable.Range(0, likelihood.ParametersPerStep).Select(_ => Enumerable.Range(0, Rows).Select(_ => Number()).ToArray())];

        float Number() => 5 * random.NextSingle() - 2.5f;
    }

    private static float[] Units() => [.. Enumerable.Range(0, Rows).Select(row => 1 + row % 4 * 0.5f)];

    private static T[] All<T>(Likelihood likelihood, IArithmetic<T> on, IStepParameters<T> parameters, T unit)
        where T : class
    {
        var decoded = likelihood.Decode(on, parameters, likelihood.IsInDataUnit ? unit : null);
        List<T> all = [decoded.Location, decoded.Lower, decoded.Upper, .. decoded.Quantiles,
            likelihood.Forecast(on, parameters[likelihood.ForecastParameter], unit)];
        if (likelihood.IsDistribution) all.AddRange([decoded.Scale!, likelihood.Deviation(on, parameters, decoded.Scale!)]);
        return [.. all];
    }

    private static float[][] Run(
        Likelihood likelihood, float[][] parameters, float[] units, float[] scores, Func<OnnxModelBuilder, StepParameters<string>, string, string[]> write)
    {
        Dictionary<string, float[]> inputs = new() { ["unit"] = units };
        for (var k = 0; k < parameters.Length; k++) inputs.Add($"p{k}", parameters[k]);
        if (scores.Length > 0) inputs.Add("score", scores);
        var model = new OnnxModelBuilder(17, likelihood.Name, [.. inputs.Keys, .. Enumerable.Range(0, 12).Select(i => $"answer{i}")]);
        foreach (var name in inputs.Keys) model.Input(name, OnnxType.Single, "rows", 1);
        var answers = write(model, new StepParameters<string>(k => $"p{k}"), "unit");
        for (var i = 0; i < answers.Length; i++) model.Output($"answer{i}", answers[i], OnnxType.Single, "rows", 1);
        using var session = new InferenceSession(model.Model.ToByteArray());
        var fed = inputs.ToDictionary(pair => pair.Key, pair => OrtValue.CreateTensorValueFromMemory(pair.Value, [Rows, 1]));
        using var options = new RunOptions();
        using var results = session.Run(options, fed, [.. answers.Select((_, i) => $"answer{i}")]);
        foreach (var value in fed.Values) value.Dispose();
        return [.. results.Select(result => result.GetTensorDataAsSpan<float>().ToArray())];
    }

    private static void Close(float expected, float actual, string message)
    {
        Assert.IsTrue(float.IsFinite(expected), message);
        Assert.AreEqual(expected, actual, 2e-5f * Math.Max(1, Math.Abs(expected)), message);
    }
}
