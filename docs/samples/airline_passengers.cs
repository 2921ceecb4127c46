#:project ../../src/Microsoft.ML.Recurrent/Microsoft.ML.Recurrent.csproj
#:package Microsoft.ML.OnnxRuntime
#:property PublishAot=false

// Forecasts 24 months of airline passengers at once from 120 months of history, on logarithms and on differences from the year before.
// Run it by: dotnet run --file docs/samples/airline_passengers.cs -- [--data FOLDER]

using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Recurrent;

const int Months = 144, Horizon = 24, Year = 12;

var mlContext = new MLContext();
var months = mlContext.Data.LoadFromTextFile<Month>(Path.Combine(DataFolder(args), "airline_passengers", "airline-passengers.csv"), separatorChar: ',', hasHeader: true, allowQuoting: true);
var train = mlContext.Data.TakeRows(months, Months - Horizon);
var history = train.GetColumn<float>(nameof(Month.Passengers)).ToArray();

var errors = new List<double>();
float[] truth = [];
var clock = Stopwatch.StartNew();
foreach (var seed in new[] { 1, 2, 3 })
{
    var model = mlContext.Forecasting.ForecastByRecurrentNetwork(new()
    {
        Input = new SeriesInputOptions { InputColumnName = nameof(Month.Passengers), TimeColumnName = nameof(Month.Time), WindowSize = 2 * Year },
        Horizon = Horizon,
        Normalization =
        {
            // Passengers multiply from year to year.
            TargetTransform = TargetTransform.Log, SeasonLength = Year,
        },
        Stopping =
        {
            // So few windows are all learned from; the number of epochs is fixed instead.
            ValidationFraction = 0, MaximumNumberOfEpochs = 50,
        },
        Seed = seed,
    }).Fit(train);
    using var engine = model.CreateForecastEngine(mlContext);
    engine.Observe(train);
    var forecast = engine.Predict().Values;

    // The test rows are read only now.
    truth = mlContext.Data.SkipRows(months, Months - Horizon).GetColumn<float>(nameof(Month.Passengers)).ToArray();
    errors.Add(RootMeanSquaredError(h => forecast[h]));
    Console.WriteLine(Invariant($"seed {seed}: test RMSE {errors[^1]:F1}"));
}

var seasonal = RootMeanSquaredError(h => history[^(Year - h % Year)]);
var growth = history[^Year..].Sum() / history[^(2 * Year)..^Year].Sum();
var grown = RootMeanSquaredError(h => history[^(Year - h % Year)] * MathF.Pow(growth, 1 + h / Year));
Console.WriteLine(Invariant($"LSTM {errors.Average():F1} [{errors.Min():F1}..{errors.Max():F1}], last year again {seasonal:F1}, last year times its growth {grown:F1}"));
Console.WriteLine(JsonSerializer.Serialize(new { sample = "airline_passengers", metric = "RMSE over 24 months, mean of 3 seeds", value = Math.Round(errors.Average(), 2), baseline = Math.Round(Math.Min(seasonal, grown), 2), seconds = Math.Round(clock.Elapsed.TotalSeconds, 1) }));

double RootMeanSquaredError(Func<int, double> forecast) => Math.Sqrt(Enumerable.Range(0, Horizon).Average(h => Math.Pow(forecast(h) - truth[h], 2)));

static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

static string DataFolder(string[] args) => Array.IndexOf(args, "--data") is >= 0 and var i && i + 1 < args.Length ? args[i + 1] : Path.Combine("..", "shared", "data");

internal sealed class Month
{
    [LoadColumn(0)] public DateTime Time { get; set; }
    [LoadColumn(1)] public float Passengers { get; set; }
}
