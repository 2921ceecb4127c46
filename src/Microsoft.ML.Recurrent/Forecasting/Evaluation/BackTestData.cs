using System.Collections.Immutable;
using Microsoft.ML.Data;
using Microsoft.ML.Recurrent.Data;

namespace Microsoft.ML.Recurrent.Forecasting.Evaluation;

/// <summary>The truth of a back-test, read once: targets by series in time order, their times, and what baselines and scales need.</summary>
internal sealed class BackTestData
{
    private readonly SeriesTable _table;
    private readonly double[][] _filled;
    private readonly SeasonalScale[][] _scales;

    private BackTestData(SeriesTable table, ImmutableArray<string> targets, long[]? times, bool hasDates, int? season)
    {
        (_table, Targets, Times, HasDates) = (table, targets, times, hasDates);
        Names = table.Names.Count > 0 ? [.. table.Names] : [""];
        Frequency = hasDates ? FindFrequency() : null;
        Season = season ?? Frequency?.Season ?? 1;
        (_filled, _scales) = (new double[Targets.Length][], new SeasonalScale[Targets.Length][]);
        for (var target = 0; target < Targets.Length; target++)
        {
            var values = new double[table.Rows];
            for (var row = 0; row < values.Length; row++) values[row] = table.Values(row, 1)[target];
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

    public ImmutableArray<string> Targets { get; }

    /// <summary>Each table row's time as a number that orders them; null without a time column.</summary>
    public long[]? Times { get; }

    /// <summary>Whether <see cref="Times"/> are ticks of dates.</summary>
    public bool HasDates { get; }

    public TimeFrequency? Frequency { get; }

    public int Season { get; }

    public int Series => _table.Series;

    public int Rows => _table.Rows;

    public int Start(int series) => _table.Starts[series];

    public int Length(int series) => _table.Starts[series + 1] - _table.Starts[series];

    /// <summary>The source's row of a series' row.</summary>
    public int SourceRow(int series, int row) => _table.SourceRows[Start(series) + row];

    public float Value(int series, int row, int target) => _table.Values(Start(series) + row, 1)[target];

    public SeasonalScale Scale(int series, int target) => _scales[target][series];

    /// <summary>The first values of a series, missing ones filled with the value before them, those before the first known one left away; empty where none is known.</summary>
    public ReadOnlySpan<double> History(int series, int target, int length)
    {
        var span = _filled[target].AsSpan(Start(series), length);
        var first = 0;
        while (first < span.Length && !double.IsFinite(span[first])) first++;
        return span[first..];
    }

    public static BackTestData Read(IDataView data, BackTestOptions options)
    {
        var (column, _) = Columns.Numbers(data.Schema, options.TargetColumnName, "target");
        var table = SeriesTable.Read(data, [options.TargetColumnName], options.SeriesColumnName, options.TimeColumnName, options.CancellationToken);
        if (table.Rows == 0) throw new ArgumentException("The data have no rows: check the file, and the filters before the back-test.", nameof(data));
        for (var series = 0; series < table.Series; series++)
        {
            for (var row = table.Starts[series] + 1; row < table.Starts[series + 1]; row++)
            {
                if (table.SourceRows[row] > table.SourceRows[row - 1]) continue;
                throw ColumnErrors.Value("time", options.TimeColumnName!, table.SourceRows[row - 1],
                    $"is later than a row after it{(table.Names.Count > 0 ? $" of the series '{table.Names[series]}'" : "")}: a back-test keeps the rows' order, so sort the rows by time first.");
            }
        }
        var (times, hasDates) = ReadTimes(data, options, table);
        return new(table, ForecastData.TargetNames(data.Schema, options.TargetColumnName, table.Width), times, hasDates, options.Season);
    }

    private static (long[]? Times, bool HasDates) ReadTimes(IDataView data, BackTestOptions options, SeriesTable table)
    {
        if (options.TimeColumnName is null) return (null, false);
        var column = TimeReader.Resolve(data.Schema, options.TimeColumnName);
        var bySource = new long[table.Rows];
        using (var cursor = data.GetRowCursor([column]))
        {
            var read = TimeReader.Open(cursor, column);
            for (var row = 0; row < bySource.Length && cursor.MoveNext(); row++) bySource[row] = read();
        }
        return (Array.ConvertAll(table.SourceRows, row => bySource[row]), column.Type is DateTimeDataViewType or DateTimeOffsetDataViewType);
    }

    /// <summary>The frequency of the longest series.</summary>
    private TimeFrequency? FindFrequency()
    {
        var longest = Enumerable.Range(0, Series).MaxBy(Length);
        return TimeFrequency.Detect(Times.AsSpan(Start(longest), Length(longest)).ToArray().Select(ticks => new DateTime(ticks)).ToArray());
    }
}
