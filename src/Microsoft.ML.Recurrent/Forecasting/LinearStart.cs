using System.Numerics.Tensors;
using Microsoft.ML.Recurrent.Networks;
using Microsoft.ML.Recurrent.Training;

namespace Microsoft.ML.Recurrent.Forecasting;

/// <summary>
/// Initialization of a linear skip: the ridge regression of the horizon on the window, both in network space, over a sample of the training windows. It is a
/// forecaster in itself, like NLinear (Zeng et al. 2023). The ridge penalty is chosen on the validation windows. The weights of the head are initialized to
/// zero, so that training starts from this forecaster.
/// </summary>
internal static class LinearStart
{
    // The maximum number of multiplications for the sample, and the maximum and minimum number of windows.
    private const double Budget = 1e9;
    private const int MostWindows = 8192, LeastWindows = 512;

    // Ridge penalties, relative to the mean square of the window values: from almost none to strong.
    private static readonly double[] s_penalties = [1e-4, 1e-3, 1e-2, 1e-1];

    // Windows with larger targets, in network units (a jump after a flat window), would dominate the regression.
    private const float Outlier = 10;

    /// <summary>Sets the weight of the path, and the bias and weight of the head.</summary>
    public static void Apply(Network network, ForecastHead head, ExampleSet train, ExampleSet? validation)
    {
        var weight = network[LinearSkip.WeightName].Value;
        var (horizon, time) = (weight.Shape[0], weight.Shape[1]);
        var targets = head.Steps / horizon;
        var sums = new Sums(time, horizon, targets);
        sums.Add(network, head, train, (int)Math.Clamp(Budget / ((double)time * time * targets), LeastWindows, MostWindows));
        if (sums.Count == 0) return;
        Sums? held = null;
        if (validation is { } set)
        {
            held = new(time, horizon, targets);
            held.Add(network, head, set, (int)Math.Clamp(Budget / ((double)time * time * targets), LeastWindows, MostWindows / 4));
        }

        // Without validation windows, the middle penalty.
        var choices = held is { Count: > 0 } ? s_penalties : [1e-2];
        var best = double.PositiveInfinity;
        foreach (var penalty in choices)
        {
            if (sums.Solve(penalty) is not { } solution) continue;
            var error = held is null ? 0 : held.Error(solution);
            if (error >= best) continue;
            best = error;
            for (var i = 0; i < weight.Length; i++) weight[i] = (float)solution.Weight[i];
            var bias = network["head.bias"].Value;
            if (network.Description.Decoder is not null)
            {
                // The head of a decoder has one bias for all steps; the path has one per step.
                bias.Span.Slice(head.Likelihood.LocationParameters.First * targets, head.Likelihood.LocationParameters.Count * targets).Clear();
                for (var h = 0; h < horizon; h++) network[LinearSkip.BiasName].Value[h] = (float)solution.Bias[h];
                continue;
            }
            for (var parameter = head.Likelihood.LocationParameters.First;
                parameter < head.Likelihood.LocationParameters.First + head.Likelihood.LocationParameters.Count; parameter++)
            {
                for (var step = 0; step < head.Steps; step++) bias[parameter * head.Steps + step] = (float)solution.Bias[step / targets];
            }
        }
        network["head.weight"].Value.Span.Clear();
        network.Regression?.Last.Weight.Value.Span.Clear();
    }

    private sealed record Solution(double[] Weight, double[] Bias);

    // Sums of products of windows and targets, for the regression and its error.
    private sealed class Sums(int time, int horizon, int targets)
    {
        // Products of (window, 1, targets) with (window, 1): the rows of the targets follow those of the window.
        private readonly double[] _products = new double[(time + 1 + horizon) * (time + 1)];
        private readonly double[] _squares = new double[horizon];

        public long Count { get; private set; }

        public void Add(Network network, ForecastHead head, ExampleSet examples, int most)
        {
            var (window, future) = (new double[time + 1], new double[horizon]);
            window[time] = 1;
            foreach (var (tape, batch) in examples.Subsample(most).Batches(256).ForInference())
            {
                var output = network.Normalize(tape, batch);
                var series = LinearSkip.Series(tape, output.Window!, targets);
                var truth = head.Normalized(tape, output, batch.Targets!);
                for (var row = 0; row < series.Shape.Rows; row++)
                {
                    if (!Read(series.Span.Slice(row * time, time), window)) continue;
                    var outlier = false;
                    for (var h = 0; h < horizon; h++)
                    {
                        var value = truth[row / targets * head.Steps + h * targets + row % targets];
                        outlier |= !(Math.Abs(value) <= Outlier);
                        future[h] = value;
                    }
                    if (!outlier) Add(window, future);
                }
            }
        }

        public Solution? Solve(double penalty)
        {
            var n = time + 1;
            double trace = 0;
            for (var i = 0; i < time; i++) trace += _products[i * n + i];
            var factor = new double[n * n];
            Array.Copy(_products, factor, n * n);
            for (var i = 0; i < time; i++) factor[i * n + i] += penalty * trace / time + 1e-9 * Count;
            if (!CholeskyFactor.Create(factor, n)) return null;
            var solution = new Solution(new double[horizon * time], new double[horizon]);
            var column = new double[n];
            for (var h = 0; h < horizon; h++)
            {
                _products.AsSpan((n + h) * n, n).CopyTo(column);
                CholeskyFactor.Solve(factor, column, n);
                column.AsSpan(0, time).CopyTo(solution.Weight.AsSpan(h * time));
                solution.Bias[h] = column[time];
            }
            return solution;
        }

        // The sum of squared errors: y'y - 2 w'x'y + w'x'x w.
        public double Error(Solution solution)
        {
            var n = time + 1;
            double error = 0;
            var weight = new double[n];
            for (var h = 0; h < horizon; h++)
            {
                solution.Weight.AsSpan(h * time, time).CopyTo(weight);
                weight[time] = solution.Bias[h];
                error += _squares[h] - 2 * TensorPrimitives.Dot<double>(weight, _products.AsSpan((n + h) * n, n));
                for (var i = 0; i < n; i++) error += weight[i] * TensorPrimitives.Dot<double>(weight, _products.AsSpan(i * n, n));
            }
            return error;
        }

        private static bool Read(ReadOnlySpan<float> series, Span<double> window)
        {
            for (var t = 0; t < series.Length; t++)
            {
                if (!(Math.Abs(series[t]) < 1e6f)) return false;
                window[t] = series[t];
            }
            return true;
        }

        private void Add(double[] window, double[] future)
        {
            Count++;
            var n = time + 1;
            for (var i = 0; i < n; i++)
            {
                var row = _products.AsSpan(i * n, n);
                TensorPrimitives.MultiplyAdd(window, window[i], row, row);
            }
            for (var h = 0; h < horizon; h++)
            {
                var row = _products.AsSpan((n + h) * n, n);
                TensorPrimitives.MultiplyAdd(window, future[h], row, row);
                _squares[h] += future[h] * future[h];
            }
        }
    }
}
