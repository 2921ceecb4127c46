namespace Microsoft.ML.Recurrent;

/// <summary>How targets are transformed before the network sees them, and forecasts transformed back.</summary>
public sealed class NormalizationOptions : IOptionGroup
{
    /// <summary>
    /// How each window is normalized. Default: null, its last value is subtracted, so that shifts of the level do no harm; but
    /// <see cref="WindowNormalization.Standard"/> if the spreads of the training series differ more than tenfold (the ninth decile against the first), so that
    /// small series count as much as large ones.
    /// </summary>
    [SearchChoice("null", "LastValue", "Standard", "Mean", "Robust")]
    public WindowNormalization? Window { get; set; }

    /// <summary>
    /// Whether the level and scale of <see cref="Window"/> are those of each window or, where rows are time steps, those of the training rows of the whole
    /// series: <c>Standard</c> and <c>Robust</c> then take both from the series, <c>Mean</c> its mean, <c>LastValue</c> (the default of this scope) and
    /// <c>Difference</c> the last value of the window as level and the standard deviation of the series as scale. Series that do not occur in training are
    /// normalized by their windows. Fine-tuning keeps the statistics of the series that the model knows. Default: null, each window's own; for a fine-tuned
    /// model as it was trained.
    /// </summary>
    public NormalizationScope? Scope { get; set; }

    /// <summary>
    /// Transformation of the targets before they are normalized; it is undone in the forecasts. Quantiles and bounds are transformed exactly; a forecast that
    /// is a mean of logarithms becomes a median of values. Default: none.
    /// </summary>
    public TargetTransform TargetTransform { get; set; }

    /// <summary>
    /// Steps of a season, at most the window size: the network then learns the difference from the value one season before, which the model adds again; 0 for
    /// none. Default: null, none with a <see cref="DecodingOptions.LinearSkip"/>, which learns seasons itself, nor with
    /// <see cref="ForecastLikelihood.NegativeBinomial"/>, whose differences are no counts; else the lag whose repetition forecasts the training windows with
    /// the least absolute error, if that is at least 10% below the error of the last value.
    /// </summary>
    public int? SeasonLength { get; set; }

    /// <summary>
    /// Whether features and static numbers are standardized to mean 0 and standard deviation 1 over the training part; mean and scale become nodes of the
    /// model. Default: true.
    /// </summary>
    public bool Standardize { get; set; } = true;

    internal void Check(ForecastInputOptions input)
    {
        var checks = new OptionChecks("Normalization");
        checks.Defined(Window);
        checks.Defined(Scope);
        checks.Defined<TargetTransform>(TargetTransform);
        if (SeasonLength < 0 || SeasonLength > input.WindowSize)
            throw checks.OutOfRange(nameof(SeasonLength), SeasonLength, $"must lie from 0 to Input.WindowSize, which is {input.WindowSize}");
        if (Scope is not NormalizationScope.Series) return;
        if (input is not SeriesInputOptions)
        {
            throw checks.Refused(nameof(Scope),
                "= Series needs rows that are time steps (SeriesInputOptions): rows that hold windows do not say which series they are from.");
        }
        if (Window is WindowNormalization.None)
        {
            throw checks.Refused(nameof(Scope), "= Series has no statistics to take from a series with Normalization.Window = None: leave it out, or " +
                "choose another normalization (Standard, Mean, Robust, LastValue, Difference).");
        }
    }
}
