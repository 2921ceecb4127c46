using Microsoft.ML.Recurrent.Autograd;
using Microsoft.ML.Recurrent.Tensors;

namespace Microsoft.ML.Recurrent.Losses;

/// <summary>
/// The record of every loss that is a weighted mean over rows: sum of weight x row loss / sum of weights. The derivative with respect to the predictions is
/// computed with the loss itself, while the row is at hand; the backward pass only hands it on.
/// </summary>
internal sealed class RowLoss : DifferentiatedLoss
{
    /// <summary>
    /// One row's loss; where <paramref name="derivative"/> is not empty, also <paramref name="scale"/> times its derivative with respect to the row's
    /// predictions.
    /// </summary>
    public delegate double Row<TState>(in TState state, int row, ReadOnlySpan<float> predictions, Span<float> derivative, float scale)
        where TState : allows ref struct;

    /// <summary>Runs a row's loss over all rows of <paramref name="predictions"/>; every axis but the last is one of rows.</summary>
    /// <param name="tape">Writes the loss down.</param>
    /// <param name="predictions">[rows, n].</param>
    /// <param name="weights">[rows], at least 0, or empty where all rows count the same; a row of weight 0 counts for nothing, whatever it holds.</param>
    /// <param name="state">What the row's loss needs besides.</param>
    /// <param name="row">The row's loss.</param>
    /// <returns>[1]: the mean; 0 where all weights are 0.</returns>
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
