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

    internal void Check(int windowSize)
    {
        var checks = new OptionChecks("Input.Features");
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
