using System.Buffers;
using Microsoft.ML.Recurrent.Autograd;
using Microsoft.ML.Recurrent.Tensors;

namespace Microsoft.ML.Recurrent.Networks.Inputs;

/// <summary>
/// Maps raw features to the network's space: standardized by mean and scale of the training set, then optionally normalized per window. Nothing here is
/// trained.
/// </summary>
internal static class InputNormalization
{
    /// <summary>Added to the scale of a window, so that a constant window does not cause division by zero.</summary>
    public const float Epsilon = 1e-5f;

    /// <summary>The interquartile range of the normal distribution in standard deviations.</summary>
    public const float NormalQuartiles = 1.349f;

    // For a series with its own scale, a window is normalized by its own scale only if that is at least this share of the series' scale.
    private const float LeastHidden = 0.1f;

    /// <summary>(x - mean) / scale along the last axis; x itself if <paramref name="mean"/> is null.</summary>
    public static Tensor Standardize(Tape tape, Tensor x, Tensor? mean, Tensor? scale)
    {
        if (mean is null || scale is null) return x;
        var y = tape.Rent(x.Shape);
        var from = x.Span;
        var to = y.Span;
        var means = mean.Span;
        var scales = scale.Span;
        for (int i = 0, j = 0; i < from.Length; i++, j = j + 1 == means.Length ? 0 : j + 1) to[i] = (from[i] - means[j]) / scales[j];
        return y;
    }

    /// <summary>
    /// Removes level and scale of each window from [time, rows, features]; both are [rows, features], or null if the normalization has none. Steps past the
    /// length of a row become 0. The last <paramref name="unscaled"/> features and features without any value have level 0 and scale 1. Missing values (NaN)
    /// are ignored and stay missing. Statistics of series, if given, replace those of the window; last-value normalization also returns the scale of the series
    /// or, if there is none, the standard deviation of the window; so does one that is <paramref name="scaled"/>. The statistics are those of the first
    /// <paramref name="measured"/> steps; 0 for all.
    /// </summary>
    public static (Tensor Values, Tensor? Level, Tensor? Scale) Window(Tape tape, Tensor x, WindowNormalization normalization, int[]? lengths, int unscaled = 0,
        SeriesStatistics? series = null, int measured = 0, bool scaled = false)
    {
        if (normalization == WindowNormalization.None) return (x, null, null);
        var (time, rows, features) = (x.Shape[0], x.Shape[1], x.Shape[2]);
        var (y, level) = (tape.Rent(x.Shape), tape.Rent(new Shape(rows, features)));
        var scale = TakesLast(normalization) && series is null && !scaled ? null : tape.Rent(new Shape(rows, features));
        var stride = rows * features;
        y.Span.Clear();
        for (var row = 0; row < rows; row++)
        {
            var length = lengths is null ? time : lengths[row];
            var seen = measured > 0 ? measured : length;
            for (var j = 0; j < features; j++)
            {
                var at = row * features + j;
                var from = x.Span[at..];
                var to = y.Span[at..];
                var (center, spread) = j >= features - unscaled ? (0f, 1f) : scale is null ? (Last(from, seen, stride), 1f)
                    : series is { } known ? Statistics(from, seen, stride, normalization, known, row, j) : scaled
                        ? (Last(from, seen, stride), MeanAndDeviation(from, seen, stride).Deviation)
                        : Statistics(from, seen, stride, normalization);
                level.Span[at] = center;
                if (scale is not null) scale.Span[at] = spread;
                for (var t = 0; t < length; t++) to[t * stride] = (from[t * stride] - center) / spread;
            }
        }

        return (y, level, scale);
    }

    // Level and scale of the series, if there are any, otherwise those of the window.
    private static (float Center, float Spread) Statistics(ReadOnlySpan<float> x, int length, int stride, WindowNormalization normalization,
        in SeriesStatistics series, int row, int feature)
    {
        var scale = series.ScaleOf(row, feature);
        if (!(scale > 0) || series.IsHidden(row))
        {
            var own = TakesLast(normalization)
                ? (Center: Last(x, length, stride), Spread: MeanAndDeviation(x, length, stride).Deviation)
                : Statistics(x, length, stride, normalization);
            // If the window is flat relative to its series, later values would be extreme in its own unit.
            if (!(scale > 0) || own.Spread >= LeastHidden * scale) return own;
        }

        return (TakesLast(normalization) ? Last(x, length, stride) : series.LevelOf(row, feature), scale);
    }

    /// <summary>Whether the level of a window is its last value.</summary>
    public static bool TakesLast(WindowNormalization normalization) => normalization is WindowNormalization.LastValue or WindowNormalization.Difference;

    private static float Last(ReadOnlySpan<float> x, int length, int stride)
    {
        for (var t = length - 1; t >= 0; t--)
        {
            if (!float.IsNaN(x[t * stride])) return x[t * stride];
        }

        return 0;
    }

