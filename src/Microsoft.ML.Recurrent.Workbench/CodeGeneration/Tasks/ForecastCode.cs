using Microsoft.ML.Recurrent.Workbench.Code;

namespace Microsoft.ML.Recurrent.Workbench.CodeGeneration.Tasks;

/// <summary>Forecasts by an engine, which holds the last rows of each series.</summary>
internal sealed class ForecastCode(GeneratedModel model, string className, RowClass input, RowClass output) : TaskCode(model, className, input, output)
{
    private readonly RecurrentForecastingEstimator.Options _options = (RecurrentForecastingEstimator.Options)model.Options;

    public override bool IsForecast => true;

    private bool NeedsFuture => _options.Input.FutureCovariateColumnNames.Length > 0;

    private string[] SeriesColumns => _options.Input is SeriesInputOptions series ? series.SeriesColumnNames : [];

    // The rows that were observed are part of the model's file, so that it forecasts at once.
    public override string Save => """
        // The engine's state, the last rows of each series, is saved with the model.
        using var engine = model.CreateForecastEngine(mlContext);
        engine.Observe(data);
        engine.CheckPoint(mlContext, path);
        """;

    public override IEnumerable<string> ConsumptionMembers() =>
    [
        """
        /// <summary>Holds the last rows of each series, those of the training data at first; thread-safe.</summary>
        public static readonly Lazy<RecurrentForecastEngine> ForecastEngine = new(() => Model.Value.CreateForecastEngine(s_mlContext));
        """,
        """
        /// <summary>Adds an observed row to its series: forecasts begin behind it.</summary>
        /// <param name="input">The row.</param>
        public static void Observe(ModelInput input) => ForecastEngine.Value.Observe(input);
        """,
        NeedsFuture ? """
            /// <summary>Forecasts a series from its last row on.</summary>
            /// <param name="future">A row for each step of the horizon: its time, its series and what is known in advance.</param>
            /// <param name="horizon">The steps; null for those that the model was trained for.</param>
            /// <param name="series">The name of the series; null where there is one only.</param>
            public static SeriesForecast Predict(IEnumerable<ModelInput> future, int? horizon = null, string? series = null) =>
                ForecastEngine.Value.Predict(s_mlContext.Data.LoadFromEnumerable(future), series, horizon);
            """ : """
            /// <summary>Forecasts a series from its last row on.</summary>
            /// <param name="horizon">The steps; null for those that the model was trained for.</param>
            /// <param name="series">The name of the series; null where there is one only.</param>
            public static SeriesForecast Predict(int? horizon = null, string? series = null) => ForecastEngine.Value.Predict(series, horizon);
            """,
        NeedsFuture ? "" : """
            /// <summary>Forecasts all series by their names.</summary>
            /// <param name="horizon">The steps; null for those that the model was trained for.</param>
            public static IReadOnlyDictionary<string, SeriesForecast> PredictAll(int? horizon = null) => ForecastEngine.Value.PredictAll(horizon);
            """,
    ];

    private string Rows => Model.Before.IsEmpty ? "data" : "BuildPreparation(mlContext).Fit(data).Transform(data)";

    public override IEnumerable<string> EvaluationMembers() =>
    [
        $$"""
        /// <summary>Forecasts from past points in time and compares with what came next; naive forecasts at the same points stand in the same table.</summary>
        /// <param name="mlContext">The context.</param>
        /// <param name="model">The model.</param>
        /// <param name="data">Rows of the same series, best those that the model was not trained on.</param>
        /// <param name="numberOfOrigins">How many forecasts of each series, the last of them a horizon before its end.</param>
        public static BackTestResult Evaluate(MLContext mlContext, ITransformer model, IDataView data, int numberOfOrigins = 10) =>
            mlContext.Forecasting.BackTest({{Rows}}, model, new()
            {
                TargetColumnName = {{Literals.Text(_options.Input.TargetColumn)}},
                ForecastColumnName = {{Literals.Text(_options.Output.ForecastColumnName)}},
                LowerBoundColumnName = {{OptionsCode.Value(_options.Output.ConfidenceLowerBoundColumn, 0, "")}},
                UpperBoundColumnName = {{OptionsCode.Value(_options.Output.ConfidenceUpperBoundColumn, 0, "")}},
                ConfidenceLevel = {{Literals.Number(_options.Output.ConfidenceLevel)}},
                Horizon = {{Literals.Number((IFormattable)_options.Horizon)}},
                TimeColumnName = {{OptionsCode.Value(_options.Input.TimeColumn, 0, "")}},
                SeriesColumnNames = {{OptionsCode.Value(SeriesColumns, 0, "")}},
                FutureCovariateColumnNames = {{OptionsCode.Value(_options.Input.FutureCovariateColumnNames, 0, "")}},
                NumberOfOrigins = numberOfOrigins,
                VerifyNoLookAhead = false,
            });
        """,
    ];

