using System.Collections.Immutable;
using System.Globalization;
using Microsoft.ML.Data;
using Microsoft.ML.Recurrent.Experiments;
using Microsoft.ML.Recurrent.Forecasting.Evaluation;

namespace Microsoft.ML.Recurrent.Workbench.Scenarios.Forecasting;

/// <summary>The plan of a forecaster.</summary>
internal sealed class ForecastingPlan : ScenarioPlan
{
    // Enough for a stable figure; a back-test of more takes longer than training.
    private const int MostForecasts = 20_000, MostBaselineForecasts = 5000, MostFoldForecasts = 5000, NumberOfFolds = 5;

    private readonly ForecastColumns _columns;
    private readonly SeriesShape _shape;
    private readonly int _horizon;
    private readonly double _level;
    // The validation rows, with what the longest window of a search reads before them.
    private readonly (IDataView Rows, int Steps) _compared;
    private readonly int _testSteps;
    private ImmutableArray<ExperimentFold> _folds = [];

    private ForecastingPlan(Scenario scenario, MLContext mlContext, ScenarioRequest request, ForecastColumns columns, SeriesShape shape, int horizon,
        double level,
        (IDataView Rows, int Steps) compared, int testSteps)
        : base(scenario, mlContext, request) =>
        (_columns, _shape, _horizon, _level, _compared, _testSteps) = (columns, shape, horizon, level, compared, testSteps);

