using Microsoft.ML.Recurrent.Data;
using Microsoft.ML.Recurrent.Forecasting;

namespace Microsoft.ML.Recurrent;

public sealed partial class RecurrentForecastingEstimator
{
    /// <summary>Options of <see cref="RecurrentForecastingEstimator"/>.</summary>
    public sealed partial class Options : RecurrentTrainerOptions
    {
        /// <summary>
        /// Options with their defaults; unlike other tasks' they average weights, <see cref="RecurrentTrainerOptions.EmaDecay"/> being 0.999, and stop sooner,
        /// <see cref="RecurrentTrainerOptions.EarlyStoppingPatience"/> being 5.
        /// </summary>
        public Options() => (EmaDecay, EarlyStoppingPatience) = (0.999f, 5);

        /// <summary>
        /// The column of the forecasts that is added, <c>Vector&lt;Single, horizon&gt;</c>; of m targets horizon x m numbers, step by step. Default:
        /// "Forecast".
        /// </summary>
        public string OutputColumnName { get; set; } = "Forecast";

        /// <summary>
        /// What is forecast: <c>Single</c> or <c>Vector&lt;Single, k&gt;</c> in rows that are series; the window in rows that hold windows. Has to be set.
        /// </summary>
        public string InputColumnName { get; set; } = "";

        /// <summary>
        /// Columns that are known up to the time of the forecast and help it: numbers (<c>Single</c>, <c>Vector&lt;Single&gt;</c>), or categories (Text, a key,
        /// a whole number or Boolean), whose values become vectors that are learned. Values that training did not meet count as unknown. In rows that hold
        /// windows they are vectors of <see cref="WindowSize"/> steps (<c>Vector&lt;Single, windowSize&gt;</c>, <c>&lt;Single, windowSize, k&gt;</c>, or a
        /// vector of categories). Default: none.
        /// </summary>
        public string[] PastCovariateColumnNames { get; set; } = [];

        /// <summary>
        /// Columns (numbers or categories, as <see cref="PastCovariateColumnNames"/>) that are known before the steps that are forecast (a calendar, prices, a
        /// weather forecast): a forecast uses their values in the window and in the horizon. Where rows are series, the horizon after the last observation is
        /// there as rows whose targets are NaN. In rows that hold windows they are vectors of <see cref="WindowSize"/> + <see cref="Horizon"/> steps, as
        /// <c>CreateWindows</c> makes them; numbers may also be there for the <see cref="Horizon"/> steps alone. Default: none.
        /// </summary>
        public string[] FutureCovariateColumnNames { get; set; } = [];

        /// <summary>Steps that a forecast looks back, at least 1. Has to be set.</summary>
        public int WindowSize { get; set; }

        /// <summary>Steps that are forecast, at least 1. Default: 1.</summary>
        public int Horizon { get; set; } = 1;

        /// <summary>
        /// The time column (DateTime, DateTimeOffset, TimeSpan or a number) by which rows that are series are ordered. Default: null, rows are in order.
        /// </summary>
        public string? TimeColumnName { get; set; }

        /// <summary>
        /// Which series a row belongs to (Text, a key, a whole number or Boolean): one model learns them all. Default: null, all rows are one series.
        /// </summary>
        public string? SeriesColumnName { get; set; }

        /// <summary>
        /// How often the series have values. Default: null, found in the time column where <see cref="CalendarFeatures"/>, <see cref="Lags"/> or
        /// <see cref="FillTimeGaps"/> ask for it.
        /// </summary>
        public TimeFrequency? Frequency { get; set; }

        /// <summary>
        /// What the model is told of the calendar, at the steps of the window and of the horizon alike: it needs a time column of DateTime or DateTimeOffset
        /// (taken in UTC: give DateTime where the local day counts). Default: nothing.
        /// </summary>
        public CalendarFeatures CalendarFeatures { get; set; }

