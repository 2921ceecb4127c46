using Google.Protobuf;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.Recurrent.Distributions;
using Microsoft.ML.Recurrent.Likelihoods;
using Microsoft.ML.Recurrent.Onnx;
using Microsoft.ML.Recurrent.Onnx.Layers;

namespace Microsoft.ML.Recurrent.Tests.Onnx;

/// <summary>Quantiles of the likelihoods' distributions as nodes of a graph, against the distribution functions themselves.</summary>
[TestClass]
public sealed class QuantileExportTests
{
    private static readonly float[] s_scores = [-6, -4, -3, -2, -1.2f, -0.7f, -0.2f, 0, 0.1f, 0.5f, 1, 1.8f, 2.5f, 3.5f, 4.5f, 6];

    // What the graph says of parameters and scores, all of one length.
    private static float[] Run(Likelihood distribution, float[][] parameters, float[] scores)
    {
        var model = new OnnxModelBuilder(17, "quantile", ["score", "quantile", "unit", .. parameters.Select((_, i) => $"p{i}")]);
        model.Input("score", OnnxType.Single, "rows", 1);
        for (var i = 0; i < parameters.Length; i++) model.Input($"p{i}", OnnxType.Single, "rows", 1);
        var unit = distribution.IsInDataUnit ? model.Add(model.Multiply("score", model.Scalar(0f)), model.Scalar(1f)) : null;
        model.Output("quantile", distribution.Quantile(model, new StepParameters<string>(i => $"p{i}"), unit!, "score"), OnnxType.Single, "rows", 1);
        using var session = new InferenceSession(model.Model.ToByteArray());
        var inputs = parameters.Select((values, i) => ($"p{i}", values)).Append(("score", scores)).ToDictionary(pair => pair.Item1,
            pair => OrtValue.CreateTensorValueFromMemory(pair.Item2, [scores.Length, 1]));
        using var options = new RunOptions();
        using var results = session.Run(options, inputs, ["quantile"]);
        foreach (var value in inputs.Values) value.Dispose();
        return results[0].GetTensorDataAsSpan<float>().ToArray();
    }

    // The number whose softplus it is.
    private static float Inverse(double softplus) => (float)(softplus > 30 ? softplus : Math.Log(Math.Exp(softplus) - 1));

    [TestMethod]
    public void Students_t_is_good_to_a_hundred_thousandth_of_the_probability_of_its_tail()
    {
        var cases = (from freedom in new[] { 2.0001, 2.1, 2.7, 3, 4.3, 7, 15, 60, 400, 1e5 } from score in s_scores select (freedom, score)).ToArray();
        var values = Run(StudentTLikelihood.Instance, [[.. cases.Select(pair => Inverse(pair.freedom - 2))], [.. cases.Select(_ => 3f)],
            [.. cases.Select(_ => Inverse(2))]], [.. cases.Select(pair => pair.score)]);
        for (var i = 0; i < cases.Length; i++)
        {
            var (freedom, score) = cases[i];
            var t = (values[i] - 3) / 2;
            // P(|T| > t) = I(freedom / (freedom + t^2); freedom / 2, 1/2).
            var tail = SpecialFunctions.RegularizedBeta(freedom / 2, 0.5, freedom / (freedom + (double)t * t)) / 2;
            var expected = StandardNormal.Cumulative(-Math.Abs(score));
            Assert.AreEqual(expected, tail, 2e-4 * expected + 1e-6, $"{freedom} degrees at {score}: {t}");
            Assert.AreEqual(Math.Sign(score), Math.Abs(t) < 1e-6 ? 0 : Math.Sign(t));
            Assert.AreEqual(StudentTQuantile.At(score, freedom), t, 1e-4 * Math.Max(1, Math.Abs(t)));
        }
    }

    [TestMethod]
    [DataRow(0.01, 15.0, 1e-3, 12.0, 1e-5)] // counted one by one
    [DataRow(16.5, 5000.0, 1e-4, 0.5, 2e-3)] // by the saddlepoint
    [DataRow(16.5, 5000.0, 0.5, 0.99, 5e-3)]
    [DataRow(17.0, 60.0, 1.01, 4.0, 1e-4)] // counted, or beyond 512
    public void Counts_reach_their_probability(double leastMean, double greatestMean, double leastDispersion, double greatestDispersion, double tolerance)
    {
        double[] Grid(double from, double to) => [.. Enumerable.Range(0, 7).Select(i => from * Math.Pow(to / from, i / 6.0))];
        var cases = (from mean in Grid(leastMean, greatestMean)
                     from dispersion in Grid(leastDispersion, greatestDispersion)
                     from score in s_scores
                     where Math.Abs(score) < 4
                     select (mean, dispersion, score)).ToArray();
        var counts = Run(NegativeBinomialLikelihood.Instance, [[.. cases.Select(c => Inverse(c.mean))], [.. cases.Select(c => Inverse(c.dispersion))]],
            [.. cases.Select(c => c.score)]);
        for (var i = 0; i < cases.Length; i++)
        {
            var (mean, dispersion, score) = cases[i];
            var (count, level, r) = (counts[i], StandardNormal.Cumulative(score), 1 / dispersion);
            Assert.AreEqual(MathF.Floor(count), count);
            NumberAssert.IsGreaterThanOrEqualTo(0, count);
            double Cumulative(double k) => k < 0 ? 0 : SpecialFunctions.RegularizedBeta(r, k + 1, r / (r + mean));
            var slack = count > CountQuantileExporter.MostCounted && dispersion > 1 ? 2e-2 : tolerance;
            Assert.IsTrue(Cumulative(count) >= level - slack && Cumulative(count - 1) <= level + slack,
                $"mean {mean}, dispersion {dispersion}, score {score}: {count}, of probabilities {Cumulative(count - 1)} to {Cumulative(count)}, "
                    + $"wanted {level}");
        }
    }
}
