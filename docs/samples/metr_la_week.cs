#:project ../../src/Microsoft.ML.Recurrent/Microsoft.ML.Recurrent.csproj
#:package Microsoft.ML.OnnxRuntime
#:property PublishAot=false

// One model for 207 traffic sensors of Los Angeles: the speed in the next hour from the last one, every five minutes. Training on the first 80% of a week, test on the rest.
// Run it by: dotnet run --file docs/samples/metr_la_week.cs -- [--data FOLDER] [--seeds 3]

using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Recurrent;

const int Window = 12, Horizon = 12;

var lines = File.ReadLines(Path.Combine(Argument("--data") ?? Path.Combine("..", "shared", "data"), "metr_la_week", "los_speed.csv")).Select(line => line.Split(',')).ToArray();
var (sensors, trainRows) = (lines[0], (lines.Length - 1) * 8 / 10);
var speeds = lines.Skip(1).Select(cells => Array.ConvertAll(cells, cell => float.Parse(cell, CultureInfo.InvariantCulture))).ToArray();

var mlContext = new MLContext();
List<double> absolute = [], squared = [], covered = [], widths = [], followed = [];
var clock = Stopwatch.StartNew();
foreach (var seed in Enumerable.Range(1, int.Parse(Argument("--seeds") ?? "3", CultureInfo.InvariantCulture)))
{
    var model = mlContext.Forecasting.ForecastByRecurrentNetwork(new()
    {
        Input = new SeriesInputOptions { InputColumnName = nameof(Reading.Speed), SeriesColumnNames = [nameof(Reading.Sensor)], WindowSize = Window },
        Horizon = Horizon,
        Output = { ConfidenceLowerBoundColumn = "Lower", ConfidenceUpperBoundColumn = "Upper", ConfidenceLevel = 0.9f },
        // What is measured is the absolute error.
        Likelihood = ForecastLikelihood.Point(RegressionLoss.AbsoluteError),
        Normalization =
        {
            // Each road has its own usual speed, and falls from it.
            Scope = NormalizationScope.Series, Window = WindowNormalization.Robust,
        },
        // Each sensor is like the others: few passes over all of them are enough.
        Stopping = { Patience = 3 },
        Seed = seed,
        Logging = { Progress = new Progress<TrainingProgress>(Print) },
    }).Fit(Part(0, trainRows));

    // The test rows are read only now. The windows of the first forecasts reach into the training part.
    var scored = model.Transform(Part(trainRows - Window, speeds.Length));
    var (forecast, lower, upper) = (scored.GetColumn<float[]>("Forecast").ToArray(), scored.GetColumn<float[]>("Lower").ToArray(), scored.GetColumn<float[]>("Upper").ToArray());
    var rows = speeds.Length - trainRows + Window;
    absolute.Add(Mean((sensor, t, h) => Math.Abs(forecast[sensor * rows + t][h] - Truth(sensor, t + 1 + h))));
    squared.Add(Math.Sqrt(Mean((sensor, t, h) => Math.Pow(forecast[sensor * rows + t][h] - Truth(sensor, t + 1 + h), 2))));
    covered.Add(Mean((sensor, t, h) => Truth(sensor, t + 1 + h) >= lower[sensor * rows + t][h] && Truth(sensor, t + 1 + h) <= upper[sensor * rows + t][h] ? 1 : 0));
    widths.Add(Mean((sensor, t, h) => upper[sensor * rows + t][h] - lower[sensor * rows + t][h]));
    // The same model in an engine: its bounds follow the outcomes.
    using var engine = model.CreateForecastEngine(mlContext);
    var live = Enumerable.Range(0, rows).Select(t =>
    {
        engine.Observe(Part(trainRows - Window + t, trainRows - Window + t + 1));
        return t < Window - 1 ? null : engine.PredictAll();
    }).ToArray();
    followed.Add(Mean((sensor, t, h) => live[t]![sensors[sensor]] is var own
        && Truth(sensor, t + 1 + h) >= own.LowerBounds[h] && Truth(sensor, t + 1 + h) <= own.UpperBounds[h] ? 1 : 0));
    Console.WriteLine(Invariant($"seed {seed}: test MAE {absolute[^1]:F3}, RMSE {squared[^1]:F3} miles/h, {covered[^1]:P1} within the 90% interval ({followed[^1]:P1} in an engine) of mean width {widths[^1]:F2} miles/h, best epoch {model.Model.History.BestEpoch} of {model.Model.History.Epochs.Length}"));
}

var last = Mean((sensor, t, h) => Math.Abs(Truth(sensor, t) - Truth(sensor, t + 1 + h)));
Console.WriteLine(Invariant($"LSTM MAE {absolute.Average():F3} [{absolute.Min():F3}..{absolute.Max():F3}], RMSE {squared.Average():F3}, the last speed again {last:F3}"));
Console.WriteLine(JsonSerializer.Serialize(new { sample = "metr_la_week", metric = "test MAE in miles/h, mean over seeds", value = Math.Round(absolute.Average(), 4), baseline = Math.Round(last, 4), coverage = Math.Round(covered.Average(), 4), coverageOfEngine = Math.Round(followed.Average(), 4), width = Math.Round(widths.Average(), 3), seconds = Math.Round(clock.Elapsed.TotalSeconds, 1) }));

// Rows of a part of the week, sensor by sensor.
IDataView Part(int start, int end) => mlContext.Data.LoadFromEnumerable(
    from sensor in Enumerable.Range(0, sensors.Length)
    from t in Enumerable.Range(start, end - start)
    select new Reading { Sensor = sensors[sensor], Speed = speeds[t][sensor] });

float Truth(int sensor, int t) => speeds[trainRows - Window + t][sensor];

// Over all windows whose horizon lies in the test part.
double Mean(Func<int, int, int, double> error)
{
    double sum = 0, count = 0;
    for (var sensor = 0; sensor < sensors.Length; sensor++)
    {
        for (var t = Window - 1; trainRows - Window + t + Horizon < speeds.Length; t++)
        {
            for (var h = 0; h < Horizon; h++, count++) sum += error(sensor, t, h);
        }
    }
    return sum / count;
}

static void Print(TrainingProgress progress)
{
    if (progress.EpochEnded) Console.WriteLine(Invariant($"  epoch {progress.Epoch}: loss {progress.Loss:F4}, validation {progress.ValidationLoss:F4}, {progress.SequencesPerSecond:F0} windows/s"));
}

string? Argument(string name) => Array.IndexOf(args, name) is >= 0 and var i && i + 1 < args.Length ? args[i + 1] : null;

static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

internal sealed class Reading
{
    public string Sensor { get; set; } = "";
    public float Speed { get; set; }
}
