using Microsoft.ML.Recurrent.Autograd;
using Microsoft.ML.Recurrent.Autograd.Operations;
using Microsoft.ML.Recurrent.Tensors;

namespace Microsoft.ML.Recurrent.Networks.Inputs;

/// <summary>What each position of a stretch sees as its window: the same numbers as a window of its own would have.</summary>
internal static class StretchInputs
{
    /// <summary>The windows of the positions, and what was removed from them.</summary>
    /// <param name="tape">Rents the tensors.</param>
    /// <param name="values">The steps, [time, rows, features].</param>
    /// <param name="level">The level removed from all steps of a row, [rows, features]; null for none.</param>
    /// <param name="scale">The scale by which they were divided, [rows, features]; null for none.</param>
    /// <param name="network">The network.</param>
    /// <param name="positions">The positions.</param>
    /// <returns>
    /// The windows, [window, forecasts, targets], and their level and scale, [forecasts, targets]. For a regression that explains windows, the features that
    /// are known ahead stand after the targets.
    /// </returns>
    public static (Tensor Window, Tensor? Level, Tensor? Scale) Windows(Tape tape, Tensor values, Tensor? level, Tensor? scale, NetworkDescription network,
        in StretchPositions positions)
    {
        var takesLast = InputNormalization.TakesLast(network.WindowNormalization);
        var (rows, features, targets) = (values.Shape[1], values.Shape[2], positions.Targets);
        var all = positions.Count * rows;
        var known = network.DynamicRegression is { ReadsWindow: true } ? network.FutureFeatures : 0;
        var windows = tape.Rent(new Shape(positions.Window, all, targets + known));
        var levels = level is null ? null : tape.Rent(new Shape(all, targets));
        var scales = scale is null ? null : tape.Rent(new Shape(all, targets));
        for (var forecast = 0; forecast < all; forecast++)
        {
            var (row, step) = (forecast % rows, positions.StepOf(forecast / rows));
            for (var j = 0; j < targets; j++)
            {
                var (center, spread) = (level is null ? 0 : level[row * features + j], scale is null ? 1 : scale[row * features + j]);
                // Without a value the level is 0, as that of a window.
                var last = !takesLast ? 0 : Last(values, step, positions.Window, row, j) ?? -center / spread;
                if (levels is not null) levels[forecast * targets + j] = center + spread * last;
                var from = ((step - positions.Window + 1) * rows + row) * features + j;
                var own = network.RunningScale
                    ? InputNormalization.MeanAndDeviation(values.Span[from..], positions.Window, rows * features, spread).Deviation
                    : spread;
                if (scales is not null) scales[forecast * targets + j] = own;
                for (var t = 0; t < positions.Window; t++)
                    windows[(t * all + forecast) * (targets + known) + j] = (values[from + t * rows * features] - last) * (spread / own);
            }
            for (var t = 0; known > 0 && t < positions.Window; t++)
            {
                values.Span.Slice(((step - positions.Window + 1 + t) * rows + row + 1) * features - known, known)
                    .CopyTo(windows.Span[((t * all + forecast) * (targets + known) + targets)..]);
            }
        }
        return (windows, levels, scales);
    }

    /// <summary>The categories of the windows of the positions, window x forecasts, time first.</summary>
    /// <param name="ids">Those of the steps, time x rows.</param>
    /// <param name="rows">The stretches.</param>
    /// <param name="positions">The positions.</param>
    public static int[] Categories(int[] ids, int rows, in StretchPositions positions)
    {
        var windows = new int[positions.Window * positions.Count * rows];
        for (var place = 0; place < positions.Window * positions.Count; place++)
        {
            var step = place / positions.Count + place % positions.Count * positions.Stride;
            ids.AsSpan(step * rows, rows).CopyTo(windows.AsSpan(place * rows));
        }
        return windows;
    }

    /// <summary>The steps that the layers read.</summary>
    public static Tensor Encoded(Tape tape, Tensor values, in StretchPositions positions) =>
        SliceOperation.Apply(tape, values, positions.EncodedFrom, values.Shape[0] - positions.EncodedFrom);

    private static float? Last(Tensor values, int step, int window, int row, int feature)
    {
        var (rows, features) = (values.Shape[1], values.Shape[2]);
        for (var t = step; t > step - window; t--)
        {
            if (values[(t * rows + row) * features + feature] is var value && !float.IsNaN(value)) return value;
        }
        return null;
    }
}