    private string Split => $"{Literals.Number((IFormattable)_options.Horizon)}, {OptionsCode.Value(_options.Input.TimeColumn, 0, "")}, "
        + OptionsCode.Value(SeriesColumns, 0, "");

    public override string PredictSample() => (NeedsFuture ? $$"""
        // What is known in advance is needed for the steps that are forecast: here the last steps of the data are forecast again.
        var mlContext = new MLContext();
        var data = {{ClassName}}.LoadIDataViewFromFile(mlContext, {{ClassName}}.RetrainFilePath);
        var parts = mlContext.Data.SplitSeries(data, {{Split}});
        using var engine = {{ClassName}}.Model.Value.CreateForecastEngine(mlContext);
        engine.Reset();
        engine.Observe(parts.TrainSet);
        foreach (var (series, forecast) in engine.PredictAll(parts.TestSet))
        """ : $"foreach (var (series, forecast) in {ClassName}.PredictAll())") + """

        {
            foreach (var target in forecast.Targets)
            {
                Console.WriteLine($"{(series.Length > 0 ? series + ": " : "")}{target.Name}");
                for (var step = 0; step < target.Values.Length; step++)
                {
                    var time = target.Times.IsEmpty ? $"step {step + 1}" : target.Times[step].ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);
                    var bounds = target.LowerBounds.IsEmpty ? ""
                        : string.Create(CultureInfo.InvariantCulture, $"  ({target.LowerBounds[step]:G6} to {target.UpperBounds[step]:G6})");
                    Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {time}  {target.Values[step]:G6}{bounds}"));
                }
            }
        }
        """;

    public override string MapEndpoints() => $$"""
        app.MapPost("/observations", ({{ClassName}}.ModelInput input, RecurrentForecastEngine engine) =>
        {
            try
            {
                engine.Observe(input);
                return Results.Ok();
            }
            catch (ArgumentException error)
            {
                // A row that is earlier than the last one, or of a wrong time.
                return Results.BadRequest(error.Message);
            }
        });
        """ + (NeedsFuture ? $$"""

        app.MapPost("/forecasts", ({{ClassName}}.ModelInput[] future, string? series, int? horizon, MLContext mlContext, RecurrentForecastEngine engine) =>
            engine.Predict(mlContext.Data.LoadFromEnumerable(future), series, horizon));
        """ : """

        app.MapGet("/forecasts", (int? horizon, RecurrentForecastEngine engine) => engine.PredictAll(horizon));
        app.MapGet("/forecasts/{series}", (string series, int? horizon, RecurrentForecastEngine engine) =>
            engine.Series.Contains(series) ? Results.Ok(engine.Predict(series, horizon)) : Results.NotFound());
        """);

    public override string AddServices() => $$"""
        // The engine is checkpointed every minute and at shutdown, and continues from there at the next start.
        var checkpoint = builder.Configuration["Checkpoint"] ?? Path.Combine(AppContext.BaseDirectory, {{Literals.Text(Model.Name + ".checkpoint.mlnet")}});
        builder.Services.AddSingleton(new MLContext());
        builder.Services.AddSingleton(services =>
        {
            var mlContext = services.GetRequiredService<MLContext>();
            return mlContext.Model.LoadFile(File.Exists(checkpoint) ? checkpoint : {{ClassName}}.MLNetModelPath, out _).CreateForecastEngine(mlContext);
        });
        builder.Services.AddHostedService(services =>
            new Checkpoints(services.GetRequiredService<RecurrentForecastEngine>(), services.GetRequiredService<MLContext>(), checkpoint));
        """;

    public override string WebClasses() => """
        internal sealed class Checkpoints(RecurrentForecastEngine engine, MLContext mlContext, string path) : BackgroundService
        {
            protected override async Task ExecuteAsync(CancellationToken stoppingToken)
            {
                using var timer = new PeriodicTimer(TimeSpan.FromMinutes(1));
                try
                {
                    while (await timer.WaitForNextTickAsync(stoppingToken)) engine.CheckPoint(mlContext, path);
                }
                catch (OperationCanceledException)
                {
                    // The last checkpoint follows.
                }
                engine.CheckPoint(mlContext, path);
            }
        }
        """;
}
