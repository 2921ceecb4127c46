#:project ../../src/Microsoft.ML.Recurrent/Microsoft.ML.Recurrent.csproj
#:package Microsoft.ML.OnnxRuntime
#:property PublishAot=false

// One model for the 414 hourly series of the M4 competition: the next 48 hours from the last week, with the default options. Scaling and stride are chosen from the training rows.
// Run it by: dotnet run --file docs/samples/m4_hourly.cs -- [--data FOLDER] [--seeds 1]

using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Recurrent;

const int Week = 168, Horizon = 48, Day = 24;
// The errors of the competition's benchmark, the denominators of its overall weighted average (Makridakis et al. 2020).
const double Naive2Smape = 18.383, Naive2Mase = 2.395;

var folder = Path.Combine(Argument("--data") ?? Path.Combine("..", "shared", "data"), "m4_hourly");
var mlContext = new MLContext();
var history = Read("Hourly-train.csv");
var rows = mlContext.Data.LoadFromEnumerable(history.SelectMany(series => series.Value.Select((value, t) => new Hour { Series = series.Key, Time = t, Value = value })));

var scores = new List<(double Smape, double Mase, double Owa)>();
List<double> covered = [], widths = [];
Dictionary<string, float[]> truth = [];
var clock = Stopwatch.StartNew();
foreach (var seed in Enumerable.Range(1, int.Parse(Argument("--seeds") ?? "3", CultureInfo.InvariantCulture)))
{
    var model = mlContext.Forecasting.ForecastByRecurrentNetwork(new()
    {
        Input = new SeriesInputOptions
        {
            InputColumnName = nameof(Hour.Value), SeriesColumnNames = [nameof(Hour.Series)], TimeColumnName = nameof(Hour.Time), WindowSize = Week,
        },
        Horizon = Horizon,
        Output = { ConfidenceLowerBoundColumn = "Lower", ConfidenceUpperBoundColumn = "Upper", ConfidenceLevel = 0.9f },
        Seed = seed,
        Logging = { Progress = new Progress<TrainingProgress>(Print) },
    }).Fit(rows);

    using var engine = model.CreateForecastEngine(mlContext);
    engine.Observe(rows);

    // The test part is read only now.
    if (truth.Count == 0) truth = Read("Hourly-test.csv");
    scores.Add(Score(series => [.. engine.Predict(series).Values]));
    covered.Add(truth.Average(future => engine.Predict(future.Key) is var forecast
        ? Enumerable.Range(0, Horizon).Average(h => future.Value[h] >= forecast.LowerBounds[h] && future.Value[h] <= forecast.UpperBounds[h] ? 1.0 : 0.0) : 0));
    // In units of each series' seasonal scale, like MASE: its mean change from day to day.
    widths.Add(truth.Keys.Average(series => engine.Predict(series) is var forecast ? Enumerable.Range(0, Horizon).Average(h => forecast.UpperBounds[h] - forecast.LowerBounds[h]) / Scale(series) : 0));
    Console.WriteLine(Invariant($"seed {seed}: sMAPE {scores[^1].Smape:F3}, MASE {scores[^1].Mase:F3}, OWA {scores[^1].Owa:F4}, {covered[^1]:P1} within the 90% interval of mean width {widths[^1]:F2} seasonal scales, best epoch {model.Model.History.BestEpoch} of {model.Model.History.Epochs.Length}"));
}

var seasonal = Score(series => [.. Enumerable.Range(0, Horizon).Select(h => history[series][^(Day - h % Day)])]);
Console.WriteLine(Invariant($"LSTM OWA {scores.Average(s => s.Owa):F4} [{scores.Min(s => s.Owa):F4}..{scores.Max(s => s.Owa):F4}], yesterday again {seasonal.Owa:F4} (sMAPE {seasonal.Smape:F3}, MASE {seasonal.Mase:F3})"));
Console.WriteLine(JsonSerializer.Serialize(new { sample = "m4_hourly", metric = "OWA, mean over seeds", value = Math.Round(scores.Average(s => s.Owa), 4), baseline = Math.Round(seasonal.Owa, 4), coverage = Math.Round(covered.Average(), 4), width = Math.Round(widths.Average(), 3), widthUnit = "seasonal scale of each series (mean change from day to day)", seconds = Math.Round(clock.Elapsed.TotalSeconds, 1) }));

(double Smape, double Mase, double Owa) Score(Func<string, double[]> forecast)
{
    double smape = 0, mase = 0;
    foreach (var (series, future) in truth)
    {
        var foreseen = forecast(series);
        smape += Enumerable.Range(0, Horizon).Average(h => 200 * Math.Abs(future[h] - foreseen[h]) / (Math.Abs(future[h]) + Math.Abs(foreseen[h]))) / truth.Count;
        mase += Enumerable.Range(0, Horizon).Average(h => Math.Abs(future[h] - foreseen[h])) / Scale(series) / truth.Count;
    }
    return (smape, mase, (smape / Naive2Smape + mase / Naive2Mase) / 2);
}

// The seasonal scale of a series, the denominator of MASE: the mean absolute change from one day to the next over its history.
double Scale(string series) => Enumerable.Range(Day, history[series].Length - Day).Average(t => Math.Abs(history[series][t] - history[series][t - Day]));

// One line per series, padded with empty cells.
Dictionary<string, float[]> Read(string file) => File.ReadLines(Path.Combine(folder, file)).Skip(1).Select(line => line.Replace("\"", "", StringComparison.Ordinal).Split(',')).ToDictionary(cells => cells[0],
    cells => cells.Skip(1).Where(cell => cell.Length > 0).Select(cell => float.Parse(cell, CultureInfo.InvariantCulture)).ToArray());

static void Print(TrainingProgress progress)
{
    if (progress.EpochEnded) Console.WriteLine(Invariant($"  epoch {progress.Epoch}: loss {progress.Loss:F4}, validation {progress.ValidationLoss:F4}, {progress.SequencesPerSecond:F0} windows/s"));
}

string? Argument(string name) => Array.IndexOf(args, name) is >= 0 and var i && i + 1 < args.Length ? args[i + 1] : null;

static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

internal sealed class Hour
{
    public string Series { get; set; } = "";
    public float Time { get; set; }
    public float Value { get; set; }
}
