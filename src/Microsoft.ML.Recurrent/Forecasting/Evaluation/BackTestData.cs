using System.Collections.Immutable;
using Microsoft.ML.Recurrent.Data;
using Microsoft.ML.Recurrent.Time;

namespace Microsoft.ML.Recurrent.Forecasting.Evaluation;

/// <summary>The actual values of a back-test, read once: targets by series in time order, their times, and the data of baselines and scales.</summary>
internal sealed class BackTestData
{
    private readonly SeriesTable _table;
    private readonly SeriesLayout _layout;
    private readonly double[][] _filled;
    private readonly SeasonalScale[][] _scales;

    private BackTestData(SeriesTable table, SeriesLayout layout, ImmutableArray<string> targets, TimeFrequency? frequency, bool hasDates,
        BackTestOptions options)
    {
        (_table, _layout, Targets, Times, HasDates) = (table, layout, targets, options.TimeColumnName is null ? null : table.Times, hasDates);
        Names = table.Names.Count > 0 ? [.. table.Names] : [""];
        Frequency = frequency;
        Seasons = options.Seasons(Frequency);
        Rows = table.SourceRows.Max() + 1;
        (_filled, _scales) = (new double[Targets.Length][], new SeasonalScale[Targets.Length][]);
        for (var target = 0; target < Targets.Length; target++)
        {
            var values = new double[table.Rows];
            for (var row = 0; row < values.Length; row++) values[row] = layout.Number(table.Values(row, 1), target);
            _scales[target] = new SeasonalScale[table.Series];
            for (var series = 0; series < table.Series; series++)
            {
                var span = values.AsSpan(Start(series), Length(series));
                _scales[target][series] = new(span, Season);
                for (var i = 1; i < span.Length; i++)
                {
                    if (!double.IsFinite(span[i])) span[i] = span[i - 1];
                }
            }
            _filled[target] = values;
        }
    }

    public ImmutableArray<string> Names { get; }

    /// <summary>What is said of rows whose time comes twice; null if there are none.</summary>
    public string? Doubled { get; private init; }

    /// <summary>Describes times that lie far from the others; null for none.</summary>
    public string? Distant { get; private init; }

    /// <summary>What is said of local times that come twice; null if there are none.</summary>
    public string? Information { get; private init; }

    /// <summary>The time zone of the times; null for times as they are.</summary>
    public TimeZoneInfo? Zone { get; private init; }

    public ImmutableArray<string> Targets { get; }

    /// <summary>Time of each table row as a sortable number; null without a time column.</summary>
    public long[]? Times { get; }

    /// <summary>Whether <see cref="Times"/> are ticks of dates.</summary>
    public bool HasDates { get; }

    /// <summary>The type of the time column, in words; null without.</summary>
    public string? TimeType { get; private init; }

    public TimeFrequency? Frequency { get; }

    /// <summary>The season lengths of the seasonal baselines.</summary>
    public ImmutableArray<int> Seasons { get; }

    /// <summary>The season length of scaled errors.</summary>
    public int Season => Seasons[0];

    public int Series => _table.Series;

    /// <summary>Number of source rows.</summary>
    public int Rows { get; }

    public int Start(int series) => _table.Starts[series];

    public int Length(int series) => _table.Starts[series + 1] - _table.Starts[series];

    /// <summary>The source row of a row of a series.</summary>
    public int SourceRow(int series, int row) => _table.SourceRows[Start(series) + row];

    /// <summary>Whether a row of a series stands for a time without a source row.</summary>
    public bool IsGap(int series, int row) => row > 0 && SourceRow(series, row) == SourceRow(series, row - 1);

    public double Value(int series, int row, int target) => _layout.Number(_table.Values(Start(series) + row, 1), target);

    public SeasonalScale Scale(int series, int target) => _scales[target][series];

