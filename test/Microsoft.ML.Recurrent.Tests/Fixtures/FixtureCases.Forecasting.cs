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
                    InputColumnName = "Sold", TimeColumnName = "Time", SeriesColumnName = "Key", WindowSize = 30, Horizon = 4, TrainingStride = 3,
                    CalendarFeatures = CalendarFeatures.HourOfDay | CalendarFeatures.DayOfWeek, Lags = [24],
                    PastCovariateColumnNames = ["Visits"], FutureCovariateColumnNames = ["Price", "Event"], StaticColumnNames = ["Region"],
                    MissingValues = MissingValueHandling.Mask, ValidationFraction = 0.2f,
                    WindowNormalization = WindowNormalization.Standard, NormalizationScope = NormalizationScope.Series,
                    QuantileColumnNames = new Dictionary<double, string> { [0.25] = "Low", [0.95] = "High" },
                    SamplesColumnName = "Samples", NumberOfSamples = 3,
                }))));

        // Rows that hold windows, quantiles that are learned, logarithms.
        yield return new FixtureCase<WindowRow>("forecast-windows", ["Forecast", "Low", "High"],
            FixtureData.Windows(120, 1), FixtureData.Windows(12, 2), (context, initial) => Forecaster(context, initial, new()
            {
                InputColumnName = "Past", LabelColumnName = "Next", StaticColumnNames = ["Size"], WindowSize = 14, Horizon = 4,
                Cell = RecurrentCell.Gru, NumberOfLayers = 2, TargetTransform = TargetTransform.Log, WindowNormalization = WindowNormalization.Mean,
                Likelihood = ForecastLikelihood.Quantiles, QuantileColumnNames = new Dictionary<double, string> { [0.1] = "Low", [0.9] = "High" },
            }));

        // Counts, step by step, drawn by ancestral sampling.
        yield return new FixtureCase<DayRow>("forecast-counts", ["Forecast", "Lower", "Upper", "Deviation", "High", "Samples"],
            FixtureData.Days(90, 1, counts: true), FixtureData.Days(20, 2, counts: true), (context, initial) => Forecaster(context, initial, WithBounds(new()
            {
                InputColumnName = "Sold", SeriesColumnName = "Shop", WindowSize = 14, Horizon = 5, ValidationFraction = 0.3f,
                Strategy = ForecastStrategy.Recursive, Likelihood = ForecastLikelihood.NegativeBinomial, WindowNormalization = WindowNormalization.Mean,
                StandardDeviationColumnName = "Deviation", QuantileColumnNames = new Dictionary<double, string> { [0.9] = "High" },
                SamplesColumnName = "Samples", NumberOfSamples = 4,
            })));

        // A decoder that looks back and is fed what it saw; a series named by two columns.
        yield return new FixtureCase<HourRow>("forecast-decoder", ["Forecast", "Lower", "Upper", "Deviation", "Low", "Samples"],
            FixtureData.Hours(90, 3), FixtureData.Hours(26, 4), (context, initial) => Forecaster(context, initial, WithBounds(new()
            {
                InputColumnName = "Sold", TimeColumnName = "Time", SeriesColumnNames = ["Shop", "Region"], WindowSize = 18, Horizon = 4, TrainingStride = 2,
                FutureCovariateColumnNames = ["Price", "Event"], MissingValues = MissingValueHandling.Mask, ValidationFraction = 0.3f, Cell = RecurrentCell.Gru,
                Strategy = ForecastStrategy.EncoderDecoder, DecoderAttention = AttentionForm.General, InputFeeding = true,
                TeacherForcing = TeacherForcing.Constant(1), Likelihood = ForecastLikelihood.Gaussian, StandardDeviationColumnName = "Deviation",
                QuantileColumnNames = new Dictionary<double, string> { [0.1] = "Low" }, SamplesColumnName = "Samples", NumberOfSamples = 3,
            })));

        // Two targets, differences, a distribution with heavy tails.
        yield return new FixtureCase<PairRow>(Pairs, ["Forecast", "Lower", "Upper", "Deviation"],
            FixtureData.Pairs(90, 1), FixtureData.Pairs(22, 2), (context, initial) => Forecaster(context, initial, WithBounds(new()
            {
                InputColumnName = "Levels", TimeColumnName = "Time", SeriesColumnName = "Plant", WindowSize = 12, Horizon = 3, ValidationFraction = 0.3f,
                Cell = RecurrentCell.SimpleRnn, Strategy = ForecastStrategy.Recursive, WindowNormalization = WindowNormalization.Difference,
                Likelihood = ForecastLikelihood.StudentT, StandardDeviationColumnName = "Deviation",
            })));

        // Toward the naive forecast, seasons, gaps in time, cold series.
        yield return new FixtureCase<DayRow>("forecast-days", ["Forecast", "Lower", "Upper", "Deviation", "Samples"],
            [.. FixtureData.Days(90, 3, counts: false).Where((_, i) => i % 11 != 4)], FixtureData.Days(20, 4, counts: false),
            (context, initial) => Forecaster(context, initial, WithBounds(new()
            {
                InputColumnName = "Sold", TimeColumnName = "Time", SeriesColumnName = "Shop", WindowSize = 14, Horizon = 3, ValidationFraction = 0.3f,
                SeasonLength = 7, ShrinkTowardNaive = true, FillTimeGaps = true, MinimumHistory = 9, Frequency = new(TimeUnit.Day),
                Likelihood = ForecastLikelihood.Gaussian, StandardDeviationColumnName = "Deviation", SamplesColumnName = "Samples", NumberOfSamples = 3,
            })));

        // Counts by a decoder that is left to itself, and attention by a product.
        yield return new FixtureCase<DayRow>("forecast-count-decoder", ["Forecast", "Lower", "Upper", "Deviation", "Samples"],
            FixtureData.Days(90, 7, counts: true), FixtureData.Days(18, 8, counts: true), (context, initial) => Forecaster(context, initial, WithBounds(new()
            {
                InputColumnName = "Sold", TimeColumnName = "Time", SeriesColumnName = "Shop", WindowSize = 10, Horizon = 4, ValidationFraction = 0.3f,
                CalendarFeatures = CalendarFeatures.DayOfWeek, Strategy = ForecastStrategy.EncoderDecoder, DecoderAttention = AttentionForm.Dot,
                Likelihood = ForecastLikelihood.NegativeBinomial, StandardDeviationColumnName = "Deviation", SamplesColumnName = "Samples", NumberOfSamples = 2,
            })));

        // Quantiles step by step, figures of whole series that outliers do not move.
        yield return new FixtureCase<DayRow>("forecast-quantile-steps", ["Forecast", "Lower", "Upper", "Low"],
            FixtureData.Days(90, 9, counts: false), FixtureData.Days(18, 10, counts: false), (context, initial) => Forecaster(context, initial, WithBounds(new()
            {
                InputColumnName = "Sold", TimeColumnName = "Time", SeriesColumnName = "Shop", WindowSize = 10, Horizon = 4, ValidationFraction = 0.3f,
                Strategy = ForecastStrategy.Recursive, WindowNormalization = WindowNormalization.Robust, NormalizationScope = NormalizationScope.Series,
                Likelihood = ForecastLikelihood.Quantiles, QuantileColumnNames = new Dictionary<double, string> { [0.25] = "Low" },
            })));

        // A decoder that is left to itself, forecasts of numbers, the last value taken out.
        yield return new FixtureCase<DayRow>("forecast-steps", ["Forecast", "Lower", "Upper"],
            FixtureData.Days(70, 5, counts: false), FixtureData.Days(18, 6, counts: false), (context, initial) => Forecaster(context, initial, WithBounds(new()
            {
                InputColumnName = "Sold", TimeColumnName = "Time", SeriesColumnName = "Shop", WindowSize = 10, Horizon = 4, ValidationFraction = 0.3f,
                Strategy = ForecastStrategy.EncoderDecoder, TargetTransform = TargetTransform.Log1p,
            })));
    }

    private static RecurrentForecastingEstimator Forecaster(MLContext context, RecurrentModel? initial, ForecastingOptions options) =>
        context.Forecasting.ForecastByRecurrentNetwork(Small(options, initial, epochs: 2));

    private static ForecastingOptions WithBounds(ForecastingOptions options)
    {
        (options.ConfidenceLowerBoundColumn, options.ConfidenceUpperBoundColumn, options.ConfidenceLevel) = ("Lower", "Upper", 0.8f);
        return options;
    }
}
