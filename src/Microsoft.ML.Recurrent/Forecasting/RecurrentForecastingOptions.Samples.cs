namespace Microsoft.ML.Recurrent;

public sealed partial class RecurrentForecastingEstimator
{
    /// <content>Sample paths.</content>
    public sealed partial class Options
    {
        /// <summary>
        /// The column of sample paths that is added, <c>Vector&lt;Single, horizon x targets, <see cref="NumberOfSamples"/>&gt;</c>: the samples of one step
        /// side by side, sample i of all steps being one path, as <see cref="BackTestOptions.SamplesColumnName"/> takes them. With the likelihoods Gaussian,
        /// StudentT and NegativeBinomial, and with Point where there are bounds. The same row has the same samples whenever it is scored; other rows have
        /// others. A forecaster that goes step by step and was trained by the truth draws each step given what was drawn before (ancestral sampling, Salinas et
        /// al. 2020); others draw each step from its own distribution, neighbouring steps tied by a Gaussian copula whose correlations the validation windows
        /// tell. Default: null.
        /// </summary>
        public string? SamplesColumnName { get; set; }

        /// <summary>
        /// How many paths are drawn for <see cref="SamplesColumnName"/>, at least 1, and, where a forecaster goes step by step and was trained by the truth,
        /// for its columns of deviations and quantiles, which are then those of the paths. Default: 100.
        /// </summary>
        public int NumberOfSamples { get; set; } = 100;

        private void CheckSamples()
        {
            AtLeastOne(NumberOfSamples);
            if (SamplesColumnName is null) return;
            Name(SamplesColumnName);
            var likelihood = Likelihood.Create();
            if (likelihood is { IsDistribution: false, DrawsFromResiduals: false })
                throw new ArgumentException(
                    $"The option SamplesColumnName needs a likelihood that is a whole distribution, which {Likelihood} is not: choose another.",
                    nameof(SamplesColumnName));
            if (likelihood.DrawsFromResiduals && ConfidenceLowerBoundColumn is null)
                throw new ArgumentException(
                    $"With the likelihood {Likelihood} samples are drawn from the residuals that calibrate the bounds: name ConfidenceLowerBoundColumn and "
                        + $"ConfidenceUpperBoundColumn too, or choose a likelihood that is a distribution.", nameof(SamplesColumnName));
        }
    }
}
