using Microsoft.ML.Recurrent.Likelihoods;

namespace Microsoft.ML.Recurrent;

/// <summary>
/// What a forecaster learns of each step: a number, quantiles, or the parameters of a distribution. Its static members make the likelihoods that there are.
/// </summary>
public sealed class ForecastLikelihood
{
    private ForecastLikelihood(string name, RegressionLoss? loss = null, params double[] levels) => (Name, Loss, Levels) = (name, loss, levels);

    /// <summary>
    /// Mean and standard deviation of a normal distribution, by maximum likelihood (as DeepAR, Salinas et al. 2020). Bounds lie a calibrated number of standard
    /// deviations from the mean.
    /// </summary>
    public static ForecastLikelihood Gaussian { get; } = new(nameof(Gaussian));

    /// <summary>
    /// A Student-t distribution, whose heavy tails are robust to outliers, by maximum likelihood. Bounds as with <see cref="Gaussian"/>.
    /// </summary>
    public static ForecastLikelihood StudentT { get; } = new(nameof(StudentT));

    /// <summary>
    /// A negative binomial distribution of counts (sales, arrivals, failures), by maximum likelihood: targets are whole numbers from 0 on, and so are samples
    /// (as DeepAR, Salinas et al. 2020). The forecast is the mean. Bounds are quantiles of the distribution, whose levels are calibrated on the
    /// validation part so that they cover.
    /// </summary>
    public static ForecastLikelihood NegativeBinomial { get; } = new(nameof(NegativeBinomial));

    /// <summary>Each likelihood once.</summary>
    internal static IReadOnlyList<ForecastLikelihood> All { get; } = [Point(), Quantiles(), Gaussian, StudentT, NegativeBinomial];

    /// <summary>The name that files keep.</summary>
    internal string Name { get; }

    /// <summary>The loss of <see cref="Point"/>; null for the one that the data choose, and for other likelihoods.</summary>
    internal RegressionLoss? Loss { get; }

    /// <summary>The levels given to <see cref="Quantiles"/>; empty for others.</summary>
    internal IReadOnlyList<double> Levels { get; }

    /// <summary>
    /// One number, the forecast. Bounds come from the residuals of the validation part, in units of a scale learned from the window and the future covariates.
    /// </summary>
    /// <param name="loss">
    /// The loss. Null: Huber's loss, the squared error for all but outliers; or the absolute error, whose forecasts are medians, if the spreads of the training
    /// series differ more than tenfold (the ninth decile against the first).
    /// </param>
    /// <exception cref="ArgumentException">The loss is not defined, or is the quantile loss, which belongs to <see cref="Quantiles"/>.</exception>
    public static ForecastLikelihood Point(RegressionLoss? loss = null)
    {
        if (loss is { } given && !Enum.IsDefined(given))
            throw new ArgumentOutOfRangeException(nameof(loss), loss, $"The loss must be one of {string.Join(", ", Enum.GetNames<RegressionLoss>())}.");
        if (loss is RegressionLoss.Quantile)
            throw new ArgumentException("The quantile loss belongs to ForecastLikelihood.Quantiles: choose that, with the levels that are wanted.",
                nameof(loss));
        return new(nameof(Point), loss);
    }

    /// <summary>
    /// Quantiles, by the pinball loss (Koenker and Bassett 1978). The forecast is the median. Bounds are the quantiles of the confidence level, corrected on
    /// the validation part (conformalized quantile regression, Romano et al. 2019).
    /// </summary>
    /// <param name="levels">
    /// The levels to learn, between 0 and 1, besides the median and those of the bounds; each level of <see cref="ForecastOutputOptions.QuantileColumnNames"/>
    /// must be among them. None: the levels of these columns.
    /// </param>
    /// <exception cref="ArgumentOutOfRangeException">A level does not lie between 0 and 1.</exception>
    public static ForecastLikelihood Quantiles(params double[] levels)
    {
        ArgumentNullException.ThrowIfNull(levels);
        foreach (var level in levels)
        {
            if (!(level is > 0 and < 1)) throw new ArgumentOutOfRangeException(nameof(levels), level, "The level of a quantile must lie between 0 and 1.");
        }
        return new(nameof(Quantiles), null, [.. levels]);
    }

    /// <summary>The likelihood's name: Point, Quantiles, Gaussian, StudentT or NegativeBinomial.</summary>
    public override string ToString() => Name;

    /// <summary>The names of those for which something holds, for messages: "a, b and c".</summary>
    internal static string Those(Func<Likelihood, bool> holds)
    {
        string[] names = [.. All.Where(likelihood => holds(likelihood.Create())).Select(likelihood => likelihood.Name)];
        return names is [.. var first, var last] && first.Length > 0 ? $"{string.Join(", ", first)} and {last}" : string.Concat(names);
    }

    /// <summary>Makes the likelihood, for the columns of an output where these are given.</summary>
    internal Likelihood Create(ForecastOutputOptions? output = null) => LikelihoodFactory.Create(Name, output is null ? null : new()
    {
        Asked = output.QuantileLevels(),
        Learned = Levels,
        ConfidenceLevel = output.HasBounds ? output.ConfidenceLevel : null,
    });
}
