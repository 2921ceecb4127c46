using System.Buffers;
using Microsoft.ML.Recurrent.Autograd;
using Microsoft.ML.Recurrent.Tensors;

namespace Microsoft.ML.Recurrent.Networks.Inputs;

/// <summary>
/// Raw features to the network's own space: standardised by the training part's mean and scale, then, if asked for, each window by its own level and scale.
/// Nothing here is learned.
/// </summary>
internal static class InputNormalization
{
    /// <summary>What a window's standard deviation is at least, so that a flat window is no division by zero.</summary>
    public const float Epsilon = 1e-5f;

    /// <summary>The distance of a normal distribution's quartiles in standard deviations.</summary>
    public const float NormalQuartiles = 1.349f;

    // A window is shown by its own scale, where its series has one, only if it is at least that share of the series'.
    private const float LeastHidden = 0.1f;

    /// <summary>(x - mean) / scale along the last axis; x itself where <paramref name="mean"/> is null.</summary>
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
    /// Takes each window's level and scale out of [time, rows, features]; both are [rows, features], and null where the normalisation knows none. Steps past a
    /// row's length become 0. The last <paramref name="unscaled"/> features have level 0 and scale 1, as has a feature of which all is missing; what is missing
    /// (NaN) counts for nothing and stays missing. Figures of series, where there are such, take the place of the window's; beside a last value a series' scale
    /// stands, too, or else the window's standard deviation.
    /// </summary>
    public static (Tensor Values, Tensor? Level, Tensor? Scale) Window(Tape tape, Tensor x, WindowNormalization normalization, int[]? lengths, int unscaled = 0,
        SeriesStatistics? series = null)
    {
        if (normalization == WindowNormalization.None) return (x, null, null);
        var (time, rows, features) = (x.Shape[0], x.Shape[1], x.Shape[2]);
        var (y, level) = (tape.Rent(x.Shape), tape.Rent(new Shape(rows, features)));
        var scale = TakesLast(normalization) && series is null ? null : tape.Rent(new Shape(rows, features));
        var stride = rows * features;
        y.Span.Clear();
        for (var row = 0; row < rows; row++)
        {
            var length = lengths is null ? time : lengths[row];
            for (var j = 0; j < features; j++)
            {
                var at = row * features + j;
                var from = x.Span[at..];
                var to = y.Span[at..];
                var (center, spread) = j >= features - unscaled ? (0f, 1f) : scale is null ? (Last(from, length, stride), 1f)
                    : series is { } known ? Figures(from, length, stride, normalization, known, row, j) : Figures(from, length, stride, normalization);
                level.Span[at] = center;
                if (scale is not null) scale.Span[at] = spread;
                for (var t = 0; t < length; t++) to[t * stride] = (from[t * stride] - center) / spread;
            }
        }

        return (y, level, scale);
    }

    // What level and scale of a series there are, the window's own for the rest.
    private static (float Center, float Spread) Figures(ReadOnlySpan<float> x, int length, int stride, WindowNormalization normalization,
        in SeriesStatistics series, int row, int feature)
    {
        var scale = series.ScaleOf(row, feature);
        if (!(scale > 0) || series.IsHidden(row))
        {
            var own = TakesLast(normalization)
                ? (Center: Last(x, length, stride), Spread: MeanAndDeviation(x, length, stride).Deviation)
                : Figures(x, length, stride, normalization);
            // What comes after a window that is flat beside its series would lie far out in its own unit.
            if (!(scale > 0) || own.Spread >= LeastHidden * scale) return own;
        }

        return (TakesLast(normalization) ? Last(x, length, stride) : series.LevelOf(row, feature), scale);
    }

    private static bool TakesLast(WindowNormalization normalization) => normalization is WindowNormalization.LastValue or WindowNormalization.Difference;

    private static float Last(ReadOnlySpan<float> x, int length, int stride)
    {
        for (var t = length - 1; t >= 0; t--)
        {
            if (!float.IsNaN(x[t * stride])) return x[t * stride];
        }

        return 0;
    }

    /// <summary>
    /// The steps from value to value of [time, rows, features], 0 for the first; the last <paramref name="kept"/> features stay as they are. NaN where one of
    /// the two is missing.
    /// </summary>
    public static Tensor Differences(Tape tape, Tensor x, int kept)
    {
        var (y, stride, features) = (tape.Rent(x.Shape), x.Shape[1] * x.Shape[2], x.Shape[2]);
        for (var i = 0; i < x.Length; i++) y[i] = i % features >= features - kept ? x[i] : i < stride ? 0 : x[i] - x[i - stride];
        return y;
    }

    private static (float Center, float Spread) Figures(ReadOnlySpan<float> x, int length, int stride, WindowNormalization normalization)
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

    private static (float Mean, float Deviation) MeanAndDeviation(ReadOnlySpan<float> x, int length, int stride)
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

        return ((float)mean, (float)Math.Sqrt(squares / count) + Epsilon);
    }

    /// <summary>Raw targets [rows, steps x targets] in the space of a window's first features: [steps, rows, targets].</summary>
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
