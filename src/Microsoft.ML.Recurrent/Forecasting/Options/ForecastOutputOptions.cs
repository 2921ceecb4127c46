using Microsoft.ML.Recurrent.Likelihoods;

namespace Microsoft.ML.Recurrent;

/// <summary>The columns that a forecaster adds: forecasts, prediction intervals, quantiles, standard deviations and sample paths.</summary>
public sealed class ForecastOutputOptions : IOptionGroup
{
    /// <summary>
    /// The column of the forecasts, <c>Vector&lt;Single, horizon&gt;</c>; for m targets horizon x m numbers, step by step. Default: "Forecast".
    /// </summary>
    public string ForecastColumnName { get; set; } = "Forecast";

    /// <summary>
    /// The column of the lower bounds of prediction intervals, shaped like the forecasts; goes with <see cref="ConfidenceUpperBoundColumn"/>.
    /// Default: null, no bounds.
    /// </summary>
    public string? ConfidenceLowerBoundColumn { get; set; }

    /// <summary>The column of the upper bounds of prediction intervals, shaped like the forecasts. Default: null, no bounds.</summary>
    public string? ConfidenceUpperBoundColumn { get; set; }

    /// <summary>
    /// The coverage of the prediction intervals at each step, between 0 and 1: split-conformal intervals from the validation residuals. n validation windows
    /// support levels up to n / (n + 1), see <see cref="AllowMissingBounds"/>. Default: 0.95.
    /// </summary>
    public float ConfidenceLevel { get; set; } = 0.95f;

    /// <summary>
    /// Columns of quantiles by level (between 0 and 1), each shaped like the forecasts: learned with <see cref="ForecastLikelihood.Quantiles"/>; those of the
    /// distribution with <see cref="ForecastLikelihood.Gaussian"/>, <see cref="ForecastLikelihood.StudentT"/> and
    /// <see cref="ForecastLikelihood.NegativeBinomial"/>; those of the validation residuals with <see cref="ForecastLikelihood.Point"/>, which needs bounds.
    /// Default: none.
    /// </summary>
    public IReadOnlyDictionary<double, string> QuantileColumnNames { get; set; } = new Dictionary<double, string>();

    /// <summary>
    /// The column of standard deviations, shaped like the forecasts, for <see cref="ForecastLikelihood.Gaussian"/>, <see cref="ForecastLikelihood.StudentT"/>
    /// and <see cref="ForecastLikelihood.NegativeBinomial"/>. Default: null, none.
    /// </summary>
    public string? StandardDeviationColumnName { get; set; }

    /// <summary>
    /// The column of sample paths, <c>Vector&lt;Single, horizon x targets, <see cref="NumberOfSamples"/>&gt;</c>: the samples of one step side by side, sample
    /// i of all steps being one path, as <see cref="BackTestOptions.SamplesColumnName"/> takes them. For distributions, and for
    /// <see cref="ForecastLikelihood.Point"/> with bounds. The same row has the same samples whenever it is scored; other rows have others. A decoder that was
    /// trained with teacher forcing draws each step given the draws before (ancestral sampling, Salinas et al. 2020); other forecasters draw each step from its
    /// own distribution and join neighboring steps by a Gaussian copula whose correlations come from the validation windows. Default: null, none.
    /// </summary>
    public string? SamplesColumnName { get; set; }

    /// <summary>
    /// Number of paths drawn for <see cref="SamplesColumnName"/>, at least 1. A decoder that was trained with teacher forcing also takes its standard
    /// deviations and quantiles from these paths. Default: 100.
    /// </summary>
    public int NumberOfSamples { get; set; } = 100;

    /// <summary>
    /// Whether the columns are Double instead of Single. Forecasts are computed in Double wherever the targets need it (a meter that stands at 123,456,789);
    /// a Single column then holds the nearest Single. Default: false.
    /// </summary>
    public bool DoubleColumns { get; set; }

    /// <summary>
    /// The smallest possible value of the targets, such as 0 for amounts, in their unit: forecasts, bounds, quantiles and samples are kept at or above it, in
    /// the exported graph too. <c>Fit</c> warns of training values below it. Default: null, none.
    /// </summary>
    public double? LowerLimit { get; set; }

    /// <summary>
    /// The largest possible value of the targets, such as a capacity; greater than <see cref="LowerLimit"/>. Forecasts, bounds, quantiles and samples are kept
    /// at or below it. <c>Fit</c> warns of training values above it. Default: null, none.
    /// </summary>
    public double? UpperLimit { get; set; }

    /// <summary>
    /// What happens if there are too few validation windows for a level. n windows support levels up to n / (n + 1): 19 for .95. False: <c>Fit</c> throws.
    /// True: the bounds of such a level, and quantiles from residuals, are NaN. Default: false.
    /// </summary>
    public bool AllowMissingBounds { get; set; }

    internal bool HasBounds => ConfidenceLowerBoundColumn is not null;