        /// <summary>
        /// Steps back at which the targets are looked up again, beside each step of the window and of the horizon (there the latest value that lies a whole
        /// number of lags back), each at least 1 and less than <see cref="WindowSize"/>; empty for none. Default: null, those that go with the frequency of the
        /// time column, or that <see cref="Frequency"/> names, as far as they are shorter than the window: an hour, a day and a week of minutes, a day and a
        /// week of hours, a week, four and a year of days, a year of months; none where there is no frequency.
        /// </summary>
        public int[]? Lags { get; set; }

        /// <summary>
        /// Several columns, each as <see cref="SeriesColumnName"/>, that together tell which series a row belongs to; such a series' name is their values
        /// joined by '|'. Default: none.
        /// </summary>
        public string[] SeriesColumnNames { get; set; } = [];

        /// <summary>
        /// Length of the vectors that stand for the values of covariates and static columns that are categories, at least 1. Default: null, 1.6 times the
        /// number of values to the power of 0.56, at most 50.
        /// </summary>
        public int? CategoryEmbeddingSize { get; set; }

        /// <summary>
        /// For rows that hold windows: the column of the steps that follow, <c>Vector&lt;Single, horizon&gt;</c>. Default: null, rows are series.
        /// </summary>
        public string? LabelColumnName { get; set; }

        /// <summary>The column of the lower bounds that is added; goes with <see cref="ConfidenceUpperBoundColumn"/>. Default: null, no bounds.</summary>
        public string? ConfidenceLowerBoundColumn { get; set; }

        /// <summary>The column of the upper bounds that is added. Default: null.</summary>
        public string? ConfidenceUpperBoundColumn { get; set; }

        /// <summary>
        /// The share of values that the bounds are meant to enclose at each step, between 0 and 1: split-conformal intervals from the validation residuals.
        /// Default: 0.95.
        /// </summary>
        public float ConfidenceLevel { get; set; } = 0.95f;

        /// <summary>
        /// How each window is normalised before the network sees it, and forecasts carried back. Default: null, its last value is subtracted, so that levels
        /// that shift do no harm; but where the training series' spreads differ more than tenfold (the ninth decile against the first),
        /// <see cref="WindowNormalization.Standard"/>, so that small series count like great ones.
        /// </summary>
        public WindowNormalization? WindowNormalization { get; set; }

        /// <summary>
        /// Steps of a season, at most <see cref="WindowSize"/>: what is learned is then the difference from the value one season before, which the model adds
        /// again; 0 for none. Default: null, none where a <see cref="LinearSkip"/> stands beside the layers, which learns seasons by itself, nor with
        /// <see cref="ForecastLikelihood.NegativeBinomial"/>, whose differences would be no counts; else the lag whose repetition foresees the training
        /// windows' future with the least absolute error, where that is at least 10% below the last value's.
        /// </summary>
        public int? SeasonLength { get; set; }

        /// <summary>
        /// Whether a linear forecast of each target from its own window, shared by all targets and series, stands beside the layers (the autoregressive part of
        /// LSTNet, Lai et al. 2018). It begins as a ridge regression on the training windows and is then learned with the rest. With the strategies
        /// <see cref="ForecastStrategy.Direct"/> and <see cref="ForecastStrategy.EncoderDecoder"/>; a <see cref="ForecastStrategy.Recursive"/> forecaster has
        /// none, being a model of a single step, which has no weights for each step of the horizon, nor has <see cref="ForecastLikelihood.NegativeBinomial"/>,
        /// whose mean is no sum: it is positive by way of softplus. Default: true.
        /// </summary>
        public bool LinearSkip { get; set; } = true;

        /// <summary>
        /// Whether the trained forecasts are drawn toward the naive ones (the last value, or that of a season before), step by step by the share that leaves
        /// the least squared error on the validation windows: what moves like a random walk is so forecast no worse than by its last value (combination by
        /// regression, Granger and Ramanathan 1984). With <see cref="ForecastStrategy.Direct"/>, and numbers or Gaussian and Student-t distributions; without
        /// validation windows nothing is done. Default: null, they are not.
        /// </summary>
        public bool? ShrinkTowardNaive { get; set; }