    /// <summary>
    /// Differences of consecutive values of [time, rows, features], 0 for the first step; the last <paramref name="kept"/> features are unchanged. NaN if one
    /// of the two values is missing.
    /// </summary>
    public static Tensor Differences(Tape tape, Tensor x, int kept)
    {
        var (y, stride, features) = (tape.Rent(x.Shape), x.Shape[1] * x.Shape[2], x.Shape[2]);
        for (var i = 0; i < x.Length; i++) y[i] = i % features >= features - kept ? x[i] : i < stride ? 0 : x[i] - x[i - stride];
        return y;
    }

    /// <summary>
    /// The root mean square of the differences up to each step of [time, rows, features], missing ones left out; 1 for the last features. Of a window of so
    /// many <paramref name="steps"/> that ends at the step; 0 for all steps before.
    /// </summary>
    public static Tensor RunningScale(Tape tape, Tensor differences, int kept, int steps = 0)
    {
        var (y, stride, features) = (tape.Rent(differences.Shape), differences.Shape[1] * differences.Shape[2], differences.Shape[2]);
        for (var at = 0; at < stride; at++)
        {
            var (squares, count) = (0.0, 0);
            for (var i = at; i < y.Length; i += stride)
            {
                // The first step has no difference.
                if (i >= stride && !float.IsNaN(differences[i])) (squares, count) = (squares + differences[i] * (double)differences[i], count + 1);
                if (steps > 0 && i - (steps - 1) * stride is >= 0 and var old && old >= stride && !float.IsNaN(differences[old]))
                    (squares, count) = (Math.Max(0, squares - differences[old] * (double)differences[old]), count - 1);
                y[i] = at % features >= features - kept ? 1 : (float)Math.Sqrt(squares / Math.Max(count, 1)) + Epsilon;
            }
        }
        return y;
    }

    /// <summary>Divides features of [time, rows, n], which repeat, by the scales of the leading features of their step.</summary>
    /// <param name="x">The features; they are changed.</param>
    /// <param name="scale">[time, rows, m].</param>
    /// <param name="features">The number of leading features that x repeats.</param>
    public static Tensor Divide(Tensor x, Tensor scale, int features)
    {
        for (var i = 0; i < x.Length; i++) x[i] /= scale[i / x.Shape[2] * scale.Shape[2] + i % x.Shape[2] % features];
        return x;
    }

    private static (float Center, float Spread) Statistics(ReadOnlySpan<float> x, int length, int stride, WindowNormalization normalization)
    {
        var (mean, deviation) = MeanAndDeviation(x, length, stride);
        if (normalization is WindowNormalization.Standard) return (mean, deviation);
        var rented = ArrayPool<float>.Shared.Rent(length);
        try
        {
            var count = 0;
            for (var t = 0; t < length; t++)
            {
                if (!float.IsNaN(x[t * stride])) rented[count++] = x[t * stride];
            }

            if (count == 0) return (0, 1);
            var there = rented.AsSpan(0, count);
            if (normalization is WindowNormalization.Mean)
            {
                double sum = 0;
                foreach (var value in there) sum += Math.Abs((double)value);
                return (0, (float)(sum / count) + Epsilon);
            }

            there.Sort();
            var range = Quantile(there, 0.75f) - Quantile(there, 0.25f);
            return (Quantile(there, 0.5f), range > 0 ? range / NormalQuartiles + Epsilon : deviation);
        }
        finally
        {
            ArrayPool<float>.Shared.Return(rented);
        }
    }

    private static float Quantile(ReadOnlySpan<float> sorted, float level)
    {
        var place = level * (sorted.Length - 1);
        var below = (int)place;
        var above = Math.Min(below + 1, sorted.Length - 1);
        return sorted[below] + (place - below) * (sorted[above] - sorted[below]);
    }

    /// <summary>Mean and standard deviation, plus epsilon, of the values that are not missing, which are in a unit.</summary>
    public static (float Mean, float Deviation) MeanAndDeviation(ReadOnlySpan<float> x, int length, int stride, float unit = 1)
    {
        double sum = 0, squares = 0;
        var count = 0;
        for (var t = 0; t < length; t++)
        {
            if (float.IsNaN(x[t * stride])) continue;
            sum += x[t * stride];
            count++;
        }

        if (count == 0) return (0, 1);
        var mean = sum / count;
        for (var t = 0; t < length; t++)
        {
            if (!float.IsNaN(x[t * stride])) squares += (x[t * stride] - mean) * (x[t * stride] - mean);
        }

        return ((float)mean, (float)Math.Sqrt(squares / count) * unit + Epsilon);
    }

    /// <summary>Maps raw targets [rows, steps x targets] to the space of the first window features: [steps, rows, targets].</summary>
    public static Tensor Targets(Tape tape, Tensor x, int targets, in WindowSpace space, TargetTransform transform)
    {
        var (rows, steps) = (x.Shape.Rows, x.Shape.Columns / targets);
        var y = tape.Rent(new Shape(steps, rows, targets));
        for (var i = 0; i < y.Length; i++)
        {
            var (step, row, j) = (i / (rows * targets), i / targets % rows, i % targets);
            y[i] = space.FromData(LoggedInputs.Log(x[(row * steps + step) * targets + j], transform), row, j);
        }

        return y;
    }
}