    /// <summary>The columns that the model writes: forecasts, bounds, quantiles by ascending level, standard deviations, samples.</summary>
    internal string[] Columns() =>
    [
        ForecastColumnName,
        .. ConfidenceLowerBoundColumn is { } lower && ConfidenceUpperBoundColumn is { } upper ? new[] { lower, upper } : [],
        .. QuantileColumnNames.OrderBy(pair => pair.Key).Select(pair => pair.Value),
        .. StandardDeviationColumnName is { } deviation ? new[] { deviation } : [],
        .. SamplesColumnName is { } samples ? new[] { samples } : [],
    ];

    /// <summary>The levels that have columns, in ascending order.</summary>
    internal IReadOnlyList<double> QuantileLevels() => [.. QuantileColumnNames.Keys.Order()];

    internal void Check(ForecastLikelihood choice)
    {
        var checks = new OptionChecks("Output");
        checks.Column(ForecastColumnName);
        checks.ColumnOrNull(ConfidenceLowerBoundColumn);
        checks.ColumnOrNull(ConfidenceUpperBoundColumn);
        if (!(ConfidenceLevel is > 0 and < 1)) throw checks.OutOfRange(nameof(ConfidenceLevel), ConfidenceLevel, "must lie between 0 and 1");
        CheckLimits(checks);
        var likelihood = choice.Create();
        CheckQuantiles(checks, choice, likelihood);
        CheckDeviations(checks, choice, likelihood);
        CheckSamples(checks, choice, likelihood);
        if (ConfidenceLowerBoundColumn is null != ConfidenceUpperBoundColumn is null)
        {
            throw new ArgumentException("Name the columns of both bounds, or none.",
                checks.Path(ConfidenceLowerBoundColumn is null ? nameof(ConfidenceLowerBoundColumn) : nameof(ConfidenceUpperBoundColumn)));
        }
        if (OptionChecks.Repeated(Columns()) is { } twice)
            throw new ArgumentException($"Two output columns are named '{twice}'.", checks.Path(nameof(ForecastColumnName)));
    }

    private void CheckLimits(OptionChecks checks)
    {
        if (LowerLimit is { } lower && double.IsNaN(lower)) throw checks.OutOfRange(nameof(LowerLimit), lower, "must be a number, or null for no limit");
        if (UpperLimit is { } upper && double.IsNaN(upper)) throw checks.OutOfRange(nameof(UpperLimit), upper, "must be a number, or null for no limit");
        if (LowerLimit >= UpperLimit) throw checks.OutOfRange(nameof(LowerLimit), LowerLimit.Value, $"must be less than UpperLimit, {UpperLimit}");
    }

    private void CheckQuantiles(OptionChecks checks, ForecastLikelihood choice, Likelihood likelihood)
    {
        if (QuantileColumnNames is null) throw checks.Refused(nameof(QuantileColumnNames), "must not be null.");
        foreach (var (level, name) in QuantileColumnNames)
        {
            if (!(level is > 0 and < 1)) throw checks.OutOfRange(nameof(QuantileColumnNames), level, "must hold levels between 0 and 1");
            checks.Column(name, nameof(QuantileColumnNames));
            if (choice.Levels.Count > 0 && !choice.Levels.Contains(level))
            {
                throw checks.Refused(nameof(QuantileColumnNames), $"names a column of the level {level}, which is none of the levels of Likelihood " +
                    $"({string.Join(", ", choice.Levels)}): add it there, or leave the levels out of ForecastLikelihood.Quantiles().");
            }
        }
        if (QuantileColumnNames.Count > 0 && likelihood.DrawsFromResiduals && !HasBounds)
        {
            throw checks.Refused(nameof(QuantileColumnNames), $"takes quantiles from the residuals that calibrate the bounds with the likelihood {choice}: " +
                "name ConfidenceLowerBoundColumn and ConfidenceUpperBoundColumn too, or choose another likelihood.");
        }
    }

    private void CheckDeviations(OptionChecks checks, ForecastLikelihood choice, Likelihood likelihood)
    {
        if (StandardDeviationColumnName is null) return;
        checks.Column(StandardDeviationColumnName);
        if (!likelihood.IsDistribution)
        {
            throw checks.Refused(nameof(StandardDeviationColumnName),
                $"goes with the likelihoods {ForecastLikelihood.Those(other => other.IsDistribution)}, not with {choice}.");
        }
    }

    private void CheckSamples(OptionChecks checks, ForecastLikelihood choice, Likelihood likelihood)
    {
        checks.AtLeastOne(NumberOfSamples);
        if (SamplesColumnName is null) return;
        checks.Column(SamplesColumnName);
        if (likelihood is { IsDistribution: false, DrawsFromResiduals: false })
            throw checks.Refused(nameof(SamplesColumnName), $"needs a likelihood that is a whole distribution, which {choice} is not: choose another.");
        if (likelihood.DrawsFromResiduals && !HasBounds)
        {
            throw checks.Refused(nameof(SamplesColumnName), $"draws samples from the residuals that calibrate the bounds with the likelihood {choice}: " +
                "name ConfidenceLowerBoundColumn and ConfidenceUpperBoundColumn too, or choose a likelihood that is a distribution.");
        }
    }
}