    public static ForecastingPlan Create(ForecastingScenario scenario, MLContext mlContext, ScenarioRequest request, ForecastColumns columns, SeriesShape shape,
        int horizon, int? givenWindow, double level)
    {
        if (request.IsForPrediction) return ForPrediction(scenario, mlContext, request, columns, shape, horizon, givenWindow, level);
        var notes = new List<string>(shape.Notes);
        var hasTest = request.Test is not null || request.TestFraction > 0;
        var testSteps = request.Test is not null || !hasTest ? 0 : Part(shape.MedianLength, request.TestFraction);
        var learnedSteps = shape.MedianLength - testSteps;
        // Bounds of a level are calibrated on as many windows as it takes for one to lie outside.
        var calibration = (int)Math.Ceiling(level / (1 - level) / shape.Lengths.Length);
        var validationSteps = request.Validation is not null ? 0 : Math.Max(horizon + calibration - 1, Part(learnedSteps, request.ValidationFraction));
        var trainSteps = learnedSteps - validationSteps;
        var window = givenWindow ?? ChooseWindow(shape.Season, horizon, trainSteps);
        if (trainSteps < window + horizon)
        {
            throw new ArgumentException(
                string.Create(CultureInfo.InvariantCulture,
                    $"The series in the middle by length has {shape.MedianLength} rows: without {testSteps} for the test and {validationSteps} for validation, "
                + $"{trainSteps} are left, but a window of {window} and a horizon of {horizon} need {window + horizon}. Give more rows, or a smaller "
                + $"{(givenWindow is null ? ForecastingScenario.HorizonOption : ForecastingScenario.WindowOption)}."));
        }
        if (givenWindow is null)
            notes.Add(string.Create(CultureInfo.InvariantCulture,
                $"A forecast reads the last {window} steps{(shape.Season > 1 ? $" (a season has {shape.Season})" : "")}."));
        if (testSteps > 0)
            notes.Add(string.Create(CultureInfo.InvariantCulture,
                $"The last {testSteps} steps of each series are held out for the final figure, the {validationSteps} before them compare trials."));

        (string Name, int End, int Steps)[] stretches = [.. ExperimentFold.Stretches(learnedSteps, window + horizon, horizon, NumberOfFolds)];
        if (FinalChoice.WhyTooFew(stretches.Length, stretches.Sum(stretch => stretch.Steps / horizon) * shape.Lengths.Length) is { } reason)
            notes.Add($"{reason} Trials of other options show what they would bring.");
        else
            notes.Add(string.Create(CultureInfo.InvariantCulture, $"A search compares its best trials with the default options on {stretches.Length} stretches "
                + $"of about {stretches[0].Steps} steps, each time trained on the rows before."));
        // A search tries windows of up to twice the length: all of them are to forecast the same rows.
        var context = 2 * window;
        var rows = request.Training.View;
        var learning = testSteps == 0 ? default(DataStep) : Split(testSteps, 0, test: false);
        var order = SeriesOrder.Read(rows, columns.Time, columns.Series);
        var learned = testSteps == 0 ? rows : order.Before(testSteps);
        var (trainPart, validationPart) = validationSteps == 0
            ? (null, null)
            : (Split(validationSteps, 0, test: false), Split(validationSteps, window, test: true));
        var (testRows, tableSteps) = request.Test is { } table ? Append(mlContext, request, columns, context, table, shape, notes)
            : (testSteps == 0 ? null : order.Part(0, testSteps, context), testSteps);
        var (comparedRows, comparedSteps) = request.Validation is { } other ? Append(mlContext, request, columns, context, other, shape, notes)
            : (order.Part(testSteps, validationSteps, context), validationSteps);
        var validationRows = request.Validation is { } given ? Append(mlContext, request, columns, window, given, shape, []).Rows
            : order.Part(testSteps, validationSteps, window);
        var plan = new ForecastingPlan(scenario, mlContext, request, columns, shape, horizon, level, (comparedRows, comparedSteps), tableSteps)
        {
            Columns = columns.Uses(request.Training.View.Schema, request.IgnoredColumns),
            Notes = [.. notes],
            Parts = new(learning, trainPart, validationPart, learned, validationSteps == 0 ? learned : order.Before(testSteps + validationSteps),
                validationRows, testRows),
            Metric = shape.Lengths.Length == 1 ? new("RMSE", HigherIsBetter: false) : new("MASE", HigherIsBetter: false),
            Pipeline = Describe(columns, shape, request, window, horizon, level),
        };
        plan._folds =
        [
            .. stretches.Select(stretch =>
            {
                var measured = order.Part(testSteps + stretch.End, stretch.Steps, context);
                return new ExperimentFold(stretch.Name, order.Before(testSteps + stretch.End + stretch.Steps),
                    model => plan.Measure(model, measured, stretch.Steps, MostFoldForecasts))
                { Count = stretch.Steps / horizon * shape.Lengths.Length };
            }),
        ];
        return plan;

        int Part(int steps, double fraction) => Math.Max(horizon, (int)Math.Round(steps * fraction));

        DataStep Split(int steps, int context, bool test)
        {
            var places = string.Create(CultureInfo.InvariantCulture, $"{steps}, {CodeText.Literal(columns.Time)}, {CodeText.Literals(columns.Series)}");
            if (context > 0) places += string.Create(CultureInfo.InvariantCulture, $", {context}");
            var code = $"mlContext.Data.SplitSeries(data, {places}).{(test ? "TestSet" : "TrainSet")}";
            return new(code, (context1, data) =>
            {
                var parts = context1.Data.SplitSeries(data, steps, columns.Time, [.. columns.Series], context);
                return test ? parts.TestSet : parts.TrainSet;
            });
        }
    }

    private static ForecastingPlan ForPrediction(ForecastingScenario scenario, MLContext mlContext, ScenarioRequest request, ForecastColumns columns,
        SeriesShape shape, int horizon, int? window, double level)
    {
        var rows = request.Training.View;
        return new ForecastingPlan(scenario, mlContext, request, columns, shape, horizon, level, (rows, 0), 0)
        {
            Columns = columns.Uses(rows.Schema, request.IgnoredColumns), Notes = [], Parts = ScenarioParts.Whole(rows),
            Metric = new("RMSE", HigherIsBetter: false), Pipeline = Describe(columns, shape, request, window ?? horizon, horizon, level),
        };
    }

