using System.Collections.Immutable;
using Microsoft.ML.Recurrent.Workbench.Tables;

namespace Microsoft.ML.Recurrent.Workbench.Inspection;

/// <summary>What is looked at before training: the columns of a table, its series, and what its user should know.</summary>
/// <param name="Profile">What the columns hold.</param>
/// <param name="TimeColumn">The column of times; null if there is none.</param>
/// <param name="SeriesColumns">The columns by which rows are series; none where all rows are one.</param>
/// <param name="Series">What the times of the series are; empty without times.</param>
/// <param name="Leaks">Columns that hold the label; empty where no label was named.</param>
/// <param name="Findings">What may be wrong, one sentence each.</param>
public sealed record TableInspection(TableProfile Profile, string? TimeColumn, ImmutableArray<string> SeriesColumns, ImmutableArray<SeriesProfile> Series,
    ImmutableArray<LeakingColumn> Leaks, ImmutableArray<string> Findings)
{
    /// <summary>Inspects a table.</summary>
    /// <param name="source">The table.</param>
    /// <param name="timeColumn">The column of times. Default: the first one that holds times.</param>
    /// <param name="seriesColumns">The columns by which rows are series. Default: none.</param>
    /// <param name="labelColumn">The column to predict. Default: none, and no leaking columns are looked for.</param>
    /// <param name="dayFirst">Whether the day stands before the month in dates that can be read in both ways. Default: it is not known.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="ArgumentException">A column that was named is missing; the message names those that are alike.</exception>
    /// <exception cref="InvalidDataException">A row is broken; the message names file and line.</exception>
    public static TableInspection Read(TableSource source, string? timeColumn = null, IReadOnlyList<string>? seriesColumns = null, string? labelColumn = null,
        bool? dayFirst = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(source);
        var time = timeColumn is null ? -1 : source.Find(timeColumn);
        var keys = (seriesColumns ?? []).Select(name => source.Columns[source.Find(name)].Name).ToImmutableArray();
        if (labelColumn is not null) source.Find(labelColumn);
        var profile = TableProfile.Read(source, progress: null, cancellationToken).Decide(dayFirst);
        if (time < 0) time = profile.Columns.IndexOf(profile.Columns.FirstOrDefault(static column => column.Kind is ColumnKind.Time)!);
        var view = new TableView(source, profile);
        var series = ImmutableArray<SeriesProfile>.Empty;
        var findings = TableFindings.OfColumns(source, profile).ToList();
        if (time >= 0 && profile.Columns[time] is { Kind: ColumnKind.Time, Missing: 0, Name: var name })
        {
            series = SeriesProfile.Read(view, name, keys, cancellationToken);
            findings.AddRange(TableFindings.OfSeries(series, name));
            if (keys.IsEmpty && series[0].Duplicates > 0 && FindSeriesColumn(profile, view, name, cancellationToken) is { } key)
                findings.Add($"No time comes twice among the rows of one value of '{key}': it may name the series (--series-col {key}).");
        }
        else if (time >= 0 && timeColumn is not null && profile.Columns[time].Kind is not ColumnKind.Time)
            findings.Add($"The column '{profile.Columns[time].Name}' holds no times that are written in one way.");
        var leaks = labelColumn is null ? ImmutableArray<LeakingColumn>.Empty : LeakFinder.Find(source, profile, labelColumn, keys, cancellationToken);
        findings.AddRange(leaks.Select(static leak => $"The column '{leak.Name}' {leak.Reason}: leave it out (--ignore-cols) if it is not known in advance."));
        return new(profile, time < 0 ? null : profile.Columns[time].Name, keys, series, leaks, [.. findings]);
    }

    // The first of few columns of texts that tells rows of the same time apart.
    private static string? FindSeriesColumn(TableProfile profile, TableView view, string time, CancellationToken cancellationToken)
    {
        const int MostTried = 4;
        return profile.Columns.Where(column => column.Kind is ColumnKind.Text && column is { IsConstant: false, Missing: 0 }
            && column.Distinct < profile.Rows / 2)
            .Take(MostTried)
            .FirstOrDefault(column => SeriesProfile.Read(view, time, [column.Name], cancellationToken).All(static one => one.Duplicates == 0))?.Name;
    }
}
