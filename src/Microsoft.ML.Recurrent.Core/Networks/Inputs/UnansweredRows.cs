using Microsoft.ML.Recurrent.Tensors;

namespace Microsoft.ML.Recurrent.Networks.Inputs;

/// <summary>
/// Rows that have no answer: those without steps, and those of which a number is NaN or infinite where the network knows no missing values. Exported graphs say
/// the same of them.
/// </summary>
internal static class UnansweredRows
{
    /// <summary>Makes all that a network gives of such rows NaN: activations may give a number of NaN.</summary>
    /// <param name="values">[rows, n], or [time, rows, n] of answers at every step.</param>
    /// <param name="batch">What went in.</param>
    /// <param name="description">The network.</param>
    public static void Mark(Tensor values, SequenceBatch batch, NetworkDescription description)
    {
        var size = values.Shape.Columns;
        var rows = batch.Rows;
        for (var row = 0; row < rows; row++)
        {
            if (HasAnswer(batch, description, row)) continue;
            for (var at = row; at < values.Shape.Rows; at += rows) values.Span.Slice(at * size, size).Fill(float.NaN);
        }
    }

    private static bool HasAnswer(SequenceBatch batch, NetworkDescription description, int row)
    {
        var length = batch.Lengths is null ? batch.Time : batch.Lengths[row];
        return length > 0 && (description.AllowsMissing
            || IsFinite(batch.Values, length, batch.Rows, row) && IsFinite(batch.Statics, 1, batch.Rows, row)
            && IsFinite(batch.Future, description.Horizon, batch.Rows, row));
    }

    private static bool IsFinite(Tensor? x, int steps, int rows, int row)
    {
        if (x is null) return true;
        var columns = x.Shape.Columns;
        for (var step = 0; step < steps; step++)
        {
            if (!FiniteNumbers.All(x.Span.Slice((step * rows + row) * columns, columns))) return false;
        }

        return true;
    }
}
