#:project ../../src/Microsoft.ML.Recurrent/Microsoft.ML.Recurrent.csproj
#:package Microsoft.ML.OnnxRuntime
#:property PublishAot=false

// Fine dust (PM2.5) in Beijing, hourly: the next 24 hours from the last 72, with the weather up to now and the wind direction as a category.
// Training on 2010 to 2012, validation on 2013, test on 2014.
// 2,067 of 43,824 hours were not measured. They stay NaN: the model masks them in its windows and in the loss, and the error leaves them out.
// Run it by: dotnet run --file docs/samples/beijing_pm25.cs -- [--data FOLDER] [--seeds 3]

using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Recurrent;

const int Window = 72, Horizon = 24;

var mlContext = new MLContext();
var hours = Read();
var (validationFrom, testFrom) = (Array.FindIndex(hours, hour => hour.Time.Year == 2013), Array.FindIndex(hours, hour => hour.Time.Year == 2014));

List<double> errors = [], covered = [], widths = [], followed = [];
var clock = Stopwatch.StartNew();
double last = 0, yesterday = 0;
foreach (var seed in Enumerable.Range(1, int.Parse(Argument("--seeds") ?? "3", CultureInfo.InvariantCulture)))
{
    var model = mlContext.Forecasting.ForecastByRecurrentNetwork(new()
    {
        Input = new SeriesInputOptions
        {
            InputColumnName = nameof(Hour.Dust),
            PastCovariateColumnNames = [nameof(Hour.DewPoint), nameof(Hour.Temperature), nameof(Hour.Pressure), nameof(Hour.WindSpeed), nameof(Hour.Rain), nameof(Hour.Wind)],
            TimeColumnName = nameof(Hour.Time), WindowSize = Window,
        },
        Horizon = Horizon,
        // Days differ by factors, and dust is never less than nothing.
        Normalization = { TargetTransform = TargetTransform.Log1p },
        Output = { ConfidenceLowerBoundColumn = "Lower", ConfidenceUpperBoundColumn = "Upper", ConfidenceLevel = 0.9f },
        Stopping = { Patience = 3 },
        Seed = seed,
        Logging = { Progress = new Progress<TrainingProgress>(Print) },
    }).Fit(Rows(0, validationFrom), Rows(validationFrom - Window, testFrom));

    // The test rows are read only now. The windows of the first forecasts reach into the validation part.
    var test = hours[(testFrom - Window)..];
    var scored = model.Transform(mlContext.Data.LoadFromEnumerable(test));
    var (forecast, lower, upper) = (scored.GetColumn<float[]>("Forecast").ToArray(), scored.GetColumn<float[]>("Lower").ToArray(), scored.GetColumn<float[]>("Upper").ToArray());
    errors.Add(Mean(test, (t, h) => Math.Abs(forecast[t][h] - test[t + 1 + h].Dust)));
    covered.Add(Mean(test, (t, h) => test[t + 1 + h].Dust >= lower[t][h] && test[t + 1 + h].Dust <= upper[t][h] ? 1 : 0));
    widths.Add(Mean(test, (t, h) => upper[t][h] - lower[t][h]));
    // The same model in an engine: its bounds follow the outcomes.
    using var engine = model.CreateForecastEngine(mlContext);
    var live = test.Select((row, t) =>
    {
        engine.Observe(row);
        return t < Window - 1 ? null : engine.Predict();
    }).ToArray();
    followed.Add(Mean(test, (t, h) => test[t + 1 + h].Dust >= live[t]!.LowerBounds[h] && test[t + 1 + h].Dust <= live[t]!.UpperBounds[h] ? 1 : 0));
    // The naive forecasts repeat the last measured value.
    var known = Known(hours)[(testFrom - Window)..];
    (last, yesterday) = (Mean(test, (t, h) => Math.Abs(known[t] - test[t + 1 + h].Dust)), Mean(test, (t, h) => Math.Abs(known[t - 23 + h] - test[t + 1 + h].Dust)));
    Console.WriteLine(Invariant($"seed {seed}: test MAE {errors[^1]:F2} ug/m3, {covered[^1]:P1} within the 90% interval ({followed[^1]:P1} in an engine) of mean width {widths[^1]:F0}, best epoch {model.Model.History.BestEpoch} of {model.Model.History.Epochs.Length}"));
}

Console.WriteLine(Invariant($"LSTM MAE {errors.Average():F2} [{errors.Min():F2}..{errors.Max():F2}], the last hour again {last:F2}, yesterday again {yesterday:F2}"));
Console.WriteLine(JsonSerializer.Serialize(new { sample = "beijing_pm25", metric = "test MAE in ug/m3 over 24 hours, mean over seeds", value = Math.Round(errors.Average(), 3), baseline = Math.Round(Math.Min(last, yesterday), 3), coverage = Math.Round(covered.Average(), 4), coverageOfEngine = Math.Round(followed.Average(), 4), width = Math.Round(widths.Average(), 1), seconds = Math.Round(clock.Elapsed.TotalSeconds, 1) }));

IDataView Rows(int from, int to) => mlContext.Data.LoadFromEnumerable(hours[from..to]);

Hour[] Read()
{
    var read = new List<Hour>();
    foreach (var cells in File.ReadLines(Path.Combine(Argument("--data") ?? Path.Combine("..", "shared", "data"), "beijing_pm25", "pollution.csv")).Skip(1).Select(line => line.Split(',')))
    {
        read.Add(new()
        {
            Time = new DateTime(int.Parse(cells[1], CultureInfo.InvariantCulture), int.Parse(cells[2], CultureInfo.InvariantCulture), int.Parse(cells[3], CultureInfo.InvariantCulture), int.Parse(cells[4], CultureInfo.InvariantCulture), 0, 0),
            Dust = cells[5] == "NA" ? float.NaN : Number(cells[5]),
            DewPoint = Number(cells[6]),
            Temperature = Number(cells[7]),
            Pressure = Number(cells[8]),
            Wind = cells[9],
            WindSpeed = MathF.Log(1 + Number(cells[10])),
            Rain = Number(cells[12]),
        });
    }
    return [.. read];

    static float Number(string cell) => float.Parse(cell, CultureInfo.InvariantCulture);
}

// The dust of each hour, or the last value measured before it.
static float[] Known(Hour[] rows)
{
    float[] known = [.. rows.Select(row => row.Dust)];
    for (var t = 1; t < known.Length; t++)
    {
        if (float.IsNaN(known[t])) known[t] = known[t - 1];
    }
    return known;
}

// Over all windows whose horizon lies in the part, and all measured hours. A window without any measured hour has no forecast.
static double Mean(Hour[] rows, Func<int, int, double> value)
{
    double sum = 0, count = 0;
    for (var t = Window - 1; t + Horizon < rows.Length; t++)
    {
        if (rows[(t + 1 - Window)..(t + 1)].All(row => float.IsNaN(row.Dust))) continue;
        for (var h = 0; h < Horizon; h++)
        {
            if (float.IsNaN(rows[t + 1 + h].Dust)) continue;
            sum += value(t, h);
            count++;
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

internal sealed class Hour
{
    public DateTime Time { get; set; }
    public float Dust { get; set; }
    public float DewPoint { get; set; }
    public float Temperature { get; set; }
    public float Pressure { get; set; }
    public string Wind { get; set; } = "";
    public float WindSpeed { get; set; }
    public float Rain { get; set; }
}
