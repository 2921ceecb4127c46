#:project ../../src/Microsoft.ML.Recurrent/Microsoft.ML.Recurrent.csproj
#:package Microsoft.ML.OnnxRuntime
#:property PublishAot=false

// Monitors a machine. A forecaster trained on a month of normal operation forecasts the temperature of the next hour, every five minutes. An alarm is raised if a
// reading leaves the interval forecast an hour before. The confidence level of the interval sets the rate of false alarms: at 99.9% one normal reading in a thousand
// lies outside. Data: the industrial machine of the Numenta Anomaly Benchmark. Its last two anomalies (one subtle, then the breakdown) lie in the monitored weeks.
// Run it by: dotnet run --file docs/samples/health_monitor.cs -- [--data FOLDER] [--seeds 3]

using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Microsoft.ML;
using Microsoft.ML.Recurrent;

const int Window = 144, Horizon = 12, HoursOfOneAlarm = 6;
const float Level = 0.999f;

var folder = Path.Combine(Argument("--data") ?? Path.Combine("..", "shared", "data"), "nab");
// The clock was set back once: repeated times are dropped.
DateTime latest = default;
var readings = File.ReadLines(Path.Combine(folder, "realKnownCause", "machine_temperature_system_failure.csv")).Skip(1).Select(line => line.Split(','))
    .Select(cells => new Reading { Time = DateTime.Parse(cells[0], CultureInfo.InvariantCulture), Temperature = float.Parse(cells[1], CultureInfo.InvariantCulture) })
    .Where(reading => reading.Time > latest && (latest = reading.Time) == reading.Time).ToArray();
using var json = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, "combined_windows.json")));
var anomalies = json.RootElement.GetProperty("realKnownCause/machine_temperature_system_failure.csv").EnumerateArray()
    .Select(window => (From: Time(window[0]), To: Time(window[1]))).ToArray();

// Normal operation, for training and calibration: between the second anomaly and a week before the third. Monitoring starts after it.
var (normalFrom, normalTo) = (anomalies[1].To.AddDays(1), anomalies[2].From.AddDays(-7));
var normal = readings.Where(reading => reading.Time >= normalFrom && reading.Time < normalTo).ToArray();
var watch = readings.Where(reading => reading.Time >= normalTo).ToArray();
var sought = anomalies[2..];

var mlContext = new MLContext();
List<double> precisions = [], recalls = [], rates = [], widths = [];
var clock = Stopwatch.StartNew();
foreach (var seed in Enumerable.Range(1, int.Parse(Argument("--seeds") ?? "3", CultureInfo.InvariantCulture)))
{
    var model = mlContext.Forecasting.ForecastByRecurrentNetwork(new()
    {
        Input = new SeriesInputOptions { InputColumnName = nameof(Reading.Temperature), TimeColumnName = nameof(Reading.Time), WindowSize = Window },
        Horizon = Horizon,
        Output = { ConfidenceLowerBoundColumn = "Lower", ConfidenceUpperBoundColumn = "Upper", ConfidenceLevel = Level },
        Stopping =
        {
            // A rate of one in a thousand takes some thousand readings to be told.
            ValidationFraction = 0.4f, Patience = 3,
        },
        Seed = seed,
    }).Fit(mlContext.Data.LoadFromEnumerable(normal));

    using var engine = model.CreateForecastEngine(mlContext);
    engine.Observe(mlContext.Data.LoadFromEnumerable(normal));
    // Forecasts of the last hour that wait for their reading, the oldest first: each reading is compared with the forecast made Horizon steps before.
    var foreseen = new Queue<SeriesForecast>();
    List<DateTime> outside = [];
    var (judged, wide) = (0, 0.0);
    foreach (var reading in watch)
    {
        if (foreseen.Count == Horizon)
        {
            var forecast = foreseen.Dequeue();
            if (!sought.Any(anomaly => Inside(reading.Time, anomaly))) (judged, wide) = (judged + 1, wide + forecast.UpperBounds[^1] - forecast.LowerBounds[^1]);
            if (reading.Temperature < forecast.LowerBounds[^1] || reading.Temperature > forecast.UpperBounds[^1]) outside.Add(reading.Time);
        }
        engine.Observe(reading);
        foreseen.Enqueue(engine.Predict());
    }

    // Readings outside the interval within a few hours are one alarm.
    var alarms = outside.Where((time, i) => i == 0 || time - outside[i - 1] > TimeSpan.FromHours(HoursOfOneAlarm)).ToArray();
    var rightly = alarms.Count(alarm => sought.Any(anomaly => Inside(alarm, anomaly)));
    var found = sought.Count(anomaly => outside.Any(time => Inside(time, anomaly)));
    precisions.Add(alarms.Length == 0 ? 0 : (double)rightly / alarms.Length);
    recalls.Add((double)found / sought.Length);
    rates.Add((double)outside.Count(time => !sought.Any(anomaly => Inside(time, anomaly))) / judged);
    widths.Add(wide / judged);
    Console.WriteLine(Invariant($"seed {seed}: {alarms.Length} alarms in {(watch[^1].Time - watch[0].Time).TotalDays:F0} days, {rightly} of them within an anomaly's window (precision {precisions[^1]:P0}); {found} of {sought.Length} anomalies found (recall {recalls[^1]:P0}); {rates[^1]:P2} of the normal readings outside, {1 - Level:P2} asked for, at a mean width of {widths[^1]:F1} degrees"));
    foreach (var alarm in alarms) Console.WriteLine(Invariant($"  alarm at {alarm:yyyy-MM-dd HH:mm}{(sought.Any(anomaly => Inside(alarm, anomaly)) ? ", within an anomaly's window" : "")}"));
}

Console.WriteLine(JsonSerializer.Serialize(new { sample = "health_monitor", metric = "recall of anomalies, mean over seeds", value = Math.Round(recalls.Average(), 3), precision = Math.Round(precisions.Average(), 3), falseRate = Math.Round(rates.Average(), 5), width = Math.Round(widths.Average(), 2), seconds = Math.Round(clock.Elapsed.TotalSeconds, 1) }));

static DateTime Time(JsonElement time) => DateTime.Parse(time.GetString()!, CultureInfo.InvariantCulture);

static bool Inside(DateTime time, (DateTime From, DateTime To) anomaly) => time >= anomaly.From && time <= anomaly.To;

string? Argument(string name) => Array.IndexOf(args, name) is >= 0 and var i && i + 1 < args.Length ? args[i + 1] : null;

static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

internal sealed class Reading
{
    public DateTime Time { get; set; }
    public float Temperature { get; set; }
}