    /// <summary>The first values of a series: missing values are forward-filled, leading ones are dropped. Empty if no value is known.</summary>
    public ReadOnlySpan<double> History(int series, int target, int length)
    {
        var span = _filled[target].AsSpan(Start(series), length);
        var first = 0;
        while (first < span.Length && !double.IsFinite(span[first])) first++;
        return span[first..];
    }

    public static BackTestData Read(IDataView data, BackTestOptions options)
    {
        Columns.Numbers(data.Schema, options.TargetColumnName, "target");
        var timeType = options.TimeColumnName is { } time ? TimeReader.Resolve(data.Schema, time).Type : null;
        var hasDates = timeType is not null && TimeReader.IsDate(timeType);
        var zone = TimeReader.Zone(data.Schema, options.TimeColumnName, options.TimeZone, nameof(options.TimeZone));
        var layout = SeriesLayout.Resolve(data.Schema, options.TargetColumnName, [], [], [], []);
        var table = SeriesTable.Read(data, layout.Inputs, options.SeriesKey(), options.TimeColumnName, options.CancellationToken, zone: zone);
        if (table.Rows == 0) throw new ArgumentException("The data have no rows: check the file and the filters before the back-test.", nameof(data));
        for (var series = 0; series < table.Series; series++)
        {
            for (var row = table.Starts[series] + 1; row < table.Starts[series + 1]; row++)
            {
                if (table.SourceRows[row] > table.SourceRows[row - 1]) continue;
                throw ColumnErrors.Value("time", options.TimeColumnName!, table.SourceRows[row - 1],
                    $"is later than a row after it{(table.Names.Count > 0 ? $" of the series '{table.Names[series]}'" : "")}: a back-test keeps the row "
                        + "order, so sort the rows by time first."
                        + DoubledTimes.HintAtZone(timeType!, zone, table.Times[row] - table.Times[row - 1], nameof(options.TimeZone)));
            }
        }
        var (doubled, ambiguous) = (new DoubledTimes(), table.Ambiguous);
        doubled.Add(table);
        var frequency = hasDates ? FindFrequency(table, zone) : null;
        var distant = frequency is null ? null : new DistantTimes(new(frequency, zone));
        for (var series = 0; series < table.Series; series++)
        {
            var from = table.Starts[series];
            distant?.Add(table.Times.AsSpan(from..table.Starts[series + 1]), table.Names.Count == 0 ? null : table.Names[series],
                row => table.SourceRows[from + row]);
        }
        if (options.FillTimeGaps)
        {
            table = table.FillGaps(frequency is not null
                ? new(frequency, zone)
                : throw new ArgumentException($"The times of the column '{options.TimeColumnName}' have no common step, so gaps cannot be found: leave the "
                    + $"option FillTimeGaps out.", nameof(data)), layout);
        }
        return new(table, layout, ForecastManifests.TargetNames(data.Schema, options.TargetColumnName, layout.Targets), frequency, hasDates, options)
        {
            TimeType = options.TimeColumnName is { } column ? data.Schema[column].Type.ToString() : null,
            Zone = zone,
            Doubled = doubled.Count == 0 ? null : doubled.Describe(timeType!, zone)
                + ": the back-test takes each as a step of its own. "
                + (options.SeriesKey().Length == 0
                    ? "If they are several series, name the column that tells them apart in the option SeriesColumnName; otherwise "
                    + "keep one row per time." : "Keep one row per time.")
                + DoubledTimes.HintAtZone(timeType!, zone, 0, nameof(options.TimeZone)),
            Distant = distant?.Describe(),
            Information = ambiguous.Count > 0 ? ambiguous.Describe(options.TimeColumnName!, options.TimeZone!, zone!) : null,
        };
    }

    /// <summary>The frequency of the longest series.</summary>
    private static TimeFrequency? FindFrequency(SeriesTable table, TimeZoneInfo? zone)
    {
        var longest = Enumerable.Range(0, table.Series).MaxBy(series => table.Starts[series + 1] - table.Starts[series]);
        return FrequencyDetection.Find(table.Times.AsSpan(table.Starts[longest]..table.Starts[longest + 1]), zone);
    }
}
