using Microsoft.ML.Recurrent.Autograd;
using Microsoft.ML.Recurrent.Likelihoods;
using Microsoft.ML.Recurrent.Losses;
using Microsoft.ML.Recurrent.Tensors;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Recurrent.Core.Tests.Losses;

/// <summary>Missing targets add nothing to a loss and have no gradient; the other targets are unaffected.</summary>
[TestClass]
public class MissingTargetTests
{
    private static readonly Dictionary<string, (int Parameters, Func<Tape, Tensor, Tensor, Tensor> Loss)> s_losses = new()
    {
        ["squared"] = (1, (tape, x, t) => RegressionLosses.MeanSquaredError(tape, x, t)),
        ["absolute"] = (1, (tape, x, t) => RegressionLosses.MeanAbsoluteError(tape, x, t)),
        ["huber"] = (1, (tape, x, t) => RegressionLosses.Huber(tape, x, t, 0.5f)),
        ["log-cosh"] = (1, (tape, x, t) => RegressionLosses.LogCosh(tape, x, t)),
        ["quantile"] = (2, (tape, x, t) => DistributionLosses.Quantile(tape, x, t, [0.1f, 0.7f])),
        ["gaussian"] = (2, (tape, x, t) => GaussianLikelihood.Instance.Loss(tape, x, t)),
        ["student"] = (3, (tape, x, t) => StudentTLikelihood.Instance.Loss(tape, x, t)),
        ["negative binomial"] = (2, (tape, x, t) => NegativeBinomialLikelihood.Instance.Loss(tape, x, t)),
    };

    public static IEnumerable<object[]> Names => s_losses.Keys.Select(name => new object[] { name });

    [TestMethod]
    [DynamicData(nameof(Names))]
    public void Count_for_nothing(string name)
    {
        const int rows = 2, n = 3, missing = 4;
        var (parameters, loss) = s_losses[name];
        var random = new RandomStream(3);
        var predictions = Enumerable.Range(0, rows * n * parameters).Select(_ => (float)random.NextGaussian()).ToArray();
        float[] targets = [1, 3, 0, 2, float.NaN, 5];
        var (value, slopes) = Run(targets);
        // The same loss target by target without the missing one, divided by the same count.
        var (sum, expected) = (0.0, new float[predictions.Length]);
        for (var i = 0; i < targets.Length; i++)
        {
            if (i == missing) continue;
            var (row, column) = (i / n, i % n);
            using var tape = new Tape();
            using var x = Tape.Watch(Tensor.From(new Shape(1, parameters),
                [.. Enumerable.Range(0, parameters).Select(k => predictions[row * n * parameters + k * n + column])]));
            using var t = Tensor.From(new Shape(1, 1), [targets[i]]);
            var one = loss(tape, x, t);
            sum += one[0];
            tape.Backward(one);
            for (var k = 0; k < parameters; k++) expected[row * n * parameters + k * n + column] = x.Gradient![k] / targets.Length;
        }
        Assert.AreEqual(sum / targets.Length, value, 1e-5);
        for (var i = 0; i < slopes.Length; i++) Assert.AreEqual(expected[i], slopes[i], 1e-6f, $"slope {i}");

        (double, float[]) Run(float[] targets)
        {
            using var tape = new Tape();
            using var x = Tape.Watch(Tensor.From(new Shape(rows, n * parameters), predictions));
            using var t = Tensor.From(new Shape(rows, n), targets);
            var all = loss(tape, x, t);
            var value = all[0];
            tape.Backward(all);
            return (value, x.Gradient!.Span.ToArray());
        }
    }
}
