using Microsoft.ML.Recurrent.Likelihoods;

namespace Microsoft.ML.Recurrent;

/// <summary>What a forecaster learns of each step.</summary>
public enum ForecastLikelihood
{
    /// <summary>
    /// One number, by <see cref="RecurrentForecastingEstimator.Options.Loss"/>. Bounds are as wide at all times as the residuals of the validation part tell.
    /// </summary>
    Point,

    /// <summary>
    /// Quantiles, by the pinball loss, of the levels of <see cref="RecurrentForecastingEstimator.Options.QuantileColumnNames"/>, of the bounds, and the median,
    /// which is the forecast. Bounds follow what the network foresees of the spread, corrected by the validation part (conformalised quantile regression,
    /// Romano et al. 2019).
    /// </summary>
    Quantiles,

    /// <summary>
    /// Mean and standard deviation of a normal distribution, by its likelihood (as DeepAR, Salinas et al. 2020). Bounds lie a calibrated number of deviations
    /// from the mean.
    /// </summary>
    Gaussian,

    /// <summary>A Student-t distribution, whose heavy tails forgive outliers, by its likelihood. Bounds as with <see cref="Gaussian"/>.</summary>
    StudentT,

    /// <summary>
    /// A negative binomial distribution of counts (sales, arrivals, failures), by its likelihood: targets are whole numbers from 0 on, and so are samples (as
    /// DeepAR, Salinas et al. 2020). The forecast is the mean; bounds as with <see cref="Gaussian"/>, never below 0. Goes with the strategy
    /// <see cref="ForecastStrategy.Direct"/>.
    /// </summary>
    NegativeBinomial,
}

/// <summary>The likelihoods behind their public names.</summary>
internal static class ForecastLikelihoods
{
    /// <summary>Makes the likelihood of that name.</summary>
    public static Likelihood Create(this ForecastLikelihood likelihood, LikelihoodSettings? settings = null) =>
        LikelihoodFactory.Create(likelihood.ToString(), settings);

    /// <summary>The names of those for which something holds, for messages: "a, b and c".</summary>
    public static string Those(Func<Likelihood, bool> holds)
    {
        string[] names = [.. Enum.GetValues<ForecastLikelihood>().Where(likelihood => holds(likelihood.Create())).Select(likelihood => likelihood.ToString())];
        return names is [.. var first, var last] && first.Length > 0 ? $"{string.Join(", ", first)} and {last}" : string.Concat(names);
    }
}