    // Four seasons show what a day or a year looks like; the window must leave enough rows to learn from.
    private static int ChooseWindow(int season, int horizon, int trainSteps)
    {
        const int withoutSeason = 32;
        var wanted = Math.Max(season > 1 ? 4 * season : withoutSeason, 2 * horizon);
        return Math.Max(1, Math.Min(wanted, (trainSteps - horizon) / 2));
    }

    // The rows of another table, after those of the training table that the first forecasts read.
    private static (IDataView Rows, int Steps) Append(
        MLContext mlContext, ScenarioRequest request, ForecastColumns columns, int window, ScenarioTable table, SeriesShape shape, List<string> notes)
    {
        var own = SeriesShape.Read(table, columns, shape.Frequency);
        if (table.Path == request.Training.Path) return (table.View, own.MedianLength - window);
        if (own.Span is { } span && shape.Span is { } known)
        {
            if (span.First <= known.Last)
                throw new ArgumentException(
                    string.Create(CultureInfo.InvariantCulture,
                        $"'{table.Path}' begins at {span.First:yyyy-MM-dd HH:mm:ss}, but the training rows end at {known.Last:yyyy-MM-dd HH:mm:ss}: "
                        + $"a forecaster is tested on later rows than those that it learns from."));
            if (shape.Frequency is { } frequency && frequency.Add(known.Last, 1) != span.First)
            {
                notes.Add(string.Create(CultureInfo.InvariantCulture,
                    $"'{table.Path}' begins at {span.First:yyyy-MM-dd HH:mm:ss}, not at the step after the training rows: its first {window} steps "
                    + $"are read, but not forecast."));
                return (table.View, own.MedianLength - window);
            }
        }
        var context = mlContext.Data.SplitSeries(request.Training.View, window, columns.Time, [.. columns.Series]).TestSet;
        return (new AppendedRowsView(context, table.View, table == request.Test ? "test" : "validation"), own.MedianLength);
    }

    private static PipelineDescription Describe(ForecastColumns columns, SeriesShape shape, ScenarioRequest request, int window, int horizon, double level)
    {
        var options = new RecurrentForecastingEstimator.Options
        {
            Input = new SeriesInputOptions
            {
                InputColumnName = columns.Target,
                WindowSize = window,
                TimeColumnName = columns.Time,
                SeriesColumnNames = [.. columns.Series],
                FutureCovariateColumnNames = [.. columns.Future],
                PastCovariateColumnNames = [.. columns.Past],
                StaticColumnNames = [.. columns.Static],
                Frequency = request.Text(ForecastingScenario.FrequencyOption) is null ? null : shape.Frequency,
            },
            Horizon = horizon,
            Output = { ForecastColumnName = columns.Outputs.Forecast, ConfidenceLowerBoundColumn = columns.Outputs.Lower,
                ConfidenceUpperBoundColumn = columns.Outputs.Upper, ConfidenceLevel = (float)level,
                AllowMissingBounds = true },
            Seed = request.Seed,
        };
        ImmutableArray<PipelineStep> before = columns.Targets.Length == 1 ? []
            : [new($"mlContext.Transforms.Concatenate({CodeText.Literal(columns.Target)}, "
                + $"{string.Join(", ", columns.Targets.Select(CodeText.Literal))})",
                mlContext => Concatenate(mlContext, columns))];
        return new(before, TrainerStep.Create<RecurrentForecastingEstimator.Options, RecurrentForecastingTransformer>(
            "mlContext.Forecasting.ForecastByRecurrentNetwork", options,
            static (mlContext, options) => mlContext.Forecasting.ForecastByRecurrentNetwork(options)), []);
    }

    private static IEstimator<ITransformer> Concatenate(MLContext mlContext, ForecastColumns columns) =>
        mlContext.Transforms.Concatenate(columns.Target, [.. columns.Targets]);

