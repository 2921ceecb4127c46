using System.Collections.Immutable;

namespace Microsoft.ML.Recurrent.Data;

/// <summary>Writes examples from rows that hold windows, column by column.</summary>
/// <param name="layout">The columns.</param>
/// <param name="inputs">The target's inputs.</param>
internal sealed class WindowFiller(WindowLayout layout, ImmutableArray<InputColumn> inputs)
{
    // For each column its inputs, and the part of its numbers that belongs to each of them.
    private readonly (int Input, Range Part)[][] _inputs = [.. layout.All.Select(column => Enumerable.Range(0, inputs.Length)
        .Where(i => inputs[i].Column == column.Name)
        .Select(i => (i, inputs[i].Kind is InputKind.Future ? (column.Window * column.Input.Size).. : ..(Math.Max(1, column.Window) * column.Input.Size)))
        .ToArray())];

    /// <summary>Writes a column's part of an example.</summary>
    /// <param name="target">The batch.</param>
    /// <param name="example">The example's row in the batch.</param>
    /// <param name="column">The index of the column.</param>
    /// <param name="values">All its numbers.</param>
    public void Fill(IExampleTarget target, int example, int column, ReadOnlySpan<float> values)
    {
        foreach (var (input, part) in _inputs[column]) target.Write(example, input, 0, values[part], layout.All[column].Input.Size);
    }
}
