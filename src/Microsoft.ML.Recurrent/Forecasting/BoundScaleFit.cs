using Microsoft.ML.Recurrent.Networks;
using Microsoft.ML.Recurrent.Training;

namespace Microsoft.ML.Recurrent.Forecasting;

/// <summary>
/// Learns the weights of a <see cref="BoundScale"/> from the residuals of a sample of the training windows: by the likelihood of Laplace's distribution whose
/// scale is the exponential of a linear function (as in heteroscedastic regression, Harvey 1976), with a small ridge penalty, by Fisher scoring. Residuals of
/// training are smaller than those of the future; only their pattern is used.
/// </summary>
internal static class BoundScaleFit
{
    private const int MostWindows = 2048, StepsPerWindow = 4, Iterations = 30;

    // Fewer windows per feature would learn chance.
    private const int WindowsPerFeature = 20;

    private const double Ridge = 1e-3;

    // Residuals that are larger than this many times their expectation count as such.
    private const double Outlier = 20;

    /// <summary>Sets moments and weights; leaves them at 0 if there are too few windows.</summary>
    /// <param name="network">The trained network.</param>
    /// <param name="head">Its head.</param>
    /// <param name="scale">The scale.</param>
    /// <param name="train">The training windows.</param>
    /// <param name="unit">The unit of a target over a window and its constant part, by the output of the network, row and target.</param>
    public static void Apply(Network network, ForecastHead head, BoundScale scale, ExampleSet train,
        Func<NetworkOutput, int, int, (float Unit, float Least)> unit)
    {
        var count = scale.Features;
        var sample = train.Subsample(MostWindows);
        if (sample.Count < WindowsPerFeature * count) return;
        var targets = head.TargetsPerStep;
        List<(float[] Features, double Residual, int Step)>[] rows = [.. Enumerable.Range(0, targets).Select(_ => new List<(float[], double, int)>())];
        var seen = 0;
        foreach (var (tape, batch) in sample.Batches(256).ForInference())
        {
            var output = network.Forward(tape, batch);
            var (truth, forecast, horizon) = (head.Normalized(tape, output, batch.Targets!), head.Centers(tape, output), head.Steps / targets);
            for (var row = 0; row < batch.Rows; row++, seen++)
            {
                for (var i = 0; i < targets * Math.Min(StepsPerWindow, horizon); i++)
                {
                    // Steps in turn, so that all come equally often.
                    var (target, step) = (i % targets, (seen * StepsPerWindow + i / targets) % horizon);
                    var at = row * head.Steps + step * targets + target;
                    var (own, least) = unit(output, row, target);
                    var residual = Math.Abs(truth[at] - forecast[at]) / own;
                    if (!float.IsFinite(residual)) continue;
                    var features = new float[count];
                    scale.OfWindow(output.Window!, row, target, own, least, features.AsSpan(0, scale.WindowFeatures));
                    scale.OfFuture(output.Future, step, row, features.AsSpan(scale.WindowFeatures));
                    var mean = BoundScale.Mean(output.Window!, row, target);
                    scale.OfDistance(output, row, step, target, own, mean, features.AsSpan(scale.WindowFeatures + scale.FutureFeatures));
                    rows[target].Add((features, residual, step));
                }
            }
        }
        // The moments of what is ahead are the same for all targets: those of the last one.
        for (var target = 0; target < targets; target++) Apply(scale, target, rows[target], count, head.Steps / targets);
    }

    private static void Apply(BoundScale scale, int target, List<(float[] Features, double Residual, int Step)> rows, int count, int horizon)
    {
        if (rows.Count < WindowsPerFeature * count) return;
        var (means, deviations) = (new double[count], new double[count]);
        for (var k = 0; k < count; k++)
        {
            double sum = 0, squares = 0;
            foreach (var row in rows) sum += row.Features[k];
            means[k] = sum / rows.Count;
            foreach (var row in rows) squares += (row.Features[k] - means[k]) * (row.Features[k] - means[k]);
            // A feature that is constant has no weight.
            deviations[k] = Math.Sqrt(squares / rows.Count) is > 1e-4 and var deviation ? deviation : 1e9;
        }
        // Residuals in units of their step's mean.
        var (sums, numbers) = (new double[horizon], new int[horizon]);
        foreach (var (_, residual, step) in rows) (sums[step], numbers[step]) = (sums[step] + residual, numbers[step] + 1);
        var n = count + 1;
        var x = new double[rows.Count * n];
        for (var row = 0; row < rows.Count; row++)
        {
            for (var k = 0; k < count; k++) x[row * n + k] = BoundScale.Standardized(rows[row].Features[k], means[k], deviations[k]);
            x[row * n + count] = 1;
        }
        double[] residuals = [.. rows.Select(row => sums[row.Step] > 0 ? row.Residual * numbers[row.Step] / sums[row.Step] : 0)];
        var weights = Solve(x, residuals, n);
        for (var k = 0; k < count; k++) scale.Set(target, k, means[k], deviations[k], weights is null ? 0 : weights[k]);
    }

    // Fisher's information of the logarithm of the scale is the matrix of products of the features, whatever the scale.
    private static double[]? Solve(double[] x, double[] residuals, int n)
    {
        var factor = new double[n * n];
        for (var row = 0; row < residuals.Length; row++)
        {
            for (var i = 0; i < n; i++)
            {
                for (var j = 0; j < n; j++) factor[i * n + j] += x[row * n + i] * x[row * n + j];
            }
        }
        for (var i = 0; i < n; i++) factor[i * n + i] += Ridge * residuals.Length;
        if (!CholeskyFactor.Create(factor, n)) return null;
        var (weights, slope) = (new double[n], new double[n]);
        for (var iteration = 0; iteration < Iterations; iteration++)
        {
            for (var i = 0; i < n; i++) slope[i] = -Ridge * residuals.Length * weights[i];
            for (var row = 0; row < residuals.Length; row++)
            {
                double logarithm = 0;
                for (var i = 0; i < n; i++) logarithm += weights[i] * x[row * n + i];
                var excess = Math.Min(residuals[row] * Math.Exp(-logarithm), Outlier) - 1;
                for (var i = 0; i < n; i++) slope[i] += excess * x[row * n + i];
            }
            CholeskyFactor.Solve(factor, slope, n);
            for (var i = 0; i < n; i++) weights[i] += 0.5 * slope[i];
        }
        return weights;
    }
}