        /// <summary>
        /// Rows from one training window of a series to the next, at least 1: greater ones make epochs shorter where series are long. Default: null, 1 unless
        /// an epoch would then have more than ten million steps.
        /// </summary>
        public int? TrainingStride { get; set; }

        /// <summary>
        /// What is minimised with <see cref="ForecastLikelihood.Point"/>. Default: null, Huber's loss, the squared error for all but outliers; but where the
        /// training series' spreads differ more than tenfold (the ninth decile against the first), the absolute error: forecasts then are medians.
        /// </summary>
        public RegressionLoss? Loss { get; set; }

        /// <summary>What is learned of each step: a number, quantiles, or a distribution. Default: a number.</summary>
        public ForecastLikelihood Likelihood { get; set; } = ForecastLikelihood.Point;

        /// <summary>
        /// Columns of quantiles that are added, by level (between 0 and 1), each shaped like the forecasts': learned with
        /// <see cref="ForecastLikelihood.Quantiles"/>, of the likelihood's distribution with <see cref="ForecastLikelihood.Gaussian"/>,
        /// <see cref="ForecastLikelihood.StudentT"/> and <see cref="ForecastLikelihood.NegativeBinomial"/>, of the calibration's residuals with
        /// <see cref="ForecastLikelihood.Point"/> (which needs bounds). Default: none.
        /// </summary>
        public IReadOnlyDictionary<double, string> QuantileColumnNames { get; set; } = new Dictionary<double, string>();

        /// <summary>
        /// The column of standard deviations that is added, shaped like the forecasts': with <see cref="ForecastLikelihood.Gaussian"/>,
        /// <see cref="ForecastLikelihood.StudentT"/> and <see cref="ForecastLikelihood.NegativeBinomial"/>. Default: null.
        /// </summary>
        public string? StandardDeviationColumnName { get; set; }

        private const CalendarFeatures CalendarFeaturesAll = CalendarFeatures.HourOfDay | CalendarFeatures.DayOfWeek | CalendarFeatures.DayOfMonth
            | CalendarFeatures.DayOfYear | CalendarFeatures.MonthOfYear | CalendarFeatures.MinuteOfHour;

        internal bool RowsHoldWindows => LabelColumnName is not null;

        internal override RecurrentTask Task => ForecastingTask.Instance;

