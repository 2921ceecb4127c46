using System.Globalization;
using Microsoft.ML.Data;
using Microsoft.ML.Recurrent.Data;

namespace Microsoft.ML.Recurrent.Forecasting;

/// <summary>
/// As <see cref="MissingRows"/>, for times that are time spans or whole numbers, such as the number of the row or seconds: their step is the most frequent one.
/// Gaps that come after equally many rows, such as weekends, are left out as a rule and do not count.
/// </summary>
internal sealed class MissingNumbers(DataViewType type)
{
    /// <summary>The share of a step, or of a distance between gaps, from which on it is the rule.</summary>
    private const double Rule = 0.5;

    private long _rows, _steps, _gaps, _unit;
    private string _first = "";

    /// <summary>Adds the times of one series, in order.</summary>
    public void Add(ReadOnlySpan<long> ordered, string? series, Func<int, int> sourceRow)
    {
        var times = new long[ordered.Length];
        for (var row = 0; row < times.Length; row++)
        {
            if (TimeReader.Whole(ordered[row], type) is not { } time) return;
            times[row] = time;
        }
        _rows += times.Length;
        var lengths = new Dictionary<long, int>();
        for (var row = 1; row < times.Length; row++) Count(lengths, times[row] - times[row - 1]);
        lengths.Remove(0);
        if (Most(lengths) is not { } unit || _unit > 0 && unit != _unit) return;
        var (steps, last, distances, gaps) = (0L, -1, new Dictionary<long, int>(), new List<int>());
        for (var row = 1; row < times.Length; row++)
        {
            var (missing, rest) = Math.DivRem(times[row] - times[row - 1], unit);
            // Times between the steps: these numbers do not count them.
            if (rest != 0) return;
            if (missing < 2) continue;
            steps += missing - 1;
            gaps.Add(row - 1);
            if (last >= 0) Count(distances, row - last);
            last = row;
        }
        if (gaps.Count == 0 || Most(distances) is not null) return;
        if (_gaps == 0) _first = MissingRows.Place(Text(times[gaps[0]]), sourceRow(gaps[0]), series);
        (_unit, _steps, _gaps) = (unit, _steps + steps, _gaps + gaps.Count);
    }

    /// <summary>What is missing, and what to do; null if that is no reason to warn.</summary>
    public string? Describe() => MissingRows.Describe(_rows, _steps, _gaps, _unit == 1 ? "times" : $"steps of {Text(_unit)}", _first);

    private string Text(long number) =>
        type is TimeSpanDataViewType ? new TimeSpan(number).ToString("c", CultureInfo.InvariantCulture) : number.ToString(CultureInfo.InvariantCulture);

    private static void Count(Dictionary<long, int> counts, long value) => counts[value] = counts.GetValueOrDefault(value) + 1;

    // The value that is the rule; null for none.
    private static long? Most(Dictionary<long, int> counts) =>
        counts.Count > 0 && counts.MaxBy(count => count.Value) is var most && most.Value > Rule * counts.Values.Sum() ? most.Key : null;
}
