using Microsoft.ML.Recurrent.Autograd;
using Microsoft.ML.Recurrent.Tensors;

namespace Microsoft.ML.Recurrent.Losses;

/// <summary>
/// The record of a loss that is a weighted mean over rows: sum of weight x row loss / sum of weights. The derivative with respect to the predictions is
/// computed together with the loss; the backward pass only passes it on.
/// </summary>
internal sealed class RowLoss : DifferentiatedLoss
{
    /// <summary>
    /// The loss of one row and, if <paramref name="derivative"/> is not empty, <paramref name="scale"/> times its derivative with respect to the predictions of
    /// the row.
    /// </summary>
    public delegate double Row<TState>(in TState state, int row, ReadOnlySpan<float> predictions, Span<float> derivative, float scale)
        where TState : allows ref struct;

    /// <summary>Applies a row loss to all rows of <paramref name="predictions"/>; all axes but the last are row axes.</summary>
    /// <param name="tape">Records the loss.</param>
    /// <param name="predictions">[rows, n].</param>
    /// <param name="weights">[rows], at least 0, or empty for equal weights; a row with weight 0 is ignored, whatever its values.</param>
    /// <param name="state">Additional data for the row loss.</param>
    /// <param name="row">The row loss.</param>
    /// <returns>[1]: the mean; 0 if all weights are 0.</returns>
    public static Tensor Apply<TState>(Tape tape, Tensor predictions, ReadOnlySpan<float> weights, in TState state, Row<TState> row)
        where TState : allows ref struct
    {
        var (rows, columns) = (predictions.Shape.Rows, predictions.Shape.Columns);
        if (!weights.IsEmpty && weights.Length < rows) throw new ArgumentException($"There are {rows} rows but {weights.Length} weights.", nameof(weights));
        double total = 0, totalWeight = weights.IsEmpty ? rows : 0;
        foreach (var weight in weights.IsEmpty ? default : weights[..rows]) totalWeight += weight;

        var loss = tape.Rent(new Shape(1));
        var record = tape.Record<RowLoss>(loss, predictions);
        var derivative = record is null ? null : Tensor.Rent(predictions.Shape);
        for (var r = 0; r < rows; r++)
        {
            var weight = weights.IsEmpty ? 1 : weights[r];
            var slopes = derivative is null ? default : derivative.Span.Slice(r * columns, columns);
            if (weight > 0) total += weight * row(in state, r, predictions.Span.Slice(r * columns, columns), slopes, (float)(weight / totalWeight));
            else slopes.Clear();
        }

        loss.Span[0] = totalWeight > 0 ? (float)(total / totalWeight) : 0;
        record?.Keep(derivative);
        return loss;
    }
}
