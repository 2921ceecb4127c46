using System.Globalization;
using Microsoft.ML.Recurrent.Time;

namespace Microsoft.ML.Recurrent.Forecasting;

/// <summary>
/// A few first or last rows of a series that lie further from the others than an engine would accept (<see cref="TimeJumpLimit"/>): a wrong date takes a row
/// from its place.
/// </summary>
internal sealed class DistantTimes(TimeSteps steps)
{
    private const int Most = 3, Fewest = 20;

    private readonly TimeJumpLimit _limit = new(steps, null);
    private string? _first;
    private int _count;

    /// <summary>Adds the times of one series, in order.</summary>
    public void Add(ReadOnlySpan<long> times, string? series, Func<int, int> sourceRow)
    {
        if (times.Length < Fewest) return;
        for (var row = 1; row < times.Length; row++)
        {
            // The rows before this one, or it and those after it, are the few.
            var (starts, ends) = (row <= Most, times.Length - row <= Most);
            if (!starts && !ends || _limit.Exceeded(times[row - 1], times[row]) is null) continue;
            var (wrong, next) = starts ? (row - 1, row) : (row, row - 1);
            _count += starts ? row : times.Length - row;
            _first ??= string.Create(CultureInfo.InvariantCulture,
                $"Row {sourceRow(wrong)} has the time {new DateTime(times[wrong]):yyyy-MM-dd HH:mm:ss}, but the row {(starts ? "after" : "before")} it in "
                    + $"the series"
                    + $"{(series is null ? "" : $" '{series}'")} is that of {new DateTime(times[next]):yyyy-MM-dd HH:mm:ss}");
            if (ends) return;
        }
    }

    /// <summary>The first row, and what to do; null for none.</summary>
    public string? Describe() => _first is null ? null
        : $"{_first}{(_count > 1 ? $"; {_count} rows are like that" : "")}. Is the date right? A wrong one makes its row the last or the first of the series: "
            + "correct it, or filter the row.";
}
