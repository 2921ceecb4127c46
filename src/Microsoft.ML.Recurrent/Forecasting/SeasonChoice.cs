using Microsoft.ML.Recurrent.Data;
using Microsoft.ML.Recurrent.Layers;
using Microsoft.ML.Recurrent.Networks;
using Microsoft.ML.Recurrent.Training;

namespace Microsoft.ML.Recurrent.Forecasting;

/// <summary>
/// Chooses the season of the best seasonal naive forecast: the lag, up to the window, with the smallest absolute error over a sample of the training windows,
/// each scaled by its spread. No lag is chosen if none is clearly better than the last value. A wrong choice costs little with a linear skip, which can undo
/// the difference.
/// </summary>
internal static class SeasonChoice
{
    // The minimum relative improvement of a season over the last value, and of a longer season over a shorter one, beyond chance.
    private const double Margin = 0.1, LongerMargin = 0.02;

    // The maximum number of differences, and the maximum and minimum number of windows.
    private const double Budget = 5e7;
    private const int MostWindows = 1024, LeastWindows = 64;

    /// <summary>Creates the smallest network with the window normalization of the described one; nothing else matters for the choice.</summary>
    public static Network CreateNetwork(NetworkDescription description, ForecastHeadOptions shape) => new(description with
    {
        Layers = [new PoolingDescription("last", SequencePooling.Last)],
        Decoder = null,
        LinearSkip = null,
        DynamicRegression = null,
        Outputs = shape.Horizon * shape.Targets,
    }, 0);

    /// <summary>The season in steps, 0 for none.</summary>
    /// <param name="network">The network of <see cref="CreateNetwork"/>, with its normalization statistics.</param>
    /// <param name="shape">What is forecast, without a season.</param>
    /// <param name="train">The training windows.</param>
    /// <param name="longest">The longest season; null for the window.</param>
    public static int Find(Network network, ForecastHeadOptions shape, ExampleSet train, int? longest = null)
    {
        var head = new PointForecastHead(default, shape with { Bounds = false }, network);
        var (time, horizon, targets) = (shape.WindowSize, shape.Horizon, shape.Targets);
        if (time < 2) return 0;
        var most = (int)Math.Clamp(Budget / ((double)time * horizon * targets), LeastWindows, MostWindows);
        var sample = train.Subsample(most);
        var errors = new double[time + 1];
        var future = new float[horizon];
        foreach (var (tape, batch) in sample.Batches(128).ForInference())
        {
            var output = network.Normalize(tape, batch);
            var series = LinearSkip.Series(tape, output.Window!, targets);
            var truth = head.Normalized(tape, output, batch.Targets!);
            for (var row = 0; row < series.Shape.Rows; row++)
            {
                var window = series.Span.Slice(row * time, time);
                for (var h = 0; h < horizon; h++) future[h] = truth[row / targets * head.Steps + h * targets + row % targets];
                Add(errors, window, future);
            }
        }
        return Choose(errors.AsSpan(0, Math.Min(longest ?? time, time) + 1), sample.Examples.Length * targets);
    }

    /// <summary>The lag with the smallest error if it is significant. Errors are by lag, with that of the last value at 1, over a number of windows.</summary>
    internal static int Choose(ReadOnlySpan<double> errors, int windows)
    {
        var best = 1;
        for (var lag = 2; lag < errors.Length; lag++)
        {
            if (errors[lag] < errors[best]) best = lag;
        }
        if (!(errors[best] < (1 - Margin) * errors[1])) return 0;
        for (var lag = 2; lag < best; lag++)
        {
            if (errors[lag] <= (1 + LongerMargin + 1 / Math.Sqrt(windows)) * errors[best]) return lag;
        }
        return best;
    }

    private static void Add(double[] errors, ReadOnlySpan<float> window, ReadOnlySpan<float> future)
    {
        // Missing values are ignored too.
        if (!FiniteNumbers.All(future)) return;
        double sum = 0, squares = 0;
        foreach (var value in window) (sum, squares) = (sum + value, squares + (double)value * value);
        var variance = squares / window.Length - sum / window.Length * (sum / window.Length);
        // A flat window has no season.
        if (!(variance > 1e-9)) return;
        var unit = 1 / Math.Sqrt(variance);
        for (var lag = 1; lag <= window.Length; lag++)
        {
            double error = 0;
            var season = window[^lag..];
            for (int h = 0, at = 0; h < future.Length; h++, at = at + 1 == lag ? 0 : at + 1)
            {
                // Missing values are ignored.
                if (!float.IsNaN(future[h])) error += Math.Abs(future[h] - season[at]);
            }
            errors[lag] += error * unit;
        }
    }
}
