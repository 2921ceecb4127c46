using Microsoft.ML.Recurrent.Tensors;

namespace Microsoft.ML.Recurrent.Autograd.Operations;

/// <summary>Raw features to the network's own space: standardised by the training part's mean and scale, then, if asked for, each window by its own level and scale. Nothing here is learned.</summary>
internal static class InputNormalization
{
    /// <summary>What a window's standard deviation is at least, so that a flat window is no division by zero.</summary>
    public const float Epsilon = 1e-5f;

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

    /// <summary>Takes each window's level, and for <see cref="WindowNormalization.Standard"/> its scale, out of [time, rows, features]; both are [rows, features]. Steps past a row's length become 0. The last <paramref name="unscaled"/> features have level 0 and scale 1.</summary>
    public static (Tensor Values, Tensor? Level, Tensor? Scale) Window(Tape tape, Tensor x, WindowNormalization normalization, int[]? lengths, int unscaled = 0)
    {
        if (normalization == WindowNormalization.None) return (x, null, null);
        var (time, rows, features) = (x.Shape[0], x.Shape[1], x.Shape[2]);
        var (y, level) = (tape.Rent(x.Shape), tape.Rent(new Shape(rows, features)));
        var scale = normalization == WindowNormalization.Standard ? tape.Rent(new Shape(rows, features)) : null;
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
                if (j >= features - unscaled)
                {
                    level.Span[at] = 0;
                    if (scale is not null) scale.Span[at] = 1;
                    for (var t = 0; t < length; t++) to[t * stride] = from[t * stride];
                    continue;
                }
                if (scale is null)
                {
                    var last = level.Span[at] = from[(length - 1) * stride];
                    for (var t = 0; t < length; t++) to[t * stride] = from[t * stride] - last;
                    continue;
                }

                double sum = 0, squares = 0;
                for (var t = 0; t < length; t++) sum += from[t * stride];
                var mean = sum / length;
                for (var t = 0; t < length; t++) squares += (from[t * stride] - mean) * (from[t * stride] - mean);
                var (center, spread) = ((float)mean, (float)Math.Sqrt(squares / length) + Epsilon);
                (level.Span[at], scale.Span[at]) = (center, spread);
                for (var t = 0; t < length; t++) to[t * stride] = (from[t * stride] - center) / spread;
            }
        }

        return (y, level, scale);
    }

    /// <summary>Raw targets [rows, steps x targets] in the space of a window's first features: [steps, rows, targets].</summary>
    public static Tensor Targets(Tape tape, Tensor x, int targets, Tensor? mean, Tensor? scale, Tensor? level, Tensor? windowScale)
    {
        var (rows, steps) = (x.Shape.Rows, x.Shape.Columns / targets);
        var y = tape.Rent(new Shape(steps, rows, targets));
        for (var i = 0; i < y.Length; i++)
        {
            var (step, row, j) = (i / (rows * targets), i / targets % rows, i % targets);
            var value = x[(row * steps + step) * targets + j];
            if (mean is not null) value = (value - mean[j]) / scale![j];
            if (level is not null) value -= level[row * level.Shape.Columns + j];
            if (windowScale is not null) value /= windowScale[row * windowScale.Shape.Columns + j];
            y[i] = value;
        }

        return y;
    }
}
