using Microsoft.ML.Recurrent.Time;

namespace Microsoft.ML.Recurrent;

/// <summary>Features of a forecaster that are derived from its columns.</summary>
public sealed class ForecastFeatureOptions : IOptionGroup
{
    /// <summary>
    /// Lags of the targets that are features of each step of the window and of the horizon (there the latest value that lies a whole number of lags back), each
    /// at least 1 and less than the window size; empty for none. Default: null, those of the frequency that are shorter than the window: an hour, a day and a
    /// week of minutes, a day and a week of hours, a week, four weeks and a year of days, a year of months; none if there is no frequency.
    /// </summary>
    public int[]? Lags { get; set; }

    /// <summary>
    /// Embedding size of covariates and static columns that are categories, at least 1. Default: null, 1.6 times the number of values to the power of 0.56, at
    /// most 50.
    /// </summary>
    public int? CategoryEmbeddingSize { get; set; }

    /// <summary>
    /// The time zone of the series, by its IANA or Windows id ("Europe/Berlin", "W. Europe Standard Time"), for a time column of dates. Rows are then ordered
    /// by instant, and calendar features, days and longer steps, and business hours are local. DateTime values are local times (those of kind Utc are
    /// instants). Of a time that comes twice, because the clock goes back, the row that is met first is daylight time, and the one that comes again standard
    /// time; a time that the clock leaves out is refused. Default: null, times as they are: DateTime values without changes of the clock, DateTimeOffset
    /// values in UTC.
    /// </summary>
    public string? TimeZone { get; set; }

    internal void Check(int windowSize, string? timeColumn)
    {
        var checks = new OptionChecks("Input.Features");
        if (LocalTime.Find(TimeZone, "Input.Features.TimeZone") is not null && timeColumn is null)
            throw checks.Refused(nameof(TimeZone), "needs a time column: name it in Input.TimeColumnName (SeriesInputOptions).");
        checks.AtLeastOne(CategoryEmbeddingSize);
        if (Lags is null) return;
        foreach (var lag in Lags)
        {
            if (lag < 1 || lag >= windowSize)
                throw checks.OutOfRange(nameof(Lags), lag, $"must hold steps from 1 to less than Input.WindowSize, which is {windowSize}");
        }
        if (Lags.Distinct().Count() < Lags.Length) throw checks.Refused(nameof(Lags), "holds a step twice.");
    }
}
