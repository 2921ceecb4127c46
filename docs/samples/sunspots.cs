#:project ../../src/Microsoft.ML.Recurrent/Microsoft.ML.Recurrent.csproj
#:package Microsoft.ML.OnnxRuntime
#:property PublishAot=false

// Forecasts the monthly number of sunspots twelve months ahead from the last four years; the last fifth of the 235 years is the test.
// Run it by: dotnet run --file docs/samples/sunspots.cs -- [--data FOLDER]

using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Recurrent;

const int Window = 48, Horizon = 12, Months = 2820, TrainMonths = Months * 4 / 5;

var mlContext = new MLContext();
var months = mlContext.Data.LoadFromTextFile<Month>(Path.Combine(DataFolder(args), "sunspots", "monthly-sunspots.csv"), separatorChar: ',', hasHeader: true, allowQuoting: true);
var train = mlContext.Data.TakeRows(months, TrainMonths);

var errors = new List<double>();
var clock = Stopwatch.StartNew();
double repeatLast = 0;
foreach (var seed in new[] { 1, 2, 3 })
{
    var model = mlContext.Forecasting.ForecastByRecurrentNetwork(new()
    {
        Input = { InputColumnName = nameof(Month.Sunspots), WindowSize = Window },
        Horizon = Horizon,
        Seed = seed,
    }).Fit(train);

    // The test rows are read only now. The window of the first forecast reaches into the training part.
    var test = mlContext.Data.SkipRows(months, TrainMonths - Window);
    var truth = test.GetColumn<float>(nameof(Month.Sunspots)).ToArray();
    var forecast = model.Transform(test).GetColumn<float[]>("Forecast").ToArray();
    errors.Add(RootMeanSquaredError(truth, (t, h) => forecast[t][h]));
    repeatLast = RootMeanSquaredError(truth, (t, h) => truth[t]);
    Console.WriteLine(Invariant($"seed {seed}: test RMSE {errors[^1]:F2}, best epoch {model.Model.History.BestEpoch} of {model.Model.History.Epochs.Length}"));
}

Console.WriteLine(Invariant($"LSTM {errors.Average():F2} [{errors.Min():F2}..{errors.Max():F2}], the last month again {repeatLast:F2}"));
Console.WriteLine(JsonSerializer.Serialize(new { sample = "sunspots", metric = "test RMSE over 12 months, mean of 3 seeds", value = Math.Round(errors.Average(), 3), baseline = Math.Round(repeatLast, 3), seconds = Math.Round(clock.Elapsed.TotalSeconds, 1) }));

static double RootMeanSquaredError(float[] truth, Func<int, int, float> forecast)
{
    double sum = 0;
    var count = 0;
    for (var t = Window - 1; t + Horizon < truth.Length; t++)
    {
        for (var h = 0; h < Horizon; h++, count++) sum += Math.Pow(forecast(t, h) - truth[t + 1 + h], 2);
    }
    return Math.Sqrt(sum / count);
}

static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

static string DataFolder(string[] args) => Array.IndexOf(args, "--data") is >= 0 and var i && i + 1 < args.Length ? args[i + 1] : Path.Combine("..", "shared", "data");

internal sealed class Month
{
    [LoadColumn(1)] public float Sunspots { get; set; }
}
