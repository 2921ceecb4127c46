#:project ../../src/Microsoft.ML.Recurrent/Microsoft.ML.Recurrent.csproj
#:package Microsoft.ML.OnnxRuntime
#:property PublishAot=false

// Forecasts tomorrow's minimum temperature in Melbourne from the last 30 days and the time of the year, with an interval; the last 365 days are the test.
// Run it by: dotnet run --file docs/samples/daily_min_temperature.cs -- [--data FOLDER]

using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Recurrent;

const int Window = 30, TestDays = 365;

var mlContext = new MLContext();
var days = mlContext.Data.LoadFromTextFile<Day>(Path.Combine(DataFolder(args), "daily_min_temp", "daily-min-temperatures.csv"), separatorChar: ',', hasHeader: true, allowQuoting: true);
const int TrainDays = 3650 - TestDays;
var train = mlContext.Data.TakeRows(days, TrainDays);

var errors = new List<double>();
List<double> covered = [], widths = [], followed = [];
var clock = Stopwatch.StartNew();
double repeatLast = 0;
foreach (var seed in new[] { 1, 2, 3 })
{
    var model = mlContext.Forecasting.ForecastByRecurrentNetwork(new()
    {
        Input = new SeriesInputOptions
        {
            InputColumnName = nameof(Day.Temperature), TimeColumnName = nameof(Day.Date), WindowSize = Window,
            // The year has its course, which thirty days do not show.
            CalendarFeatures = CalendarFeatures.DayOfYear,
        },
        Horizon = 1,
        // Ten years of one series: half of the units do as well.
        Network = { HiddenSize = 32 },
        Output = { ConfidenceLowerBoundColumn = "Lower", ConfidenceUpperBoundColumn = "Upper", ConfidenceLevel = 0.9f },
        Seed = seed,
    }).Fit(train);

    // The test rows are read only now. The window of the first forecast reaches into the training part.
    var test = mlContext.Data.SkipRows(days, TrainDays - Window);
    var truth = test.GetColumn<float>(nameof(Day.Temperature)).ToArray();
    var scored = model.Transform(test);
    var (forecast, lower, upper) = (scored.GetColumn<float[]>("Forecast").ToArray(), scored.GetColumn<float[]>("Lower").ToArray(), scored.GetColumn<float[]>("Upper").ToArray());
    errors.Add(RootMeanSquaredError(truth, t => forecast[t][0]));
    covered.Add(Enumerable.Range(Window - 1, TestDays).Average(t => truth[t + 1] >= lower[t][0] && truth[t + 1] <= upper[t][0] ? 1.0 : 0.0));
    widths.Add(Enumerable.Range(Window - 1, TestDays).Average(t => upper[t][0] - lower[t][0]));
    // The same model in an engine: its bounds follow the outcomes.
    using var engine = model.CreateForecastEngine(mlContext);
    var live = mlContext.Data.CreateEnumerable<Day>(test, reuseRowObject: false).Select((row, t) =>
    {
        engine.Observe(row);
        return t < Window - 1 ? null : engine.Predict();
    }).ToArray();
    followed.Add(Enumerable.Range(Window - 1, TestDays).Average(t => truth[t + 1] >= live[t]!.LowerBounds[0] && truth[t + 1] <= live[t]!.UpperBounds[0] ? 1.0 : 0.0));
    repeatLast = RootMeanSquaredError(truth, t => truth[t]);
    var history = model.Model.History;
    Console.WriteLine(Invariant($"seed {seed}: test RMSE {errors[^1]:F3}, {covered[^1]:P1} within the 90% interval ({followed[^1]:P1} in an engine) of mean width {widths[^1]:F2} degrees, best epoch {history.BestEpoch} of {history.Epochs.Length}"));
}

Console.WriteLine(Invariant($"LSTM {errors.Average():F3} [{errors.Min():F3}..{errors.Max():F3}], same as today {repeatLast:F3}"));
Console.WriteLine(JsonSerializer.Serialize(new { sample = "daily_min_temperature", metric = "test RMSE in degrees, mean of 3 seeds", value = Math.Round(errors.Average(), 4), baseline = Math.Round(repeatLast, 4), coverage = Math.Round(covered.Average(), 4), coverageOfEngine = Math.Round(followed.Average(), 4), width = Math.Round(widths.Average(), 3), seconds = Math.Round(clock.Elapsed.TotalSeconds, 1) }));

static double RootMeanSquaredError(float[] truth, Func<int, float> forecast) =>
    Math.Sqrt(Enumerable.Range(Window - 1, TestDays).Average(t => Math.Pow(forecast(t) - truth[t + 1], 2)));

static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

static string DataFolder(string[] args) => Array.IndexOf(args, "--data") is >= 0 and var i && i + 1 < args.Length ? args[i + 1] : Path.Combine("..", "shared", "data");

internal sealed class Day
{
    [LoadColumn(0)] public DateTime Date { get; set; }
    [LoadColumn(1)] public float Temperature { get; set; }
}
