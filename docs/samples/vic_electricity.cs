#:project ../../src/Microsoft.ML.Recurrent/Microsoft.ML.Recurrent.csproj
#:package Microsoft.ML.OnnxRuntime
#:property PublishAot=false

// Forecasts the electricity demand of Victoria (Australia), the next 48 half hours from the last week, where the temperature and the holidays of the next day are
// known. Default options; back-test by daily origins over the last 92 days of 2014, fitted once on the rows before. The temperatures are those measured: a weather
// forecast would be less exact.
// Run it by: dotnet run --file docs/samples/vic_electricity.cs -- [--data FOLDER] [--seed NUMBER] [--threads NUMBER]

using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Microsoft.ML;
using Microsoft.ML.Recurrent;

const int Window = 336, Horizon = 48, TestDays = 92;

var clock = Stopwatch.StartNew();
var mlContext = new MLContext();
// The file has times in UTC. Demand follows the clock of the people, but a clock without daylight time makes each day 48 half hours long.
var rows = mlContext.Data.LoadFromEnumerable(File.ReadLines(Path.Combine(Argument("--data") ?? Path.Combine("..", "shared", "data"), "vic_electricity", "vic_electricity.csv"))
    .Skip(1).Select(line => line.Split(',')).Select(cells => new HalfHour
    {
        Time = DateTime.Parse(cells[0], CultureInfo.InvariantCulture, DateTimeStyles.AdjustToUniversal).AddHours(10),
        Demand = float.Parse(cells[1], CultureInfo.InvariantCulture),
        Temperature = float.Parse(cells[2], CultureInfo.InvariantCulture),
        Holiday = cells[4] == "TRUE" ? 1 : 0,
    }).ToArray());

var epochs = 0;
var lstm = mlContext.Forecasting.ForecastByRecurrentNetwork(new()
{
    Input = new SeriesInputOptions
    {
        InputColumnName = nameof(HalfHour.Demand),
        FutureCovariateColumnNames = [nameof(HalfHour.Temperature), nameof(HalfHour.Holiday)],
        CalendarFeatures = CalendarFeatures.Auto,
        TimeColumnName = nameof(HalfHour.Time),
        WindowSize = Window,
    },
    Horizon = Horizon,
    Output = { ConfidenceLowerBoundColumn = "Lower", ConfidenceUpperBoundColumn = "Upper", ConfidenceLevel = 0.9f },
    Seed = int.Parse(Argument("--seed") ?? "1", CultureInfo.InvariantCulture),
    NumberOfThreads = Argument("--threads") is { } threads ? int.Parse(threads, CultureInfo.InvariantCulture) : null,
    Logging =
    {
        Progress = new Progress<TrainingProgress>(progress =>
        {
            if (!progress.EpochEnded) return;
            epochs = progress.Epoch;
            Console.Error.WriteLine(Invariant($"  epoch {progress.Epoch}: loss {progress.Loss:F4}, validation {progress.ValidationLoss:F4}, {progress.Elapsed.TotalSeconds:F0} s"));
        }),
    },
});

var result = mlContext.Forecasting.BackTest(rows, [new("LSTM", lstm)], new()
{
    TargetColumnName = nameof(HalfHour.Demand),
    FutureCovariateColumnNames = [nameof(HalfHour.Temperature), nameof(HalfHour.Holiday)],
    TimeColumnName = nameof(HalfHour.Time),
    Horizon = Horizon,
    NumberOfOrigins = TestDays,
    Baselines = [ForecastBaseline.LastValue, ForecastBaseline.SeasonalNaive],
    SeasonLengths = [Horizon, Window],
    Metrics = [ForecastMetric.MeanAbsolutePercentageError, .. ForecastMetric.Defaults],
    LowerBoundColumnName = "Lower",
    UpperBoundColumnName = "Upper",
    ConfidenceLevel = 0.9f,
});

var (percent, own) = (ForecastMetric.MeanAbsolutePercentageError, result.Model.Metrics);
Console.WriteLine(result);
Console.WriteLine(Invariant($"LSTM: MAPE {own[percent]:F3}%, MASE {own.MeanAbsoluteScaledError:F3}, {epochs} epochs"));
Console.WriteLine(JsonSerializer.Serialize(new
{
    sample = "vic_electricity",
    metric = "test MAPE in percent, 48 half hours, one seed",
    value = Math.Round(own[percent], 3),
    baseline = Math.Round(result.Baselines.Min(baseline => baseline.Metrics[percent]), 3),
    mase = Math.Round(own.MeanAbsoluteScaledError, 4),
    coverage = Math.Round(own.Coverage, 4),
    width = Math.Round(own.IntervalWidth, 1),
    seconds = Math.Round(clock.Elapsed.TotalSeconds, 1),
}));

static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

string? Argument(string name) => Array.IndexOf(args, name) is >= 0 and var i && i + 1 < args.Length ? args[i + 1] : null;

internal sealed class HalfHour
{
    public DateTime Time { get; set; }
    public float Demand { get; set; }
    public float Temperature { get; set; }
    public float Holiday { get; set; }
}
