namespace Microsoft.ML.Recurrent;

public sealed partial class RecurrentForecastingEstimator
{
    /// <content>What is done with the targets before all else.</content>
    public sealed partial class Options
    {
        /// <summary>
        /// What is done with the targets before they are normalised, and undone in the forecasts. Quantiles and bounds are carried over exactly; a forecast
        /// that is a mean of logarithms is a median of values. Default: nothing.
        /// </summary>
        public TargetTransform TargetTransform { get; set; }

        /// <summary>
        /// Whether the figures by which <see cref="WindowNormalization"/> takes levels and scales out are each window's own or, where rows are series, those of
        /// the whole series' training rows: <c>Standard</c> and <c>Robust</c> then take both from the series, <c>Mean</c> its mean, <c>LastValue</c> (the
        /// default of this scope) and <c>Difference</c> the window's last value as level and the series' standard deviation as scale. Series that training did
        /// not meet are normalised by their windows. A model that is trained further keeps the figures of the series that it knows. Default: null, each
        /// window's own; of an initial model as it was trained.
        /// </summary>
        public NormalizationScope? NormalizationScope { get; set; }

        /// <summary>Whether series have figures of their own.</summary>
        internal bool NormalizesSeries =>
            NormalizationScope is { } scope ? scope is Recurrent.NormalizationScope.Series : InitialModel?.Metadata.Network?.SeriesScaling is not null;

        /// <summary>How series with figures of their own are normalised: an initial model as it was trained.</summary>
        internal WindowNormalization SeriesNormalization =>
            InitialModel?.Metadata.Network?.WindowNormalization ?? WindowNormalization ?? Recurrent.WindowNormalization.LastValue;

        private void CheckTransform()
        {
            Defined(TargetTransform);
            if (NormalizationScope is { } scope) Defined(scope, nameof(NormalizationScope));
            if (NormalizationScope is Recurrent.NormalizationScope.Series && RowsHoldWindows)
                throw new ArgumentException("Rows that hold windows do not tell whose they are: NormalizationScope = Series needs rows that are series.",
                    nameof(NormalizationScope));
            if (NormalizationScope is Recurrent.NormalizationScope.Series && WindowNormalization is Recurrent.WindowNormalization.None)
                throw new ArgumentException(
                    "With WindowNormalization = None there is nothing that series have figures for: leave the option NormalizationScope out, or choose "
                        + "another normalization (Standard, Mean, Robust, LastValue, Difference).", nameof(NormalizationScope));
            if (WindowNormalization is Recurrent.WindowNormalization.Difference && Strategy is ForecastStrategy.Recursive
                && Likelihood.Create() is { IsInDataUnit: true } likelihood)
                throw new ArgumentException(
                    $"With WindowNormalization = Difference the strategy Recursive forecasts the steps from value to value, which are "
                        + $"no {likelihood.Domain!.Name}: choose another normalization, strategy or likelihood.", nameof(WindowNormalization));
            if (TargetTransform is TargetTransform.None) return;
            if (StandardDeviationColumnName is not null)
                throw new ArgumentException(
                    "A standard deviation of logarithms is none of values: with the option TargetTransform ask for quantiles (QuantileColumnNames) or bounds.",
                    nameof(StandardDeviationColumnName));
        }
    }
}
