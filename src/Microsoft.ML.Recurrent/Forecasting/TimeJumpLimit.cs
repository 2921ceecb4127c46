using Microsoft.ML.Recurrent.Time;

namespace Microsoft.ML.Recurrent.Forecasting;

/// <summary>How far a row may lie after the one before it in its series: a single wrong date would otherwise make every later row a late one.</summary>
/// <param name="steps">The steps of the series; null for no limit.</param>
/// <param name="maximumSteps">Steps of the frequency; null for the default.</param>
internal sealed class TimeJumpLimit(TimeSteps? steps, int? maximumSteps)
{
    /// <summary>The default, in steps.</summary>
    public const int UsualSteps = 5000;

    /// <summary>The default is at least that long, for series of minutes and seconds pause for days as well.</summary>
    private static readonly TimeSpan UsualSpan = TimeSpan.FromDays(31);

    /// <summary>The latest time that may follow a time; null if any may.</summary>
    public long? Exceeded(long last, long next)
    {
        if (steps is null || last == long.MinValue || next <= last || maximumSteps == int.MaxValue) return null;
        var from = new DateTime(last);
        // Most rows are the next step.
        if (steps.AddOrEnd(from, 1).Ticks >= next) return null;
        var latest = steps.AddOrEnd(from, maximumSteps ?? UsualSteps).Ticks;
        if (maximumSteps is null && DateTime.MaxValue - from > UsualSpan) latest = Math.Max(latest, (from + UsualSpan).Ticks);
        return next > latest ? latest : null;
    }
}
