using System.Text.Json;
using Microsoft.ML.Recurrent.Autograd;
using Microsoft.ML.Recurrent.Losses;
using Microsoft.ML.Recurrent.Tensors;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Recurrent.Core.Tests.Losses;

[TestClass]
public class LossTests
{
    private static readonly float[] s_weights = [1, 0, 2.5f, 0.25f];

    [TestMethod]
    [DataRow("mse")]
    [DataRow("l1")]
    [DataRow("huber")]
    [DataRow("binaryCrossEntropyWithLogits")]
    public void Of_numbers_match_the_golden_vectors(string name) => Match(name, (tape, x, golden) =>
    {
        var targets = golden.Tensor("targets").ToTensor();
        return name switch
        {
            "mse" => RegressionLosses.MeanSquaredError(tape, x, targets),
            "l1" => RegressionLosses.MeanAbsoluteError(tape, x, targets),
            "huber" => RegressionLosses.Huber(tape, x, targets, golden.GetProperty("extra").GetProperty("delta").GetSingle()),
            _ => ClassificationLosses.BinaryCrossEntropy(tape, x, targets.Span),
        };
    });

    [TestMethod]
    public void Softmax_cross_entropy_matches_the_golden_vector() =>
        Match("softmaxCrossEntropy", (tape, x, golden) => ClassificationLosses.SoftmaxCrossEntropy(tape, x, Labels(golden)));

    [TestMethod]
    public void Row_weights_make_a_weighted_mean()
    {
        using var weights = Tensor.From(new Shape(4), s_weights);
        double[] targets = [0.3, -1, 2, 0.1, 0.7, -0.2, 1.5, 0];
        using var wanted = Tensor.From(new Shape(4, 2), Array.ConvertAll(targets, t => (float)t));
        GradientChecker.Check((tape, x) => [RegressionLosses.MeanSquaredError(tape, x[0], wanted, weights)],
            x => [[Weighted(row => Enumerable.Range(0, 2).Average(j => Math.Pow(x[0][row * 2 + j] - (float)targets[row * 2 + j], 2)))]], new Shape(4, 2));
        GradientChecker.Check((tape, x) => [RegressionLosses.Huber(tape, x[0], wanted, 0.5f, weights)],
            x => [[Weighted(row => Enumerable.Range(0, 2).Average(j => HuberOf(x[0][row * 2 + j] - (float)targets[row * 2 + j])))]], new Shape(4, 2));

        GradientChecker.Check((tape, x) => [RegressionLosses.LogCosh(tape, x[0], wanted, weights)],
            x => [[Weighted(row => Enumerable.Range(0, 2).Average(j => Math.Log(Math.Cosh(x[0][row * 2 + j] - (float)targets[row * 2 + j]))))]],
            new Shape(4, 2));
        GradientChecker.Check((tape, x) => [DistributionLosses.Quantile(tape, x[0], wanted, [0.8f], weights)],
            x => [[Weighted(row => Enumerable.Range(0, 2).Average(j => (float)targets[row * 2 + j] - x[0][row * 2 + j] is var error && error >= 0
                ? 0.8f * error
                : (0.8f - 1) * error))]], new Shape(4, 2));

        int[] labels = [2, 0, 1, 2];
        GradientChecker.Check((tape, x) => [ClassificationLosses.SoftmaxCrossEntropy(tape, x[0], labels, weights)],
            x => [[Weighted(row => Math.Log(Enumerable.Range(0, 3).Sum(j => Math.Exp(x[0][row * 3 + j]))) - x[0][row * 3 + labels[row]])]], new Shape(4, 3));
        float[] signs = [1, 0, 0, 1];
        GradientChecker.Check((tape, x) => [ClassificationLosses.BinaryCrossEntropy(tape, x[0], signs, weights)],
            x => [[Weighted(row => Math.Log(1 + Math.Exp((1 - 2 * signs[row]) * x[0][row])))]], new Shape(4, 1));

        // Label smoothing and class weights.
        GradientChecker.Check((tape, x) => [ClassificationLosses.BinaryCrossEntropy(tape, x[0], signs, weights, 0.1f, [(0.5f, 3)])],
            x => [[Weighted(row => 3 * (0.05 + 0.9 * signs[row]) * Math.Log(1 + Math.Exp(-x[0][row]))
                + 0.5 * (0.95 - 0.9 * signs[row]) * Math.Log(1 + Math.Exp(x[0][row])))]], new Shape(4, 1));

        static double HuberOf(double error) => Math.Abs(error) <= 0.5 ? 0.5 * error * error : 0.5 * (Math.Abs(error) - 0.25);
    }

