using System.Collections.Immutable;
using Microsoft.ML.Recurrent.Workbench.Inspection;
using Microsoft.ML.Recurrent.Workbench.Scenarios;
using Microsoft.ML.Recurrent.Workbench.Tables;

namespace Microsoft.ML.Recurrent.Workbench.Runs;

/// <summary>The tables of a run.</summary>
/// <param name="Training">The training rows.</param>
/// <param name="Validation">Rows by which trials are compared; null for a part of the training rows.</param>
/// <param name="Test">Rows for the final figure; null for a part of the training rows.</param>
public sealed record RunTables(ScenarioTable Training, ScenarioTable? Validation, ScenarioTable? Test)
{
    /// <summary>Opens the files of a request.</summary>
    /// <param name="mlContext">The context.</param>
    /// <param name="request">The request.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="FileNotFoundException">A file is missing.</exception>
    /// <exception cref="InvalidDataException">A file is no table, or is broken; the message names it and the line.</exception>
    public static RunTables Open(MLContext mlContext, RunRequest request, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        return new(Open(mlContext, request.Dataset, request, cancellationToken),
            request.ValidationDataset is { } validation ? Open(mlContext, validation, request, cancellationToken) : null,
            request.TestDataset is { } test ? Open(mlContext, test, request, cancellationToken) : null);
    }

    /// <summary>Opens a file as the request says that files are written.</summary>
    /// <param name="mlContext">The context.</param>
    /// <param name="path">The file.</param>
    /// <param name="request">The request.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public static ScenarioTable Open(MLContext mlContext, string path, RunRequest request, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        var table = ScenarioTable.Open(mlContext, path, FormOf(path, request), progress: null, cancellationToken);
        return request.DayFirst is not null && table is { Source: { } source, Profile: { } profile }
            ? ScenarioTable.Create(source, profile.Decide(request.DayFirst))
            : table;
    }

    /// <summary>What can be understood in two ways, in the order in which it should be answered.</summary>
    /// <param name="ignoredColumns">Columns that are not used.</param>
    /// <param name="request">The request: options that name columns by names of the first line say what it is.</param>
    public IEnumerable<TableDoubt> FindDoubts(IReadOnlyCollection<string> ignoredColumns, RunRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        ScenarioTable[] tables = [Training, .. new[] { Validation, Test }.OfType<ScenarioTable>()];
        if (tables.FirstOrDefault(table => table is { Source.IsHeaderDoubtful: true, Profile.Rows: > 0 } && !Names(request, table.Source)) is { } doubtful)
        {
            var names = string.Join(", ", doubtful.Source!.Columns.Take(4).Select(static column => $"'{column.Name}'"));
            yield return new($"Does the first line of '{doubtful.Path}' ({names}) name the columns?",
                [new("Yes", static request => WithHeader(request, true)), new("No", static request => WithHeader(request, false))],
                $"The first line of '{doubtful.Path}' ({names}) may name the columns or be a row like all others: --has-header true or false says which.");
        }
        foreach (var table in tables)
            foreach (var column in table.Profile?.Columns ?? [])
                if (column is { TimeFormat: { } format, OtherTimeFormat: { } other } && !ignoredColumns.Contains(column.Name))
                {
                    yield return OfDates(table, column, format.Pattern, other.Pattern, format.IsDayFirst == true);
                    yield break;
                }
    }

    // Other rows than those of the training may be written in another way: the one counts by which more of their columns are found.
    private static TableOptions FormOf(string path, RunRequest request)
    {
        var own = request.Table with { Separator = null, DecimalMarker = null, AllowQuoting = null };
        if (own == request.Table || request.ColumnKinds.Count == 0 || path == request.Dataset || !File.Exists(path)
            || SequenceFile.LoaderName(path) is not null)
            return request.Table;
        return Known(own) > Known(request.Table) ? own : request.Table;

        int Known(TableOptions options)
        {
            try
            {
                return TableSource.Open(path, options).Columns.Count(column => request.ColumnKinds.ContainsKey(column.Name));
            }
            catch (InvalidDataException)
            {
                return -1;
            }
        }
    }

    private static bool Names(RunRequest request, TableSource source) => request.Scenario.Options
        .Where(static option => option.Kind is ScenarioOptionKind.Column or ScenarioOptionKind.Columns)
        .Any(option => request.Values.TryGetValue(option.Name, out var names)
            && names.Split(',', StringSplitOptions.TrimEntries).Any(name => source.Columns.Any(column => column.Name == name)));

    private static TableDoubt OfDates(ScenarioTable table, ColumnProfile column, string format, string other, bool isDayFirst)
    {
        var example = column.Examples.FirstOrDefault();
        return new($"How are the dates of '{column.Name}' in '{table.Path}' written ('{example}')?",
            [new(format, request => request with { DayFirst = isDayFirst }), new(other, request => request with { DayFirst = !isDayFirst })],
            $"The dates of '{column.Name}' in '{table.Path}' ('{example}') may be written as {format} or as {other}: --day-first true or false says which.");
    }

    private static RunRequest WithHeader(RunRequest request, bool hasHeader) => request with { Table = request.Table with { HasHeader = hasHeader } };
}
