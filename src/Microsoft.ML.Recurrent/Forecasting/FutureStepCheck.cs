using Microsoft.ML.Data;
using Microsoft.ML.Recurrent.Data;
using Microsoft.ML.Recurrent.Time;

namespace Microsoft.ML.Recurrent.Forecasting;

/// <summary>Whether rows of future covariates lie on the steps of their series: a row too few or too many would move all later ones to other steps.</summary>
/// <param name="manifest">The model.</param>
/// <param name="type">The type of the time column.</param>
/// <param name="duplicates">What a second row of a time means.</param>
internal sealed class FutureStepCheck(ModelManifest manifest, DataViewType type, DuplicateTimes duplicates)
{
    private readonly ForecastManifest _forecast = manifest.Forecast!;
    private readonly TimeSteps? _steps = manifest.Forecast!.Steps;
    private readonly TimeZoneInfo? _zone = manifest.Forecast!.Zone;

    /// <summary>What is wrong with a row that follows another; null if it is the next step.</summary>
    public string? Fault(long previous, long next)
    {
        var of = _steps is { } known ? $" (one step is: {known.Frequency})" : "";
        if (next == previous && duplicates is DuplicateTimes.Step) return null;
        if (next == previous) return $"hold {Describe(next)} twice: keep one row for each step{of}";
        if (_steps is not { } steps || next < previous) return null;
        var (from, to) = (new DateTime(previous), new DateTime(next));
        var second = steps.Add(from, 1);
        if (_forecast.UsualGap is not null && steps.IsLeftOut(to))
            return $"hold {Describe(next)}, which is no step of the series: after {Describe(previous)} comes {Describe(second.Ticks)}{of}";
        if (_forecast.UsualGap is not null && (to - from).Ticks < (second - from).Ticks / 2)
            return $"hold {Describe(next)} between the steps {Describe(previous)} and {Describe(second.Ticks)}: keep one row for each step{of}";
        if (_forecast.FillsTimeGaps || steps.Count(from, to) <= (_forecast.UsualGap ?? 0)) return null;
        return $"lack the step {Describe(second.Ticks)}: {Describe(previous)} is followed by {Describe(next)}, more than one step ({steps.Frequency}) later. "
            + "Add the rows between (their targets may be NaN), or observe them";
    }

    /// <summary>Whether the steps of a model are known. Models of earlier versions score as they did.</summary>
    public static bool IsPossible(ForecastManifest forecast) => forecast.TimeColumn is not null && forecast.UsualGap is not null;

    /// <summary>The check of rows that are scored.</summary>
    public static FutureStepCheck Create(IDataView data, ModelManifest manifest) =>
        new(manifest, TimeReader.Resolve(data.Schema, manifest.Forecast!.TimeColumn!).Type, manifest.Forecast.DuplicateTimes ?? DuplicateTimes.Step);

    /// <summary>By series, its rows (from 0) that do not follow the row before them by one step, and what is wrong with each.</summary>
    public (int Row, string Fault)[][] Faults(SeriesTable table) =>
        [.. Enumerable.Range(0, table.Series).Select(series => Enumerable.Range(1, Math.Max(0, table.Starts[series + 1] - table.Starts[series] - 1))
            .Select(row => (row, Fault(table.Times[table.Starts[series] + row - 1], table.Times[table.Starts[series] + row])!))
            .Where(row => row.Item2 is not null).ToArray())];

    /// <summary>
    /// Reads the times of rows that are scored: those of each series after its last row with a target must be one step apart. Rows before it follow each other
    /// whatever the time between them, as in training.
    /// </summary>
    /// <exception cref="ArgumentException">A step is missing, or there twice.</exception>
    public static void Check(IDataView data, ModelManifest manifest)
    {
        var forecast = manifest.Forecast!;
        if (!IsPossible(forecast)) return;
        var (time, target) = (TimeReader.Resolve(data.Schema, forecast.TimeColumn!), SeriesLayout.Create(manifest).Inputs[0]);
        var columns = forecast.SeriesKey.Select(key => SeriesReader.Resolve(data.Schema, key)).Append(time).Append(target.Find(data.Schema));
        var (check, index, series) = (Create(data, manifest), new SeriesIndex(),
            new List<(bool IsKnown, long Time, string? Fault)>());
        using (var cursor = data.GetRowCursor(columns.DistinctBy(column => column.Index)))
        {
            var (readSeries, readTime, readTarget) = (SeriesReader.Open(cursor, forecast.SeriesKey, index),
                TimeReader.Open(cursor, time, forecast.Zone), target.Open(cursor));
            var values = new float[target.Size];
            while (cursor.MoveNext())
            {
                var (id, read) = (readSeries?.Invoke() ?? 0, readTime());
                readTarget(values);
                while (id >= series.Count) series.Add((false, long.MinValue, null));
                var (isKnown, before, fault) = series[id];
                var now = read.After(before);
                if (values.AsSpan().ContainsAnyExcept(float.NaN)) series[id] = (true, now, null);
                else series[id] = (isKnown, now, isKnown ? fault ?? check.Fault(before, now) : null);
            }
        }
        if (series.FindIndex(one => one.Fault is not null) is var wrong and >= 0)
            throw Error(index.Names.Count == 0 ? "" : index.Names[wrong], series[wrong].Fault!, nameof(data));
    }

    /// <summary>The error of a series.</summary>
    public static ArgumentException Error(string series, string fault, string parameterName) =>
        new($"The rows{(series.Length == 0 ? "" : $" of the series '{series}'")} after its last observation {fault}.", parameterName);

    private string Describe(long time) => TimeReader.Describe(time, type, _zone);
}
