using Microsoft.ML.Recurrent.Autograd;
using Microsoft.ML.Recurrent.Tensors;
using static Microsoft.ML.Recurrent.Losses.MissingTargets;
using TensorPrimitives = System.Numerics.Tensors.TensorPrimitives;

namespace Microsoft.ML.Recurrent.Losses;

/// <summary>Regression losses: the mean over all elements, with rows weighted if there are weights; missing targets (NaN) have a loss of 0.</summary>
internal static class RegressionLosses
{
    /// <summary>(prediction - target)^2.</summary>
    public static Tensor MeanSquaredError(Tape tape, Tensor predictions, Tensor targets, Tensor? weights = null) =>
        RowLoss.Apply<Tensor>(tape, predictions, WeightsOf(weights), Checked(predictions, targets),
            static (in Tensor targets, int row, ReadOnlySpan<float> p, Span<float> d, float scale) =>
        {
            var t = RowOf(targets, row, p.Length);
            double sum = 0;
            for (var i = 0; i < p.Length; i++)
            {
                if (IsMissing(t[i])) continue;
                var error = p[i] - t[i];
                sum += error * error;
            }

            if (d.IsEmpty) return sum / p.Length;
            TensorPrimitives.Subtract(p, t, d);
            TensorPrimitives.Multiply(d, 2 * scale / p.Length, d);
            for (var i = 0; i < p.Length; i++)
            {
                if (IsMissing(t[i])) d[i] = 0;
            }

            return sum / p.Length;
        });

    /// <summary>|prediction - target|, with derivative 0 where they are equal.</summary>
    public static Tensor MeanAbsoluteError(Tape tape, Tensor predictions, Tensor targets, Tensor? weights = null) =>
        RowLoss.Apply<Tensor>(tape, predictions, WeightsOf(weights), Checked(predictions, targets),
            static (in Tensor targets, int row, ReadOnlySpan<float> p, Span<float> d, float scale) =>
        {
            var t = RowOf(targets, row, p.Length);
            var slope = scale / p.Length;
            double sum = 0;
            for (var i = 0; i < p.Length; i++)
            {
                if (IsMissing(t, d, i)) continue;
                var error = p[i] - t[i];
                sum += Math.Abs(error);
                if (!d.IsEmpty) d[i] = error > 0 ? slope : error < 0 ? -slope : 0 * error;
            }

            return sum / p.Length;
        });

    /// <summary>Half the squared error up to <paramref name="delta"/>, delta x (|error| - delta / 2) beyond (Huber 1964).</summary>
    public static Tensor Huber(Tape tape, Tensor predictions, Tensor targets, float delta = 1, Tensor? weights = null)
    {
        if (!(delta > 0)) throw new ArgumentOutOfRangeException(nameof(delta), delta, "Huber's delta must be greater than zero.");
        return RowLoss.Apply<(Tensor Targets, float Delta)>(tape, predictions, WeightsOf(weights), (Checked(predictions, targets), delta),
            static (in (Tensor Targets, float Delta) state, int row, ReadOnlySpan<float> p, Span<float> d, float scale) =>
            {
                var t = RowOf(state.Targets, row, p.Length);
                var delta = state.Delta;
                double sum = 0;
                for (var i = 0; i < p.Length; i++)
                {
                    if (IsMissing(t, d, i)) continue;
                    var error = p[i] - t[i];
                    var size = Math.Abs(error);
                    sum += size <= delta ? 0.5 * error * error : delta * ((double)size - 0.5 * delta);
                    if (!d.IsEmpty) d[i] = Math.Clamp(error, -delta, delta) * (scale / p.Length);
                }

                return sum / p.Length;
            });
    }

    /// <summary>log cosh(prediction - target): about half the square of small errors and |error| - log 2 for large ones.</summary>
    public static Tensor LogCosh(Tape tape, Tensor predictions, Tensor targets, Tensor? weights = null) =>
        RowLoss.Apply<Tensor>(tape, predictions, WeightsOf(weights), Checked(predictions, targets),
            static (in Tensor targets, int row, ReadOnlySpan<float> p, Span<float> d, float scale) =>
        {
            var t = RowOf(targets, row, p.Length);
            double sum = 0;
            for (var i = 0; i < p.Length; i++)
            {
                if (IsMissing(t, d, i)) continue;
                double error = p[i] - t[i], size = Math.Abs(error);
                // cosh itself would overflow.
                sum += size + Math.Log(0.5 + 0.5 * Math.Exp(-2 * size));
                if (!d.IsEmpty) d[i] = (float)Math.Tanh(error) * (scale / p.Length);
            }

            return sum / p.Length;
        });

    internal static ReadOnlySpan<float> WeightsOf(Tensor? weights) => weights is null ? default : weights.Span;

    internal static ReadOnlySpan<float> RowOf(Tensor tensor, int row, int columns) => tensor.Span.Slice(row * columns, columns);

    private static Tensor Checked(Tensor predictions, Tensor targets) =>
        predictions.Length == targets.Length && predictions.Shape.Columns == targets.Shape.Columns
        ? targets
        : throw new ArgumentException($"The predictions are {predictions.Shape} but the targets are {targets.Shape}.", nameof(targets));
}
