using ForecastingOptions = Microsoft.ML.Recurrent.RecurrentForecastingEstimator.Options;

namespace Microsoft.ML.Recurrent.Tests.Fixtures;

/// <content>Forecasters: every strategy, likelihood and kind of input.</content>
internal static partial class FixtureCases
{
    /// <summary>The forecaster with all sorts of inputs, of which an engine's checkpoint is kept.</summary>
    public const string Hours = "forecast-hours";

    /// <summary>The forecaster of two targets, of which an engine's checkpoint is kept.</summary>
    public const string Pairs = "forecast-pairs";

    private static IEnumerable<FixtureCase> Forecasters()
    {
        // Keys, calendar, lags, categories, covariates, missing values, scaling by series, quantiles of residuals, samples.
        yield return new FixtureCase<HourRow>(Hours, ["Forecast", "Lower", "Upper", "Low", "High", "Samples"],
            FixtureData.Hours(110, 1), FixtureData.Hours(44, 2), (context, initial) => context.Transforms.Conversion.MapValueToKey("Key", "Shop")
                .Append(Forecaster(context, initial, WithBounds(new()
                {
                    Input = new SeriesInputOptions
                    {
                        InputColumnName = "Sold", TimeColumnName = "Time", SeriesColumnNames = ["Key"], WindowSize = 30, TrainingStride = 3,
                        CalendarFeatures = CalendarFeatures.HourOfDay | CalendarFeatures.DayOfWeek, Features = { Lags = [24] },
                        PastCovariateColumnNames = ["Visits"], FutureCovariateColumnNames = ["Price", "Event"], StaticColumnNames = ["Region"],
                    },
                    Horizon = 4,
                    MissingValues = { Handling = MissingValueHandling.Mask },
                    Stopping = { ValidationFraction = 0.2f },
                    Normalization = { Window = WindowNormalization.Standard, Scope = NormalizationScope.Series },
                    Output =
                    {
                        QuantileColumnNames = new Dictionary<double, string> { [0.25] = "Low", [0.95] = "High" }, SamplesColumnName = "Samples",
                        NumberOfSamples = 3,
                    },
                }))));

        // A regression on what is known ahead, which reads moving averages; made by a later build than the others, before averages were exponential.
        yield return new FixtureCase<HourRow>("forecast-regression", ["Forecast", "Lower", "Upper"],
            FixtureData.Hours(90, 11), FixtureData.Hours(30, 12), (context, initial) => Forecaster(context, initial, WithBounds(new()
            {
                Input = new SeriesInputOptions
                {
                    InputColumnName = "Sold", TimeColumnName = "Time", SeriesColumnNames = ["Shop"], WindowSize = 18, TrainingStride = 2,
                    CalendarFeatures = CalendarFeatures.HourOfDay, FutureCovariateColumnNames = ["Price", "Event"],
                },
                Horizon = 4,
                MissingValues = { Handling = MissingValueHandling.Mask },
                Stopping = { ValidationFraction = 0.3f },
            })));

        // Rows that hold windows, quantiles that are learned, logarithms.
        yield return new FixtureCase<WindowRow>("forecast-windows", ["Forecast", "Low", "High"],
            FixtureData.Windows(120, 1), FixtureData.Windows(12, 2), (context, initial) => Forecaster(context, initial, new()
            {
                Input = new WindowInputOptions { InputColumnName = "Past", LabelColumnName = "Next", StaticColumnNames = ["Size"], WindowSize = 14 },
                Horizon = 4,
                Network = { Cell = RecurrentCell.Gru, NumberOfLayers = 2 },
                Normalization = { TargetTransform = TargetTransform.Log, Window = WindowNormalization.Mean },
                Likelihood = ForecastLikelihood.Quantiles(),
                Output = { QuantileColumnNames = new Dictionary<double, string> { [0.1] = "Low", [0.9] = "High" } },
            }));

        // Counts, step by step, drawn by ancestral sampling.
        yield return new FixtureCase<DayRow>("forecast-counts", ["Forecast", "Lower", "Upper", "Deviation", "High", "Samples"],
            FixtureData.Days(90, 1, counts: true), FixtureData.Days(20, 2, counts: true), (context, initial) => Forecaster(context, initial, WithBounds(new()
            {
                Input = new SeriesInputOptions { InputColumnName = "Sold", SeriesColumnNames = ["Shop"], WindowSize = 14 },
                Horizon = 5,
                Stopping = { ValidationFraction = 0.3f },
                Decoding = { Strategy = ForecastStrategy.Recursive },
                Likelihood = ForecastLikelihood.NegativeBinomial,
                Normalization = { Window = WindowNormalization.Mean },
                Output =
                {
                    StandardDeviationColumnName = "Deviation", QuantileColumnNames = new Dictionary<double, string> { [0.9] = "High" },
                    SamplesColumnName = "Samples", NumberOfSamples = 4,
                },
            })));

        // A decoder that looks back and is fed what it saw; a series named by two columns.
        yield return new FixtureCase<HourRow>("forecast-decoder", ["Forecast", "Lower", "Upper", "Deviation", "Low", "Samples"],
            FixtureData.Hours(90, 3), FixtureData.Hours(26, 4), (context, initial) => Forecaster(context, initial, WithBounds(new()
            {
                Input = new SeriesInputOptions
                {
                    InputColumnName = "Sold", TimeColumnName = "Time", SeriesColumnNames = ["Shop", "Region"], WindowSize = 18, TrainingStride = 2,
                    FutureCovariateColumnNames = ["Price", "Event"],
                },
                Horizon = 4,
                MissingValues = { Handling = MissingValueHandling.Mask },
                Stopping = { ValidationFraction = 0.3f },
                Network = { Cell = RecurrentCell.Gru },
                Decoding =
                {
                    Strategy = ForecastStrategy.EncoderDecoder, Attention = AttentionForm.General, InputFeeding = true,
                    TeacherForcing = TeacherForcing.Constant(1),
                },
                Likelihood = ForecastLikelihood.Gaussian,
                Output =
                {
                    StandardDeviationColumnName = "Deviation", QuantileColumnNames = new Dictionary<double, string> { [0.1] = "Low" },
                    SamplesColumnName = "Samples", NumberOfSamples = 3,
                },
            })));

        // Two targets, differences, a distribution with heavy tails.
        yield return new FixtureCase<PairRow>(Pairs, ["Forecast", "Lower", "Upper", "Deviation"],
            FixtureData.Pairs(90, 1), FixtureData.Pairs(22, 2), (context, initial) => Forecaster(context, initial, WithBounds(new()
            {
                Input = new SeriesInputOptions { InputColumnName = "Levels", TimeColumnName = "Time", SeriesColumnNames = ["Plant"], WindowSize = 12 },
                Horizon = 3,
                Stopping = { ValidationFraction = 0.3f },
                Network = { Cell = RecurrentCell.SimpleRnn },
                Decoding = { Strategy = ForecastStrategy.Recursive },
                Normalization = { Window = WindowNormalization.Difference },
                Likelihood = ForecastLikelihood.StudentT,
                Output = { StandardDeviationColumnName = "Deviation" },
            })));

        // Toward the naive forecast, seasons, gaps in time, cold series.
        yield return new FixtureCase<DayRow>("forecast-days", ["Forecast", "Lower", "Upper", "Deviation", "Samples"],
            [.. FixtureData.Days(90, 3, counts: false).Where((_, i) => i % 11 != 4)], FixtureData.Days(20, 4, counts: false),
            (context, initial) => Forecaster(context, initial, WithBounds(new()
            {
                Input = new SeriesInputOptions
                {
                    InputColumnName = "Sold", TimeColumnName = "Time", SeriesColumnNames = ["Shop"], WindowSize = 14, Frequency = new(TimeUnit.Day),
                },
                Horizon = 3,
                Stopping = { ValidationFraction = 0.3f },
                Normalization = { SeasonLength = 7 },
                Decoding = { ShrinkTowardNaive = true },
                MissingValues = { FillTimeGaps = true, MinimumHistory = 9 },
                Likelihood = ForecastLikelihood.Gaussian,
                Output = { StandardDeviationColumnName = "Deviation", SamplesColumnName = "Samples", NumberOfSamples = 3 },
            })));

        // Counts by a decoder that is left to itself, and attention by a product.
        yield return new FixtureCase<DayRow>("forecast-count-decoder", ["Forecast", "Lower", "Upper", "Deviation", "Samples"],
            FixtureData.Days(90, 7, counts: true), FixtureData.Days(18, 8, counts: true), (context, initial) => Forecaster(context, initial, WithBounds(new()
            {
                Input = new SeriesInputOptions
                {
                    InputColumnName = "Sold", TimeColumnName = "Time", SeriesColumnNames = ["Shop"], WindowSize = 10,
                    CalendarFeatures = CalendarFeatures.DayOfWeek,
                },
                Horizon = 4,
                Stopping = { ValidationFraction = 0.3f },
                Decoding = { Strategy = ForecastStrategy.EncoderDecoder, Attention = AttentionForm.Dot },
                Likelihood = ForecastLikelihood.NegativeBinomial,
                Output = { StandardDeviationColumnName = "Deviation", SamplesColumnName = "Samples", NumberOfSamples = 2 },
            })));

        // Quantiles step by step, figures of whole series that outliers do not move.
        yield return new FixtureCase<DayRow>("forecast-quantile-steps", ["Forecast", "Lower", "Upper", "Low"],
            FixtureData.Days(90, 9, counts: false), FixtureData.Days(18, 10, counts: false), (context, initial) => Forecaster(context, initial, WithBounds(new()
            {
                Input = new SeriesInputOptions { InputColumnName = "Sold", TimeColumnName = "Time", SeriesColumnNames = ["Shop"], WindowSize = 10 },
                Horizon = 4,
                Stopping = { ValidationFraction = 0.3f },
                Decoding = { Strategy = ForecastStrategy.Recursive },
                Normalization = { Window = WindowNormalization.Robust, Scope = NormalizationScope.Series },
                Likelihood = ForecastLikelihood.Quantiles(),
                Output = { QuantileColumnNames = new Dictionary<double, string> { [0.25] = "Low" } },
            })));

        // A decoder that is left to itself, forecasts of numbers, the last value taken out.
        yield return new FixtureCase<DayRow>("forecast-steps", ["Forecast", "Lower", "Upper"],
            FixtureData.Days(70, 5, counts: false), FixtureData.Days(18, 6, counts: false), (context, initial) => Forecaster(context, initial, WithBounds(new()
            {
                Input = new SeriesInputOptions { InputColumnName = "Sold", TimeColumnName = "Time", SeriesColumnNames = ["Shop"], WindowSize = 10 },
                Horizon = 4,
                Stopping = { ValidationFraction = 0.3f },
                Decoding = { Strategy = ForecastStrategy.EncoderDecoder },
                Normalization = { TargetTransform = TargetTransform.Log1p },
            })));
    }

    private static RecurrentForecastingEstimator Forecaster(MLContext context, RecurrentModel? initial, ForecastingOptions options) =>
        context.Forecasting.ForecastByRecurrentNetwork(Small(options, initial, epochs: 2));

    private static ForecastingOptions WithBounds(ForecastingOptions options)
    {
        (options.Output.ConfidenceLowerBoundColumn, options.Output.ConfidenceUpperBoundColumn, options.Output.ConfidenceLevel) = ("Lower", "Upper", 0.8f);
        return options;
    }
}