        internal override void Check()
        {
            base.Check();
            Name(OutputColumnName);
            Name(InputColumnName);
            Names(PastCovariateColumnNames);
            Names(FutureCovariateColumnNames);
            Names(SeriesColumnNames);
            foreach (var lag in Lags ?? [])
            {
                if (lag < 1 || lag >= WindowSize)
                    throw OutOfRange(nameof(Lags), lag, $"must hold steps from 1 to less than the option WindowSize, {WindowSize}");
            }
            if (Lags is not null && Lags.Distinct().Count() < Lags.Length) throw new ArgumentException("The option Lags names a step twice.", nameof(Lags));
            if (CalendarFeatures is not (CalendarFeatures.None or CalendarFeatures.Auto) && (CalendarFeatures & ~CalendarFeaturesAll) != 0)
                throw OutOfRange(nameof(CalendarFeatures), CalendarFeatures, "must be Auto, or a union of the others");
            if (CalendarFeatures is not (CalendarFeatures.None or CalendarFeatures.Auto) && (TimeColumnName is null || RowsHoldWindows))
                throw new ArgumentException("The option CalendarFeatures needs rows that are series, with a time column: name it in TimeColumnName.",
                    nameof(CalendarFeatures));
            if (CategoryEmbeddingSize is { } embedding) AtLeastOne(embedding, nameof(CategoryEmbeddingSize));
            if (SeriesColumnName is not null && SeriesColumnNames.Length > 0)
                throw new ArgumentException("The options SeriesColumnName and SeriesColumnNames both name series columns: name them all in SeriesColumnNames.",
                    nameof(SeriesColumnNames));
            AtLeastOne(WindowSize);
            AtLeastOne(Horizon);
            if (TrainingStride is { } stride) AtLeastOne(stride, nameof(TrainingStride));
            if (SeasonLength < 0 || SeasonLength > WindowSize)
                throw OutOfRange(nameof(SeasonLength), SeasonLength, $"must lie from 0 to the option WindowSize, {WindowSize}");
            if (WindowNormalization is { } normalization) Defined(normalization, nameof(WindowNormalization));
            if (Loss is { } loss) Defined(loss, nameof(Loss));
            if (Loss is RegressionLoss.Quantile)
                throw new ArgumentException(
                    "The loss Quantile is one of regressions: choose the Likelihood Quantiles, with the QuantileColumnNames that are wanted.", nameof(Loss));
            Defined(Likelihood);
            CheckDistribution();
            CheckSamples();
            CheckStrategy();
            CheckMissing();
            CheckTransform();
            if (!(ConfidenceLevel is > 0 and < 1)) throw OutOfRange(nameof(ConfidenceLevel), ConfidenceLevel, "must lie between 0 and 1");
            if (TimeColumnName is not null) Name(TimeColumnName);
            if (SeriesColumnName is not null) Name(SeriesColumnName);
            if (LabelColumnName is not null) Name(LabelColumnName);
            if (ConfidenceLowerBoundColumn is not null) Name(ConfidenceLowerBoundColumn);
            if (ConfidenceUpperBoundColumn is not null) Name(ConfidenceUpperBoundColumn);
            if (ConfidenceLowerBoundColumn is null != ConfidenceUpperBoundColumn is null)
                throw new ArgumentException("Name both bounds' columns, or none.",
                    ConfidenceLowerBoundColumn is null ? nameof(ConfidenceLowerBoundColumn) : nameof(ConfidenceUpperBoundColumn));
            if (OutputColumns().GroupBy(name => name).FirstOrDefault(group => group.Count() > 1) is { } twice)
                throw new ArgumentException($"Two output columns are named '{twice.Key}'.", nameof(OutputColumnName));
            if (InputColumns().Concat(StaticColumnNames).GroupBy(name => name).FirstOrDefault(group => group.Count() > 1) is { } again)
                throw new ArgumentException($"The column '{again.Key}' goes in twice.", nameof(InputColumnName));
            if (InputColumns().Concat(StaticColumnNames).Intersect(OutputColumns()).FirstOrDefault() is { } both)
                throw new ArgumentException($"The column '{both}' goes in and comes out: the output needs another name.", nameof(OutputColumnName));
            if (RowsHoldWindows && SeriesKey().Length > 0)
                throw new ArgumentException("Rows that hold windows need no series column.", nameof(SeriesColumnName));
            if (RowsHoldWindows && TimeColumnName is not null)
                throw new ArgumentException("Rows that hold windows need no time column.", nameof(TimeColumnName));
        }

