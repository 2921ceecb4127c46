using Microsoft.ML.Recurrent.Autograd;
using Microsoft.ML.Recurrent.Tensors;

namespace Microsoft.ML.Recurrent.Networks.Inputs;

/// <summary>Lagged values as additional features. Lagged values are inputs, so there is no gradient.</summary>
internal static class LaggedInputs
{
    /// <summary>
    /// The first features of a window [time, rows, features] at each lag: [time, rows, features x lags], lag by lag; 0 before the start of the window.
    /// </summary>
    /// <param name="tape">Rents the tensor.</param>
    /// <param name="window">The window.</param>
    /// <param name="features">The number of leading features.</param>
    /// <param name="lags">The lags.</param>
    /// <param name="relative">Whether the value of the step itself is subtracted.</param>
    public static Tensor OfWindow(Tape tape, Tensor window, int features, ReadOnlySpan<int> lags, bool relative = false)
    {
        var (time, rows, width) = (window.Shape[0], window.Shape[1], features * lags.Length);
        var y = tape.Rent(new Shape(time, rows, width));
        y.Span.Clear();
        for (var k = 0; k < lags.Length; k++)
            for (var t = lags[k]; t < time; t++)
            {
                Copy(window, t - lags[k], y, t, k * features, features);
                if (relative) Subtract(window, y, t, k * features, features);
            }
        return y;
    }

    /// <summary>
    /// Lagged features of the steps after a window, [horizon, rows, features x lags]: the value one lag before, or the smallest multiple of the lag that lies
    /// in the window.
    /// </summary>
    public static Tensor OfFuture(Tape tape, Tensor window, int features, ReadOnlySpan<int> lags, int horizon)
    {
        var (time, rows, width) = (window.Shape[0], window.Shape[1], features * lags.Length);
        var y = tape.Rent(new Shape(horizon, rows, width));
        for (var k = 0; k < lags.Length; k++)
            for (var step = 0; step < horizon; step++) Copy(window, StepBefore(time, lags[k], step), y, step, k * features, features);
        return y;
    }

    /// <summary>The latest window step that lies a whole number of lags before a future step.</summary>
    public static int StepBefore(int time, int lag, int step) => time - lag + step % lag;

    private static void Subtract(Tensor window, Tensor y, int step, int offset, int features)
    {
        var (rows, width, stride) = (window.Shape[1], window.Shape[2], y.Shape[2]);
        for (var row = step * rows; row < (step + 1) * rows; row++)
            for (var j = 0; j < features; j++) y[row * stride + offset + j] -= window[row * width + j];
    }

    private static void Copy(Tensor from, int fromStep, Tensor to, int toStep, int offset, int features)
    {
        var (rows, width, stride) = (from.Shape[1], from.Shape[2], to.Shape[2]);
        for (var row = 0; row < rows; row++)
            from.Span.Slice((fromStep * rows + row) * width, features).CopyTo(to.Span[((toStep * rows + row) * stride + offset)..]);
    }
}
