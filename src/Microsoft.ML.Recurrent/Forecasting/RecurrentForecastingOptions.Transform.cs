namespace Microsoft.ML.Recurrent;

public sealed partial class RecurrentForecastingEstimator
{
    /// <content>What is done with the targets before all else.</content>
    public sealed partial class Options
    {
        /// <summary>
        /// What is done with the targets of rows that are series before they are normalised, and undone in the forecasts. Quantiles and bounds are carried over exactly; a forecast that is a mean of
        /// logarithms is a median of values. Default: nothing.
        /// </summary>
        public TargetTransform TargetTransform { get; set; }

        private void CheckTransform()
        {
            Defined(TargetTransform);
            if (WindowNormalization is Recurrent.WindowNormalization.Difference && Strategy is not ForecastStrategy.Direct)
                throw new ArgumentException($"The strategy {Strategy} is fed with values, not with the steps between them: WindowNormalization = Difference goes with the strategy Direct.", nameof(WindowNormalization));
            if (TargetTransform is TargetTransform.None) return;
            if (RowsHoldWindows) throw new ArgumentException("Rows that hold windows are taken as they are: take logarithms before CreateWindows.", nameof(TargetTransform));
            if (Likelihood is ForecastLikelihood.NegativeBinomial)
                throw new ArgumentException("The likelihood NegativeBinomial is one of counts, not of their logarithms: leave the option TargetTransform out.", nameof(TargetTransform));
            if (StandardDeviationColumnName is not null)
                throw new ArgumentException("A standard deviation of logarithms is none of values: with the option TargetTransform ask for quantiles (QuantileColumnNames) or bounds.", nameof(StandardDeviationColumnName));
        }
    }
}