        private void CheckDistribution()
        {
            var likelihood = Likelihood.Create();
            if (ShrinkTowardNaive is true && (Strategy is not ForecastStrategy.Direct || !likelihood.ShrinksTowardNaive))
                throw new ArgumentException(
                    $"The option ShrinkTowardNaive goes with the strategy Direct and the "
                        + $"likelihoods {ForecastLikelihoods.Those(other => other.ShrinksTowardNaive)}, not with {Strategy} and {Likelihood}: leave it out.",
                            nameof(ShrinkTowardNaive));
            if (likelihood.IsInDataUnit && TargetTransform is not TargetTransform.None)
                throw new ArgumentException(
                    $"The likelihood {Likelihood} is one of {likelihood.Domain!.Name}, not of what a transform makes of them: leave the option "
                        + $"TargetTransform out.", nameof(TargetTransform));
            if (likelihood.IsInDataUnit && SeasonLength > 0)
                throw new ArgumentException(
                    $"The likelihood {Likelihood} is one of {likelihood.Domain!.Name}, and their differences from a season before are none: leave the option "
                        + $"SeasonLength out.", nameof(SeasonLength));
            if (QuantileColumnNames is null) throw new ArgumentException("The option QuantileColumnNames must not be null.", nameof(QuantileColumnNames));
            foreach (var (level, name) in QuantileColumnNames)
            {
                if (!(level is > 0 and < 1)) throw OutOfRange(nameof(QuantileColumnNames), level, "must hold levels between 0 and 1");
                Name(name, nameof(QuantileColumnNames));
            }
            if (QuantileColumnNames.Count > 0 && likelihood.DrawsFromResiduals && ConfidenceLowerBoundColumn is null)
                throw new ArgumentException(
                    $"With the likelihood {Likelihood} quantiles are those of the residuals that calibrate the bounds: name ConfidenceLowerBoundColumn and "
                        + $"ConfidenceUpperBoundColumn too, or choose another likelihood.", nameof(QuantileColumnNames));
            if (StandardDeviationColumnName is null) return;
            Name(StandardDeviationColumnName, nameof(StandardDeviationColumnName));
            if (!likelihood.IsDistribution)
                throw new ArgumentException(
                    $"The option StandardDeviationColumnName goes with the likelihoods {ForecastLikelihoods.Those(other => other.IsDistribution)}, not "
                        + $"with {Likelihood}.", nameof(StandardDeviationColumnName));
        }

        internal override RecurrentTrainerOptions Clone()
        {
            var copy = (Options)base.Clone();
            copy.PastCovariateColumnNames = [.. PastCovariateColumnNames];
            copy.Lags = Lags is null ? null : [.. Lags];
            copy.SeriesColumnNames = [.. SeriesColumnNames];
            copy.FutureCovariateColumnNames = [.. FutureCovariateColumnNames];
            copy.QuantileColumnNames = new SortedDictionary<double, string>(QuantileColumnNames.ToDictionary());
            return copy;
        }

        /// <summary>The columns that tell the series: none, one or several.</summary>
        internal string[] SeriesKey() => SeriesColumnName is null ? SeriesColumnNames : [SeriesColumnName];

        /// <summary>The columns of a step: targets first, what is known ahead last.</summary>
        internal string[] InputColumns() => [InputColumnName, .. PastCovariateColumnNames, .. FutureCovariateColumnNames];

        /// <summary>The columns that the model writes: forecasts, bounds, quantiles by rising level, standard deviations, samples.</summary>
        internal string[] OutputColumns() =>
        [
            OutputColumnName,
            .. ConfidenceLowerBoundColumn is { } lower && ConfidenceUpperBoundColumn is { } upper ? new[] { lower, upper } : [],
            .. QuantileColumnNames.OrderBy(pair => pair.Key).Select(pair => pair.Value),
            .. StandardDeviationColumnName is { } deviation ? new[] { deviation } : [],
            .. SamplesColumnName is { } samples ? new[] { samples } : [],
        ];

        /// <summary>The levels that have columns, rising.</summary>
        internal IReadOnlyList<double> QuantileLevels() => [.. QuantileColumnNames.Keys.Order()];

        /// <summary>The columns of rows that hold windows.</summary>
        internal WindowColumnNames WindowColumns() => new(
            [
                (InputColumnName, SeriesRole.Target), .. PastCovariateColumnNames.Select(name => (name, SeriesRole.Past)),
                .. FutureCovariateColumnNames.Select(name => (name, SeriesRole.Future)),
                .. StaticColumnNames.Select(name => (name, SeriesRole.Static)),
            ], LabelColumnName!, WindowSize, Horizon);
    }
}
