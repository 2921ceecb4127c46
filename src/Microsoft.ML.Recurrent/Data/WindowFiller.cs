using System.Collections.Immutable;

namespace Microsoft.ML.Recurrent.Data;

/// <summary>Writes examples from rows of windows, column by column.</summary>
/// <param name="layout">The columns.</param>
/// <param name="inputs">The target's inputs.</param>
internal sealed class WindowFiller(WindowLayout layout, ImmutableArray<InputColumn> inputs)
{
    // The inputs of each column, and the part of its numbers for each of them.
    private readonly (int Input, Range Part)[][] _inputs = [.. layout.All.Select(column => Enumerable.Range(0, inputs.Length)
        .Where(i => inputs[i].Column == column.Name)
        .Select(i => (i, inputs[i].Kind is InputKind.Future ? (column.Window * column.Input.Size).. : ..(Math.Max(1, column.Window) * column.Input.Size)))
        .ToArray())];

    /// <summary>Writes the part of a column in an example.</summary>
    /// <param name="target">The batch.</param>
    /// <param name="example">The row of the example in the batch.</param>
    /// <param name="column">The index of the column.</param>
    /// <param name="values">All numbers of the column.</param>
    /// <param name="rests">The rest of each, if they are more than Singles.</param>
    /// <param name="origin">Their origin, for a batch to train on.</param>
    public void Fill(IExampleTarget target, int example, int column, ReadOnlySpan<float> values, ReadOnlySpan<float> rests = default,
        ReadOnlySpan<double> origin = default)
    {
        foreach (var (input, part) in _inputs[column])
        {
            if (layout.All[column].Input.Origins.IsEmpty) target.Write(example, input, 0, values[part], layout.All[column].Input.Size);
            else target.Write(example, input, 0, values[part], rests[part], layout.All[column].Input.Size, origin);
        }
    }
}
