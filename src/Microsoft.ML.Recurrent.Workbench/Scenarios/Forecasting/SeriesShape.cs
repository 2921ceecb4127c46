using System.Collections.Immutable;
using System.Globalization;
using Microsoft.ML.Data;
using Microsoft.ML.Recurrent.Workbench.Inspection;

namespace Microsoft.ML.Recurrent.Workbench.Scenarios.Forecasting;

/// <summary>The lengths and times of the series of a table.</summary>
/// <param name="Lengths">The rows of each series.</param>
/// <param name="Frequency">The time between two steps; null if there is none.</param>
/// <param name="EndTogether">Whether all series have the same last time.</param>
/// <param name="Span">The first and the last time; null without times.</param>
/// <param name="Notes">What was seen.</param>
internal sealed record SeriesShape(ImmutableArray<int> Lengths, TimeFrequency? Frequency, bool EndTogether, (DateTime First, DateTime Last)? Span,
    ImmutableArray<string> Notes)
{
    /// <summary>The length of the series in the middle, by length.</summary>
    public int MedianLength => Lengths.Sort()[Lengths.Length / 2];

    /// <summary>Steps of a season; 1 for none.</summary>
    public int Season => Frequency?.Season ?? 1;

    public static SeriesShape Read(ScenarioTable table, ForecastColumns columns, TimeFrequency? frequency)
    {
        if (columns.Time is null || table.View.Schema[columns.Time].Type is not DateTimeDataViewType) return Count(table, columns, frequency);
        var series = SeriesProfile.Read(table.View, columns.Time, columns.Series);
        if (series.IsEmpty) throw new ArgumentException($"'{table.Path}' has no rows.");
        Check(table, columns, series);
        var notes = ImmutableArray.CreateBuilder<string>();
        if (frequency is null)
        {
            frequency = series.Where(static one => one.Frequency is not null).GroupBy(static one => one.Frequency)
                .OrderByDescending(static group => group.Count())
                .FirstOrDefault()?.Key;
            notes.Add(frequency is null
                ? "The times have no common step: forecasts are counted in rows."
                : $"Steps are one {frequency} apart, found from the times.");
        }
        var (gaps, missing) = (series.Sum(static one => one.Gaps), series.Sum(static one => one.MissingTimes));
        if (gaps > 0)
            notes.Add(string.Create(CultureInfo.InvariantCulture, $"{missing} times are missing at {gaps} places: the steps around them count as neighbours."));
        return new([.. series.Select(static one => one.Rows)], frequency, series.Select(static one => one.Last).Distinct().Count() == 1,
            (series.Min(static one => one.First), series.Max(static one => one.Last)), notes.ToImmutable());
    }

    // A back-test keeps the order of the rows.
    private static void Check(ScenarioTable table, ForecastColumns columns, ImmutableArray<SeriesProfile> series)
    {
        if (series.FirstOrDefault(static one => one.Unordered > 0) is { } unordered)
            throw new ArgumentException(string.Create(CultureInfo.InvariantCulture,
                $"{unordered.Unordered} rows of '{table.Path}'{Of(unordered)} are earlier than the row "
                + $"before them: sort the rows by '{columns.Time}' "
                + $"first{(columns.Series.IsEmpty ? $", or name the columns of series by {ForecastingScenario.SeriesOption}" : "")}."));
        if (series.FirstOrDefault(static one => one.Duplicates > 0) is not { } doubled) return;
        throw new ArgumentException(string.Create(CultureInfo.InvariantCulture,
            $"{doubled.Duplicates} rows of '{table.Path}'{Of(doubled)} have a time that another row has, too: "
            + $"{(columns.Series.IsEmpty ? $"name the columns of series by {ForecastingScenario.SeriesOption}, or keep" : "keep")} one row for each time."));

        static string Of(SeriesProfile one) => one.Name.Length == 0 ? "" : $", series '{one.Name}',";
    }

    private static SeriesShape Count(ScenarioTable table, ForecastColumns columns, TimeFrequency? frequency)
    {
        DataViewSchema.Column[] keys = [.. columns.Series.Select(name => table.View.Schema[name])];
        var counts = new Dictionary<string, int>();
        using var cursor = table.View.GetRowCursor(keys);
        ValueGetter<ReadOnlyMemory<char>>[] getters = [.. keys.Select(key => cursor.GetGetter<ReadOnlyMemory<char>>(key))];
        ReadOnlyMemory<char> text = default;
        while (cursor.MoveNext())
        {
            var name = string.Join('|', getters.Select(getter =>
            {
                getter(ref text);
                return text.ToString();
            }));
            counts[name] = counts.GetValueOrDefault(name) + 1;
        }
        if (counts.Count == 0) throw new ArgumentException($"'{table.Path}' has no rows.");
        return new([.. counts.Values], frequency, columns.Time is null && counts.Values.Distinct().Count() == 1, null,
            [columns.Time is null
                ? "No column of times: the rows of a series are steps in order."
                : $"The times '{columns.Time}' are numbers: steps are counted in rows."]);
    }
}
