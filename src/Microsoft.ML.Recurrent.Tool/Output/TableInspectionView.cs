using System.Globalization;
using Microsoft.ML.Recurrent.Workbench.Inspection;
using Microsoft.ML.Recurrent.Workbench.Tables;
using Spectre.Console;

namespace Microsoft.ML.Recurrent.Tool.Output;

/// <summary>Shows what was found about a table.</summary>
internal static class TableInspectionView
{
    private const int MostSeries = 10, MostFindings = 40;

    public static object ToJson(TableInspection inspection) => new
    {
        kind = "table",
        file = inspection.Profile.Path,
        inspection.Profile.Rows,
        columns = inspection.Profile.Columns.Select(static column => new
        {
            column.Name, column.Kind, column.Missing, column.Distinct, column.IsConstant, column.Minimum, column.Mean, column.Maximum,
            first = column.Span?.First, last = column.Span?.Last, timeFormat = column.TimeFormat?.Pattern, otherTimeFormat = column.OtherTimeFormat?.Pattern,
            column.Outline, column.Examples,
        }),
        inspection.TimeColumn,
        inspection.SeriesColumns,
        series = inspection.Series.Select(static series => new
        {
            series.Name, series.Rows, series.First, series.Last, frequency = series.Frequency?.ToString(), season = series.Frequency?.Season, series.Duplicates,
            series.Unordered, series.Gaps, series.MissingTimes,
        }),
        leakingColumns = inspection.Leaks,
        inspection.Findings,
    };

    public static void Write(IAnsiConsole console, TableInspection inspection)
    {
        var profile = inspection.Profile;
        console.WriteLine(Say($"{profile.Path}: {profile.Rows} rows, {profile.Columns.Length} columns"));
        WriteColumns(console, profile);
        if (inspection.TimeColumn is { } time && inspection.Series.Length > 0) WriteSeries(console, inspection.Series, time);
        foreach (var finding in inspection.Findings.Take(MostFindings)) console.WriteLine("! " + finding);
        if (inspection.Findings.Length > MostFindings) console.WriteLine(Say($"... and {inspection.Findings.Length - MostFindings} more: --json has all."));
    }

    /// <summary>Writes a table of columns.</summary>
    public static void WriteColumns(IAnsiConsole console, TableProfile profile)
    {
        console.Write(TextTable.Create(["Column", "Kind", ">Missing", ">Distinct", ">Minimum", ">Mean", ">Maximum", "Outline"], profile.Columns.Select(Cells)));
    }

    private static string[] Cells(ColumnProfile column) =>
    [
        column.Name, column.Kind.ToString(), Say($"{column.Missing}"),
        column.Distinct > ColumnProfile.MostDistinct ? Say($"> {ColumnProfile.MostDistinct}") : Say($"{column.Distinct}"),
        .. column.Span is { } span ? [Cell.Time(span.First), "", Cell.Time(span.Last)]
            : (string[])[Cell.Number(column.Minimum), Cell.Number(column.Mean), Cell.Number(column.Maximum)],
        column.Kind is ColumnKind.Number ? Cell.Spark(column.Outline) : column.TimeFormat?.Pattern ?? string.Join(", ", column.Examples.Take(3)),
    ];

    private static void WriteSeries(IAnsiConsole console, IReadOnlyList<SeriesProfile> series, string time)
    {
        if (series is [var only])
        {
            console.WriteLine($"Times in '{time}': {Cell.Time(only.First)} to {Cell.Time(only.Last)}, {Step(only)}.");
            return;
        }
        int[] lengths = [.. series.Select(static one => one.Rows).Order()];
        console.WriteLine(
            Say($"{series.Count} series by their times in '{time}', of {lengths[0]} to {lengths[^1]} rows (median {lengths[lengths.Length / 2]}):"));
        console.Write(TextTable.Create(["Series", ">Rows", "First", "Last", "Step", ">Missing times"], series.Take(MostSeries).Select(static one =>
            (string[])[one.Name, Say($"{one.Rows}"), Cell.Time(one.First), Cell.Time(one.Last), Step(one), Say($"{one.MissingTimes}")])));
        if (series.Count > MostSeries) console.WriteLine(Say($"... and {series.Count - MostSeries} more: --json has all."));
    }

    private static string Step(SeriesProfile series) => series.Frequency is not { } frequency ? "no regular step"
        : frequency.Season > 1 ? Say($"every {frequency}, season of {frequency.Season}") : $"every {frequency}";

    private static string Say(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
