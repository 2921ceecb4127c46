using System.Collections.Immutable;
using Microsoft.ML.Recurrent.Data;
using Microsoft.ML.Recurrent.Time;

namespace Microsoft.ML.Recurrent.Forecasting.Evaluation;

/// <summary>One forecast to make: a series at an origin, of which the first <paramref name="Cut"/> rows are known.</summary>
internal readonly record struct OriginCut(int Origin, int Series, int Cut);

/// <summary>The origins of a back-test, and which of them share a fit.</summary>
internal sealed class BackTestSchedule
{
    private readonly BackTestData _data;
    private readonly BackTestOptions _options;
    private readonly int[][] _cuts;
    private readonly long[]? _originTimes;

    public BackTestSchedule(BackTestData data, BackTestOptions options)
    {
        (_data, _options) = (data, options);
        foreach (var option in options.DateOptions())
        {
            if (!data.HasDates)
                throw ColumnErrors.Mismatch("time", options.TimeColumnName!, $"DateTime or DateTimeOffset, which the option {option} needs", data.TimeType!);
        }
        (_cuts, _originTimes) = data.Times is null || options.AlignAtSeriesEnd ? (FromSeriesEnds(), null) : FromTimes();
        Pairs = [.. PairUp()];
    }

    public int Origins => _cuts.Length;

    /// <summary>The forecasts to make, by origin, then series.</summary>
    public ImmutableArray<OriginCut> Pairs { get; }

    /// <summary>The time of an origin; null if it has none.</summary>
    public DateTime? Time(int origin) => _data.HasDates && _originTimes is { } times ? LocalTime.FromInstant(new DateTime(times[origin]), _data.Zone) : null;

    /// <summary>The fits, each with its first and last origin.</summary>
    public IEnumerable<(int First, int Last)> Fits()
    {
        var size = _options.RefitEvery == 0 ? Origins : _options.RefitEvery;
        for (var first = 0; first < Origins; first += size) yield return (first, Math.Min(first + size, Origins) - 1);
    }

    /// <summary>The index of the fit of an origin.</summary>
    public int Fit(int origin) => _options.RefitEvery == 0 ? 0 : origin / _options.RefitEvery;

    /// <summary>The training rows of a fit at an origin, by source row: never a row after the origin.</summary>
    public bool[] TrainingRows(int origin) => Choose(series =>
    {
        var end = _cuts[origin][series] - _options.TrainingGap;
        return (end - (_options.MaximumTrainingRows ?? end), end);
    });

    /// <summary>The rows from which the origins of a fit are forecast, by source row: up to the last origin.</summary>
    /// <param name="first">The first origin.</param>
    /// <param name="last">The last origin.</param>
    /// <param name="window">Rows before an origin, with different times, that are enough; null for all.</param>
    public bool[] ContextRows(int first, int last, int? window) => Choose(series =>
    {
        var cut = _cuts[first][series];
        return (Math.Max(window is { } rows ? WindowStart(series, cut, rows) : 0, cut - (_options.ContextRows ?? cut)), _cuts[last][series]);
    });

    // Rows of one time may count as one, and times without a row as none.
    private int WindowStart(int series, int cut, int window)
    {
        var row = cut;
        for (var found = 0; row > 0 && found < window; found += IsNew(row) ? 1 : 0) row--;
        return row;

        bool IsNew(int at) => !_data.IsGap(series, at)
            && (at == 0 || _data.Times is not { } times || times[_data.Start(series) + at] != times[_data.Start(series) + at - 1]);
    }

    /// <summary>The rows of the horizon after an origin, by source row, up to the first one after a gap at its end.</summary>
    public bool[] HorizonRows(int origin) => Choose(series =>
    {
        var end = Math.Min(_cuts[origin][series] + _options.Horizon, _data.Length(series));
        while (_data.IsGap(series, end - 1)) end++;
        return (_cuts[origin][series], end);
    });

    private bool[] Choose(Func<int, (int From, int To)> part)
    {
        var chosen = new bool[_data.Rows];
        for (var series = 0; series < _data.Series; series++)
        {
            var (from, to) = part(series);
            for (var row = Math.Max(0, from); row < to; row++) chosen[_data.SourceRow(series, row)] |= !_data.IsGap(series, row);
        }
        return chosen;
    }

    private IEnumerable<OriginCut> PairUp()
    {
        // With origins per series, each series needs its training rows. With origins in time, a new series is forecast from its first row on.
        var least = _originTimes is null ? _options.InitialTrainingRows ?? 1 : 1;
        for (var origin = 0; origin < Origins; origin++)
        {
            for (var series = 0; series < _data.Series; series++)
            {
                var cut = _cuts[origin][series];
                if (cut >= least && cut < _data.Length(series)) yield return new(origin, series, cut);
            }
        }
    }

    private int[][] FromSeriesEnds()
    {
        var longest = Enumerable.Range(0, _data.Series).Max(_data.Length);
        return [.. KnownCounts(longest, "rows in the longest series").Select(known =>
            Enumerable.Range(0, _data.Series).Select(series => Math.Max(0, _data.Length(series) - (longest - known))).ToArray())];
    }

    private (int[][] Cuts, long[] Times) FromTimes()
    {
        var distinct = _data.Times!.Distinct().Order().ToArray();
        var known = _options.DateOptions().Any() ? new OriginDates(distinct, _data.Zone, _options).KnownCounts()
            : KnownCounts(distinct.Length, "points in time");
        var times = known.Select(count => distinct[count - 1]).ToArray();
        return (Array.ConvertAll(times, time => Enumerable.Range(0, _data.Series).Select(series => CountUpTo(series, time)).ToArray()), times);
    }

    private int CountUpTo(int series, long time)
    {
        var (low, high) = (_data.Start(series), _data.Start(series) + _data.Length(series));
        while (low < high)
        {
            var middle = low + (high - low) / 2;
            if (_data.Times![middle] <= time) low = middle + 1;
            else high = middle;
        }
        return low - _data.Start(series);
    }

    /// <summary>The number of known rows at each origin, the earliest first.</summary>
    private List<int> KnownCounts(int total, string what)
    {
        var (least, stride) = (_options.InitialTrainingRows ?? 1, _options.Stride ?? _options.Horizon);
        var maximum = _options.NumberOfOrigins ?? (_options.InitialTrainingRows is null ? 10 : int.MaxValue);
        var counts = new List<int>();
        for (var known = (long)total - _options.Horizon; known >= least && counts.Count < maximum; known -= stride) counts.Insert(0, (int)known);
        return counts.Count > 0 ? counts : throw new ArgumentException(
            $"The data are too short for a back-test: {least} training rows and a horizon of {_options.Horizon} need {(long)least + _options.Horizon}, "
                + $"there are {total} {what}.", "data");
    }
}
