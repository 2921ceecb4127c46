using System.Collections.Immutable;
using Microsoft.ML.Recurrent.Workbench.Tables;

namespace Microsoft.ML.Recurrent.Workbench.Inspection;

/// <summary>What the columns of a table hold, found in one pass over its rows.</summary>
/// <param name="Path">The file.</param>
/// <param name="Rows">The number of rows.</param>
/// <param name="Columns">The columns, in the order of the file.</param>
public sealed record TableProfile(string Path, long Rows, ImmutableArray<ColumnProfile> Columns)
{
    private const int RowsBetweenChecks = 4096;

    /// <summary>The table with its dates read in one of two ways, where both are possible.</summary>
    /// <param name="dayFirst">Whether the day stands before the month; null to leave it open.</param>
    public TableProfile Decide(bool? dayFirst) =>
        dayFirst is { } isFirst ? this with { Columns = [.. Columns.Select(column => column.Decide(isFirst))] } : this;

    /// <summary>Reads a table and tells what it holds.</summary>
    /// <param name="source">The table.</param>
    /// <param name="progress">Receives the number of rows so far.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="InvalidDataException">A row is broken; the message names file and line.</exception>
    public static TableProfile Read(TableSource source, IProgress<long>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(source);
        ColumnCollector[] collectors = [.. source.Columns.Select(static (column, index) => new ColumnCollector(column, index))];
        long count = 0;
        using (var rows = source.OpenRows())
        {
            while (rows.Read())
            {
                foreach (var collector in collectors) collector.Add(rows);
                if (++count % RowsBetweenChecks != 0) continue;
                cancellationToken.ThrowIfCancellationRequested();
                progress?.Report(count);
            }
        }
        return new(source.Path, count, [.. collectors.Select(static collector => collector.Profile())]);
    }
}
