using System.Collections.Immutable;
using System.Globalization;
using Microsoft.ML.Recurrent.Workbench.Reports;

namespace Microsoft.ML.Recurrent.Tool.Demo;

/// <summary>
/// The pipeline of the demo: the logarithm of the passengers, an LSTM that forecasts it as seasonal differences, and the inverse. The seasonal amplitude grows
/// with the level; the logarithm makes it constant. This is the usual recipe for this series, otherwise with default options: nothing was chosen on the
/// held-out months.
/// </summary>
internal sealed class DemoForecaster
{
    public const int DefaultEpochs = 400, DefaultPatience = 50;

    /// <summary>The confidence level of the interval, which the few validation windows can support.</summary>
    public const float ConfidenceLevel = 0.9f;

    private const int Season = AirlinePassengers.Season, WindowSize = 2 * Season, HiddenSize = 32;
    private const float ValidationFraction = 0.3f;

    private readonly MLContext _mlContext;
    private readonly ITransformer _pipeline;
    private readonly DataViewSchema _inputSchema;

    private DemoForecaster(MLContext mlContext, ITransformer pipeline, RecurrentModel model, DataViewSchema inputSchema) =>
        (_mlContext, _pipeline, Model, _inputSchema) = (mlContext, pipeline, model, inputSchema);

    /// <summary>The network of the pipeline.</summary>
    public RecurrentModel Model { get; }

    public static string Description => $"An LSTM reads the logarithm of the last {WindowSize} months, as differences from the previous year.";

    public static ImmutableArray<(string Name, string Value)> Facts =>
    [
        ("Cell", $"LSTM, {HiddenSize} units"),
        ("Window", $"{WindowSize} months"),
        ("Horizon", $"{DemoRun.HeldOut} months at once"),
        ("Season", $"differences from {Season} months before"),
        ("Validation part", string.Create(CultureInfo.InvariantCulture, $"the last {ValidationFraction:0%} of the training months")),
    ];

    /// <summary>Trains the pipeline.</summary>
    /// <param name="training">The training months, in order.</param>
    /// <param name="horizon">Months to forecast.</param>
    /// <param name="options">Epochs and seed.</param>
    /// <param name="progress">Receives progress.</param>
    /// <param name="cancellation">Ends training early with the best weights so far.</param>
    public static DemoForecaster Train(ReadOnlyMemory<SeriesValue> training, int horizon, DemoOptions options, IProgress<TrainingProgress> progress,
        CancellationToken cancellation)
    {
        var mlContext = new MLContext(options.Seed);
        var months = Load(mlContext, training);
        var pipeline = mlContext.Transforms.Expression("Log", "passengers => log(passengers)", nameof(Month.Passengers))
            .Append(mlContext.Forecasting.ForecastByRecurrentNetwork(new()
            {
                Input = new SeriesInputOptions { InputColumnName = "Log", TimeColumnName = nameof(Month.Time), WindowSize = WindowSize },
                Output =
                {
                    ForecastColumnName = "LogForecast", ConfidenceLowerBoundColumn = "LogLower", ConfidenceUpperBoundColumn = "LogUpper",
                    ConfidenceLevel = ConfidenceLevel,
                },
                Horizon = horizon,
                Normalization = { SeasonLength = Season },
                Network = { HiddenSize = HiddenSize },
                Stopping = { ValidationFraction = ValidationFraction, Patience = options.Patience, MaximumNumberOfEpochs = options.MaximumNumberOfEpochs },
                Logging = { Progress = progress },
                CancellationToken = cancellation,
            }))
            .Append(mlContext.Transforms.Expression(nameof(MonthForecast.Forecast), "x => exp(x)", "LogForecast"))
            .Append(mlContext.Transforms.Expression(nameof(MonthForecast.Lower), "x => exp(x)", "LogLower"))
            .Append(mlContext.Transforms.Expression(nameof(MonthForecast.Upper), "x => exp(x)", "LogUpper"));
        var model = pipeline.Fit(months);
        return new(mlContext, model, model.OfType<RecurrentForecastingTransformer>().Single().Model, months.Schema);
    }

    /// <summary>Saves the whole pipeline, atomically: an existing file is replaced as a whole or not at all.</summary>
    public void Save(string path) => _mlContext.Model.SaveAtomically(_pipeline, _inputSchema, path);

    /// <summary>Loads a saved pipeline and forecasts the months after the given ones.</summary>
    /// <exception cref="InvalidDataException">The file is no intact model; the message names it.</exception>
    public static DemoForecast Forecast(string path, ReadOnlyMemory<SeriesValue> training)
    {
        var mlContext = new MLContext();
        var pipeline = LoadPipeline(mlContext, path);
        try
        {
            var last = mlContext.Data.CreateEnumerable<MonthForecast>(pipeline.Transform(Load(mlContext, training)), reuseRowObject: false).Last();
            return new([.. last.Forecast.Select(value => (double)value)], [.. last.Lower.Zip(last.Upper, (lower, upper) => ((double)lower, (double)upper))]);
        }
        finally
        {
            (pipeline as IDisposable)?.Dispose();
        }
    }

    private static ITransformer LoadPipeline(MLContext mlContext, string path)
    {
        try
        {
            return mlContext.Model.Load(path, out _);
        }
        catch (Exception error) when (error is FormatException or InvalidDataException or InvalidOperationException)
        {
            // ML.NET's own errors do not name the file.
            throw new InvalidDataException($"The model '{path}' cannot be read; it may be cut short: {error.Message}", error);
        }
    }

    private static IDataView Load(MLContext mlContext, ReadOnlyMemory<SeriesValue> months) =>
        mlContext.Data.LoadFromEnumerable(months.ToArray().Select(month => new Month { Time = month.Time, Passengers = (float)month.Value }));

    private sealed class Month
    {
        public DateTime Time { get; set; }

        public float Passengers { get; set; }
    }

    private sealed class MonthForecast
    {
        public float[] Forecast { get; set; } = [];

        public float[] Lower { get; set; } = [];

        public float[] Upper { get; set; } = [];
    }
}

/// <summary>A forecast with its interval.</summary>
internal sealed record DemoForecast(double[] Values, ImmutableArray<(double Lower, double Upper)> Interval);
