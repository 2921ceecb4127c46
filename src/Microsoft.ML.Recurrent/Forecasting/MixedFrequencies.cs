using System.Globalization;
using Microsoft.ML.Recurrent.Time;

namespace Microsoft.ML.Recurrent.Forecasting;

/// <summary>Series of another frequency than that by which gaps are filled: most of their steps would be missing.</summary>
internal sealed class MixedFrequencies(TimeFrequency frequency, TimeZoneInfo? zone = null)
{
    /// <summary>Rows from which on a series shows its own frequency.</summary>
    private const int FewestRows = 10;

    /// <summary>The share of steps without a row from which on a series is another's.</summary>
    private const double LeastShare = 0.5;

    private readonly TimeSteps _times = new(frequency, zone);
    private (string? Name, TimeFrequency Own, double Share)? _worst;
    private int _count;

    /// <summary>Adds the times of one series, in order.</summary>
    public void Add(ReadOnlySpan<DateTime> times, string? series)
    {
        if (times.Length < FewestRows || TimeFrequency.Detect(times) is not { } own || own == frequency) return;
        long missing = 0;
        for (var row = 1; row < times.Length; row++) missing += _times.Count(times[row - 1], times[row]);
        var share = (double)missing / (missing + times.Length);
        if (share <= LeastShare) return;
        _count++;
        if (_worst is not { } worst || share > worst.Share) _worst = (series, own, share);
    }

    /// <summary>The series with most gaps, and what to do; null for none.</summary>
    public string? Describe() => _worst is not { } worst ? null
        : string.Create(CultureInfo.InvariantCulture,
            $"The series{(worst.Name is null ? "" : $" '{worst.Name}'")} has a row every {worst.Own}, but gaps are filled with a row every {frequency} "
                + $"(MissingValues.FillTimeGaps), so that {100 * worst.Share:F1}% of its steps are missing"
                + $"{(_count > 1 ? $"; {_count} series are like that" : "")}. ")
            + "Fit a forecaster for each frequency, or bring all rows to one frequency first.";
}
