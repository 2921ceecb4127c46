using Microsoft.ML.Data;
using static Microsoft.ML.Recurrent.Tests.Training.SequenceTasks;

namespace Microsoft.ML.Recurrent.Tests.Regression;

/// <summary>What the losses make of noise that leans to one side: the mean, the median, a quantile, and what lies between.</summary>
[TestClass]
public sealed class RegressionLossTests
{
    private static readonly MLContext Context = new(1);

    /// <summary>
    /// Labels with noise that is mostly small and now and then large, from 0 upward, as the square of an exponential variable, doubled: its mean is 4, its
    /// median 1, its quantile of 90% 10.6.
    /// </summary>
    private static readonly SumRow[] s_rows = Noisy(1200, 1), s_others = Noisy(600, 2);

    [TestMethod]
    [DataRow(0.1f)]
    [DataRow(0.5f)]
    [DataRow(0.9f)]
    public void That_share_of_labels_lies_below_a_quantile(float level)
    {
        var below = Errors(new() { Loss = { Kind = RegressionLoss.Quantile, QuantileLevel = level } }).Count(error => error <= 0) / (double)s_others.Length;
        Assert.AreEqual(level, below, 0.06);
    }

    [TestMethod]
    public void Outliers_count_less_the_smaller_the_delta()
    {
        var mean = Bias(new());
        var (wide, narrow) = (Bias(new()
        {
            Loss = { Kind = RegressionLoss.Huber, HuberDelta = 10 },
        }), Bias(new()
        {
            Loss = { Kind = RegressionLoss.Huber, HuberDelta = 0.05f },
        }));
        var absolute = Bias(new() { Loss = { Kind = RegressionLoss.AbsoluteError } });
        var smooth = Bias(new() { Loss = { Kind = RegressionLoss.LogCosh } });
        // By how much answers lie above what the label is without its noise.
        Assert.AreEqual(mean, wide, 0.7);
        NumberAssert.IsLessThan(mean - 0.8, narrow);
        NumberAssert.IsLessThan(mean - 1.2, absolute);
        Assert.IsTrue(absolute < smooth && smooth < mean + 0.5, $"{absolute} {smooth} {mean}");
    }

    private static double Bias(RecurrentRegressionTrainer.Options options) => -Errors(options).Average() + Noise(2).Take(s_others.Length).Average();

    // Label less answer.
    private static float[] Errors(RecurrentRegressionTrainer.Options options)
    {
        (options.Network.HiddenSize, options.Stopping.MaximumNumberOfEpochs, options.Optimizer.LearningRate, options.Seed) = (12, 20, 0.01f, 3);
        using var model = Context.Regression.Trainers.RecurrentNetwork(options).Fit(Context.Data.LoadFromEnumerable(s_rows));
        return [.. model.Transform(Context.Data.LoadFromEnumerable(s_others)).GetColumn<float>("Score").Zip(s_others, (score, row) => row.Label - score)];
    }

    private static SumRow[] Noisy(int count, int seed) =>
        [.. Sums(count, seed).Zip(Noise(seed), (row, noise) => new SumRow { Features = row.Features, Label = row.Label / 10 + noise })];

    private static IEnumerable<float> Noise(int seed)
    {
        var random = new Random(seed);
        while (true)
        {
            var draw = -Math.Log(1 - random.NextDouble());
            yield return (float)(2 * draw * draw);
        }
    }
}
