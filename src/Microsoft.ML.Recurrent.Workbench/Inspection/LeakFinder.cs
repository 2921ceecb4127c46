using System.Collections.Immutable;
using Microsoft.ML.Recurrent.Workbench.Tables;

namespace Microsoft.ML.Recurrent.Workbench.Inspection;

/// <summary>
/// Finds columns that hold the label: copies, linear functions of it or of its logarithm, the label of the next row, and other names of its classes. A column
/// that is known in advance, such as a plan, may be told, too: whether it is known when a prediction is made, only its user knows.
/// </summary>
public static class LeakFinder
{
    private const int RowsBetweenChecks = 4096;

    /// <summary>Compares the columns of a table with the label, in one pass over its rows.</summary>
    /// <param name="source">The table.</param>
    /// <param name="profile">What its columns hold.</param>
    /// <param name="labelColumn">The label: its name, or its number from 0.</param>
    /// <param name="ignoredColumns">Columns that are left out. Default: none.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <returns>The columns that hold the label, in the order of the file.</returns>
    /// <exception cref="ArgumentException">There is no such label.</exception>
    public static ImmutableArray<LeakingColumn> Find(TableSource source, TableProfile profile, string labelColumn, IReadOnlyList<string>? ignoredColumns = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(profile);
        var label = source.Find(labelColumn);
        var isNumber = profile.Columns[label].Kind is ColumnKind.Number;
        int[] ignored = [label, .. (ignoredColumns ?? []).Select(source.Find)];
        (ColumnProfile Column, LeakCollector Collector)[] columns = [.. profile.Columns
            .Select((column, place) => (column, place))
            .Where(one => !ignored.Contains(one.place) && !one.column.IsConstant && one.column.Kind is not (ColumnKind.Empty or ColumnKind.Time))
            .Select(one => (one.column, new LeakCollector(one.place, isNumber && one.column.Kind is ColumnKind.Number)))];
        if (columns.Length == 0 || profile.Columns[label].IsConstant) return [];
        using var rows = source.OpenRows();
        for (var count = 0L; rows.Read(); count++)
        {
            if (count % RowsBetweenChecks == 0) cancellationToken.ThrowIfCancellationRequested();
            if (rows.IsMissing(label)) continue;
            foreach (var (_, collector) in columns) collector.Add(rows, label);
        }
        return [.. columns.Select(static one => (one.Column.Name, Reason: one.Collector.Find())).Where(static one => one.Reason is not null)
            .Select(static one => new LeakingColumn(one.Name, one.Reason!))];
    }
}
