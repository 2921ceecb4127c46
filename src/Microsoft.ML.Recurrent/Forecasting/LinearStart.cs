using System.Numerics.Tensors;
using Microsoft.ML.Recurrent.Autograd;
using Microsoft.ML.Recurrent.Networks;
using Microsoft.ML.Recurrent.Training;

namespace Microsoft.ML.Recurrent.Forecasting;

/// <summary>
/// First values of a linear path: the ridge regression of the future on the window, both as the network sees them, over a sample of the training windows (and
/// so a forecaster of its own, as NLinear, Zeng et al. 2023). How strongly it is held back is chosen by the validation windows. The head's map of the layers
/// begins at zero, so that training sets out from there.
/// </summary>
internal static class LinearStart
{
    // What a pass over the sample may cost, in multiplications, and how many windows it has at the most and at least.
    private const double Budget = 1e9;
    private const int MostWindows = 8192, LeastWindows = 512;

    // Ridge penalties, in units of the mean square of a window's values: from nearly none to strong.
    private static readonly double[] s_penalties = [1e-4, 1e-3, 1e-2, 1e-1];

    // Windows whose future lies further out than that many units (a jump after a flat window) would decide all by themselves.
    private const float Outlier = 10;

    /// <summary>Sets the path's weight, the head's bias and the head's weight.</summary>
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

        // Without windows to choose by, the middle.
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
                // A decoder's head has one bias for all steps; the path has its own.
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
    }

    private sealed record Solution(double[] Weight, double[] Bias);

    // Sums of products of windows and futures, from which the regression and its error follow.
    private sealed class Sums(int time, int horizon, int targets)
    {
        // Products of (window, 1, future) with (window, 1): each future's row after the window's.
        private readonly double[] _products = new double[(time + 1 + horizon) * (time + 1)];
        private readonly double[] _squares = new double[horizon];

        public long Count { get; private set; }

        public void Add(Network network, ForecastHead head, ExampleSet examples, int most)
        {
            using var tape = new Tape { Recording = false };
            using var batch = new SequenceBatch();
            var (window, future) = (new double[time + 1], new double[horizon]);
            window[time] = 1;
            var batches = examples.Subsample(most).Batches(256);
            for (batches.Begin(null); batches.Next(batch); tape.Reset())
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
            if (!Factor(factor, n)) return null;
            var solution = new Solution(new double[horizon * time], new double[horizon]);
            var column = new double[n];
            for (var h = 0; h < horizon; h++)
            {
                _products.AsSpan((n + h) * n, n).CopyTo(column);
                Substitute(factor, column, n);
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

        // Cholesky's factor in the lower triangle; false where the matrix is not positive definite.
        private static bool Factor(double[] a, int n)
        {
            for (var i = 0; i < n; i++)
            {
                for (var j = 0; j <= i; j++)
                {
                    var rest = a[i * n + j] - TensorPrimitives.Dot<double>(a.AsSpan(i * n, j), a.AsSpan(j * n, j));
                    if (i == j && !(rest > 0)) return false;
                    a[i * n + j] = i == j ? Math.Sqrt(rest) : rest / a[j * n + j];
                }
            }
            return true;
        }

        private static void Substitute(double[] factor, double[] b, int n)
        {
            for (var i = 0; i < n; i++) b[i] = (b[i] - TensorPrimitives.Dot<double>(factor.AsSpan(i * n, i), b.AsSpan(0, i))) / factor[i * n + i];
            for (var i = n - 1; i >= 0; i--)
            {
                for (var j = i + 1; j < n; j++) b[i] -= factor[j * n + i] * b[j];
                b[i] /= factor[i * n + i];
            }
        }
    }
}