    public override IReadOnlyList<ExperimentFold> Folds => _folds;

    public override double Validate(ITransformer model) => Measure(model, _compared.Rows, _compared.Steps, MostForecasts);

    private double Measure(ITransformer model, IDataView rows, int steps, int mostForecasts)
    {
        var metrics = BackTest(model, rows, steps, mostForecasts, []).Model.Metrics;
        return Metric.Name == "RMSE" ? metrics.RootMeanSquaredError : metrics.MeanAbsoluteScaledError;
    }

    private protected override ScenarioEvaluation Evaluate(ITransformer model, IDataView rows)
    {
        var result = BackTest(model, rows, _testSteps, MostBaselineForecasts, ForecastBaseline.Defaults);
        ImmutableArray<TrialMetric> metrics =
            [Metric, .. new[] { "RMSE", "MAE", "MASE", "sMAPE", "Coverage" }.Where(name => name != Metric.Name)
                .Select(static name => new TrialMetric(name, name == "Coverage"))];
        return new(metrics,
            [.. result.Forecasters.Select((forecaster, i) => new EvaluationLine(i == 0 ? "Recurrent network" : forecaster.Name, forecaster.IsBaseline,
            [.. metrics.Select(metric => ValueOf(forecaster.Metrics, metric.Name))]))], result.Measured)
        { BackTest = result, Unit = "forecasts" };
    }

    private static double ValueOf(ForecastMetrics metrics, string name) => name switch
    {
        "RMSE" => metrics.RootMeanSquaredError,
        "MAE" => metrics.MeanAbsoluteError,
        "MASE" => metrics.MeanAbsoluteScaledError,
        "sMAPE" => metrics.SymmetricMeanAbsolutePercentageError,
        _ => metrics.Coverage,
    };

    private BackTestResult BackTest(ITransformer model, IDataView rows, int steps, int mostForecasts, IReadOnlyList<ForecastBaseline> baselines)
    {
        var origins = Math.Max(1, steps - _horizon + 1);
        var stride = Math.Max(1, (int)Math.Ceiling((double)origins * _shape.Lengths.Length / mostForecasts));
        if (_columns.Targets.Length > 1) rows = Concatenate(Context, _columns).Fit(rows).Transform(rows);
        return Context.Forecasting.BackTest(rows, model, new()
        {
            TargetColumnName = _columns.Target,
            ForecastColumnName = _columns.Outputs.Forecast,
            LowerBoundColumnName = _columns.Outputs.Lower,
            UpperBoundColumnName = _columns.Outputs.Upper,
            ConfidenceLevel = (float)_level,
            Horizon = _horizon,
            TimeColumnName = _columns.Time,
            SeriesColumnNames = [.. _columns.Series],
            FutureCovariateColumnNames = [.. _columns.Future],
            AlignAtSeriesEnd = !_shape.EndTogether && _shape.Lengths.Length > 1 && _columns.Time is not null,
            Stride = stride,
            NumberOfOrigins = (origins - 1) / stride + 1,
            Season = _shape.Season > 1 ? _shape.Season : null,
            Baselines = baselines,
            VerifyNoLookAhead = false,
        });
    }

    public override Predictions Predict(ITransformer model, ScenarioTable table)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(table);
        var rows = table.WithTexts(_columns.Series).Like(Request.Training).View;
        var hasTimes = _columns.Time is not null && _shape.Frequency is not null && rows.Schema[_columns.Time].Type is DateTimeDataViewType;
        ImmutableArray<string> names =
        [
            .. _columns.Series, .. hasTimes ? new[] { _columns.Time! } : [], "Step", .. _columns.Targets.Length > 1 ? new[] { "Target" } : [],
            _columns.Outputs.Forecast,
            _columns.Outputs.Lower, _columns.Outputs.Upper,
        ];
        return new(names, ForecastRows.Read(model, rows, _columns, _horizon, hasTimes ? _shape.Frequency : null));
    }
}
