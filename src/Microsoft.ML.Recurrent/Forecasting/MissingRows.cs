using System.Globalization;
using Microsoft.ML.Recurrent.Time;

namespace Microsoft.ML.Recurrent.Forecasting;

/// <summary>
/// Rows that are missing here and there, as after a random split or a filter. Times that are missing as a rule, such as nights and weekends, do not count;
/// neither do single holidays and long outages, since few windows contain them.
/// </summary>
internal sealed class MissingRows(TimeSteps steps)
{
    // Gaps per row from which on most windows contain one. Holidays are 3 to 4 of 100 business days.
    private const double FewestGapsPerRow = 0.05;
    private const int FewestGaps = 5;

    /// <summary>The steps of one gap that are looked at: more is an outage.</summary>
    private const int LongestGap = 1000;

    private long _rows, _steps, _gaps;
    private string _first = "";

    /// <summary>Adds the times of one series, in order.</summary>
    public void Add(ReadOnlySpan<DateTime> times, string? series, Func<int, int> sourceRow)
    {
        _rows += times.Length;
        if (times.Length < 2) return;
        var (span, frequency) = (times[^1] - times[0], steps.Frequency);
        Func<DateTime, long> phaseOf = !frequency.IsFixed || span.TotalDays < 3 ? static _ => 0
            : span.TotalDays < 21 ? static time => time.TimeOfDay.Ticks
            : static time => (long)time.DayOfWeek * TimeSpan.TicksPerDay + time.TimeOfDay.Ticks;
        var phases = new Dictionary<long, (int Rows, int Missing)>();
        var gaps = new List<(int Row, DateTime[] Times)>();
        for (var row = 0; row < times.Length; row++)
        {
            Count(times[row], 1, 0);
            // Most rows have no gap before them: an iterator for each would be most of what a fit allocates.
            if (row == 0 || steps.Count(times[row - 1], times[row]) == 0) continue;
            DateTime[] missing = [.. steps.Between(times[row - 1], times[row], LongestGap)];
            gaps.Add((row - 1, missing));
            foreach (var time in missing) Count(time, 0, 1);
        }
        foreach (var (row, missing) in gaps)
        {
            _steps += missing.Count(IsUsual);
            if (!IsUsual(missing[0])) continue;
            if (_gaps++ == 0) _first = Place(times[row].ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture), sourceRow(row), series);
        }

        // Whether that time of the day or week has rows: it is closed where it has hardly any, although it came often.
        bool IsUsual(DateTime time) => phases[phaseOf(time)] is var (rows, missing) && (4 * rows >= missing || rows + missing < 3);

        void Count(DateTime time, int rows, int missing)
        {
            var known = phases.GetValueOrDefault(phaseOf(time));
            phases[phaseOf(time)] = (known.Rows + rows, known.Missing + missing);
        }
    }

    /// <summary>What is missing, and what to do; null if that is no reason to warn.</summary>
    public string? Describe() => Describe(_rows, _steps, _gaps, Unit, _first);

    /// <summary>What is missing, and what to do; null if that is no reason to warn.</summary>
    /// <param name="rows">Rows.</param>
    /// <param name="missing">Steps without a row.</param>
    /// <param name="gaps">Gaps.</param>
    /// <param name="unit">The steps, in words.</param>
    /// <param name="first">Where the first gap is.</param>
    public static string? Describe(long rows, long missing, long gaps, string unit, string first) =>
        gaps < FewestGaps || gaps <= FewestGapsPerRow * rows ? null : string.Create(CultureInfo.InvariantCulture,
            $"{missing} of {rows + missing} {unit} lack a row, in {gaps} gaps, the first {first}. The forecaster takes the rows on both sides of a gap for "
                + $"neighbors. Split a series by time, not at random (a forecaster holds out its last part itself, TrainTestSplit draws rows); give missing "
                + $"values as NaN instead of filtering their rows; or set MissingValues.FillTimeGaps, which needs a time column of dates.");

    /// <summary>Where a gap is, in words.</summary>
    public static string Place(string time, int row, string? series) =>
        string.Create(CultureInfo.InvariantCulture, $"after {time} (row {row}){(series is null ? "" : $" of the series '{series}'")}");

    private string Unit => steps.Frequency is { Multiple: 1, AtMonthEnd: false } ? $"{steps.Frequency}s" : $"steps of {steps.Frequency}";
}
