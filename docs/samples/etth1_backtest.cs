#:project ../../src/Microsoft.ML.Recurrent/Microsoft.ML.Recurrent.csproj
#:project ../../src/Microsoft.ML.Recurrent.Workbench/Microsoft.ML.Recurrent.Workbench.csproj
#:package Microsoft.ML.OnnxRuntime
#:property PublishAot=false

// Back-test of forecasts of an electricity transformer's oil temperature (ETTh1), the next 24 hours from the last 96: an LSTM with default options, and the naive
// forecasts, from every hour of the test part of the Informer paper. Each model is fitted once, on the sixteen months before. Prints the tables of
// docs/evaluation.md and draws its charts, for the origins at midnight.
// Run it by: dotnet run --file docs/samples/etth1_backtest.cs -- [--data FOLDER] [--pictures FOLDER]

using System.Globalization;
using System.Text.Json;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Recurrent;
using Microsoft.ML.Recurrent.Workbench.Reports;

const int Window = 96, Horizon = 24, KnownRows = 8640 + 2880, TestRows = 2880;

var mlContext = new MLContext(seed: 1);
var rows = mlContext.Data.Cache(mlContext.Data.TakeRows(
    mlContext.Data.LoadFromTextFile<Hour>(Path.Combine(DataFolder(args), "ett", "ETTh1.csv"), separatorChar: ',', hasHeader: true), KnownRows + TestRows));

var lstm = mlContext.Forecasting.ForecastByRecurrentNetwork(new()
{
    Input = new SeriesInputOptions { InputColumnName = nameof(Hour.OilTemperature), TimeColumnName = nameof(Hour.Time), WindowSize = Window },
    Horizon = Horizon,
    Output = { ConfidenceLowerBoundColumn = "Lower", ConfidenceUpperBoundColumn = "Upper", ConfidenceLevel = 0.9f },
});

var result = mlContext.Forecasting.BackTest(rows, [new("LSTM", lstm)], new()
{
    TargetColumnName = nameof(Hour.OilTemperature),
    TimeColumnName = nameof(Hour.Time),
    Horizon = Horizon,
    InitialTrainingRows = KnownRows,
    Stride = 1,
    LowerBoundColumnName = "Lower",
    UpperBoundColumnName = "Upper",
    ConfidenceLevel = 0.9f,
    Progress = new Progress<BackTestProgress>(progress => Console.Error.WriteLine(Invariant($"{progress.Forecaster}: {progress.Fits} of {progress.TotalFits} fits, {progress.Origins} of {progress.TotalOrigins} origins"))),
});

Console.WriteLine(result);
Console.WriteLine();
Console.WriteLine(result.ToTableByStep());
Console.WriteLine(JsonSerializer.Serialize(new
{
    sample = "etth1_backtest",
    metric = "test MAE, degrees, one seed",
    value = Math.Round(result.Model.Metrics.MeanAbsoluteError, 4),
    baseline = Math.Round(result.Baselines.Min(baseline => baseline.Metrics.MeanAbsoluteError), 4),
    coverage = Math.Round(result.Model.Metrics.Coverage, 4),
    width = Math.Round(result.Model.Metrics.IntervalWidth, 3),
    seconds = Math.Round(result.Elapsed.TotalSeconds, 1),
}));

if (Array.IndexOf(args, "--pictures") is >= 0 and var place && place + 1 < args.Length)
{
    var nights = mlContext.Forecasting.BackTest(rows, [new("LSTM", lstm)], new()
    {
        TargetColumnName = nameof(Hour.OilTemperature),
        TimeColumnName = nameof(Hour.Time),
        Horizon = Horizon,
        InitialTrainingRows = KnownRows,
        LowerBoundColumnName = "Lower",
        UpperBoundColumnName = "Upper",
        ConfidenceLevel = 0.9f,
        NumberOfOrigins = TestRows / Horizon,
    });
    foreach (var file in await BackTestFiles.WriteAsync(new()
    {
        Title = "Oil temperature of a transformer",
        Introduction = "ETTh1: the next 24 hours from the last 96, from midnight to midnight through the test part.",
        Unit = "Oil temperature (°C)",
        Result = nights,
    }, args[place + 1])) Console.WriteLine(file);
}

static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

static string DataFolder(string[] args) => Array.IndexOf(args, "--data") is >= 0 and var i && i + 1 < args.Length ? args[i + 1] : Path.Combine("..", "shared", "data");

internal sealed class Hour
{
    [LoadColumn(0)] public DateTime Time { get; set; }
    [LoadColumn(7)] public float OilTemperature { get; set; }
}
