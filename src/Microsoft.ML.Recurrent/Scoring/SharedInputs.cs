using System.Runtime.InteropServices;
using Microsoft.ML.Recurrent.Data;

namespace Microsoft.ML.Recurrent.Scoring;

/// <summary>
/// The groups of rows of a batch that may share a run: of a graph with inputs without a batch axis, those with the same values of these inputs. Numbered in the
/// order in which they appear.
/// </summary>
internal sealed class SharedInputs
{
    private readonly int[] _groups, _starts, _sorted;

    private SharedInputs(int[] groups, int count) => (_groups, _starts, _sorted) = (groups, new int[count + 1], new int[groups.Length]);

    /// <summary>The groups of a batch; null if all rows are of one.</summary>
    public static SharedInputs? Find(ScoringBatch batch)
    {
        var shared = Places(batch);
        if (shared.Length == 0) return null;
        var groups = new int[batch.Rows];
        List<int> first = [];
        for (var row = 0; row < groups.Length; row++)
        {
            // Neighbours are usually alike.
            var group = row > 0 && Same(batch, shared, row, first[groups[row - 1]])
                ? groups[row - 1]
                : first.FindIndex(other => Same(batch, shared, row, other));
            if (group < 0)
            {
                group = first.Count;
                first.Add(row);
            }
            groups[row] = group;
        }
        return first.Count == 1 ? null : new(groups, first.Count);
    }

    /// <summary>Sorts rows by their groups; within a group they keep their order.</summary>
    public void Sort(Span<int> rows)
    {
        Array.Clear(_starts);
        foreach (var row in rows) _starts[_groups[row] + 1]++;
        for (var group = 1; group < _starts.Length; group++) _starts[group] += _starts[group - 1];
        foreach (var row in rows) _sorted[_starts[_groups[row]]++] = row;
        _sorted.AsSpan(0, rows.Length).CopyTo(rows);
    }

    /// <summary>How many of the rows, from the first, are of one group.</summary>
    public int OfOneGroup(ReadOnlySpan<int> rows)
    {
        var count = 1;
        while (count < rows.Length && _groups[rows[count]] == _groups[rows[0]]) count++;
        return count;
    }

    /// <summary>The inputs without a batch axis.</summary>
    public static int[] Places(ScoringBatch batch) => [.. Enumerable.Range(0, batch.Inputs.Length).Where(input => batch.Inputs[input].Column.IsShared)];

    /// <summary>Whether two rows have the same values of some inputs.</summary>
    public static bool Same(ScoringBatch batch, int[] inputs, int row, int other)
    {
        foreach (var input in inputs)
        {
            var values = batch.Inputs[input];
            var same = values.IsText ? values.Row<string>(row).SequenceEqual(values.Row<string>(other))
                : values.IsInteger ? values.Row<long>(row).SequenceEqual(values.Row<long>(other))
                : values.IsDouble ? Bits(values.Row<double>(row)).SequenceEqual(Bits(values.Row<double>(other)))
                : Bits(values.Row<float>(row)).SequenceEqual(Bits(values.Row<float>(other)));
            if (!same) return false;
        }
        return true;
    }

    // NaN is like NaN.
    private static ReadOnlySpan<byte> Bits<T>(Span<T> values) where T : unmanaged => MemoryMarshal.AsBytes(values);
}