    [TestMethod]
    public void A_row_of_weight_zero_counts_for_nothing_whatever_it_holds()
    {
        using var tape = new Tape();
        using var weights = Tensor.From(new Shape(2), [1, 0]);
        using var x = Tape.Watch(Tensor.From(new Shape(2, 1), [3, float.NaN]));
        using var targets = Tensor.From(new Shape(2, 1), [1, 1]);
        var loss = RegressionLosses.MeanSquaredError(tape, x, targets, weights);
        Assert.AreEqual(4, loss[0]);
        tape.Backward(loss);
        CollectionAssert.AreEqual(new float[] { 4, 0 }, x.Gradient!.Span.ToArray());
    }

    [TestMethod]
    public void The_logarithm_of_a_cosine_does_not_overflow()
    {
        using var tape = new Tape();
        using var x = Tape.Watch(Tensor.From(new Shape(3, 1), [1000, -1000, float.NaN]));
        using var targets = Tensor.From(new Shape(3, 1), [0, 0, 0]);
        using var weights = Tensor.From(new Shape(3), [1, 1, 0]);
        var loss = RegressionLosses.LogCosh(tape, x, targets, weights);
        Assert.AreEqual(1000 - MathF.Log(2), loss[0], 1e-3f);
        tape.Backward(loss);
        CollectionAssert.AreEqual(new[] { 0.5f, -0.5f, 0 }, x.Gradient!.Span.ToArray());
    }

    [TestMethod]
    public void A_loss_used_in_a_sum_is_scaled_by_its_upstream()
    {
        using var tape = new Tape();
        using var x = Tape.Watch(Tensor.From(new Shape(2, 1), [3, 5]));
        using var targets = Tensor.From(new Shape(2, 1), [1, 1]);
        var first = RegressionLosses.MeanSquaredError(tape, x, targets);
        var second = RegressionLosses.MeanAbsoluteError(tape, x, targets);
        Tape.GradientOf(first)!.Span[0] = 2;
        Tape.GradientOf(second)!.Span[0] = 10;
        tape.Backward();
        CollectionAssert.AreEqual(new float[] { 2 * 2 + 5, 2 * 4 + 5 }, x.Gradient!.Span.ToArray());
    }

    [TestMethod]
    public void A_class_that_is_not_there_is_named()
    {
        using var tape = new Tape();
        using var x = Tensor.Zeros(new Shape(2, 3));
        Assert.Contains("3", Assert.Throws<ArgumentException>(() => ClassificationLosses.SoftmaxCrossEntropy(tape, x, [0, 3])).Message);
        Assert.Throws<ArgumentException>(() => ClassificationLosses.SoftmaxCrossEntropy(tape, x, [0]));
    }

    internal static int[] Labels(JsonElement golden) => golden.GetProperty("targets").ValueKind == JsonValueKind.Array
        ? golden.MaybeIntegers("targets")! : Array.ConvertAll(golden.Tensor("targets").Data, t => (int)t);

    internal static void Match(string name, Func<Tape, Tensor, JsonElement, Tensor> loss)
    {
        var golden = GoldenVectors.Case("losses.json", name);
        using var tape = new Tape();
        using var x = Tape.Watch(golden.GetProperty("inputs")[0].ToTensor().ToTensor());
        var value = loss(tape, x, golden);
        GoldenVectors.AssertClose([golden.GetProperty("value").GetDouble()], value.Span, "value");
        tape.Backward(value);
        GoldenVectors.AssertClose(golden.GetProperty("grads")[0].ToTensor(), x.Gradient!.Span, "gradient", gradient: true);
    }

    private static double Weighted(Func<int, double> row) => Enumerable.Range(0, 4).Sum(r => s_weights[r] * row(r)) / s_weights.Sum();
}
