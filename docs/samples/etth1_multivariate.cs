#:project ../../src/Microsoft.ML.Recurrent/Microsoft.ML.Recurrent.csproj
#:package Microsoft.ML.OnnxRuntime
#:property PublishAot=false

// Forecasts all seven measurements of an electricity transformer together: the next 24 hours from the last 96 (ETTh1, the Informer paper's split of 12, 4 and 4 months).
// Run it by: dotnet run --file docs/samples/etth1_multivariate.cs -- [--data FOLDER]

using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Recurrent;

const int Window = 96, Horizon = 24, Channels = 7, TrainRows = 8640, ValidationRows = 2880, TestRows = 2880;

var mlContext = new MLContext();
var rows = mlContext.Data.LoadFromTextFile<Hour>(Path.Combine(DataFolder(args), "ett", "ETTh1.csv"), separatorChar: ',', hasHeader: true);
var train = mlContext.Data.TakeRows(rows, TrainRows);
// The windows of a part's first forecasts reach into the part before.
var validation = Part(TrainRows - Window, Window + ValidationRows);

List<double> errors = [], absolute = [], covered = [], widths = [], followed = [];
var clock = Stopwatch.StartNew();
foreach (var seed in new[] { 1, 2, 3 })
{
    var model = mlContext.Forecasting.ForecastByRecurrentNetwork(new()
    {
        Input = new SeriesInputOptions { InputColumnName = nameof(Hour.Measurements), TimeColumnName = nameof(Hour.Time), WindowSize = Window },
        Horizon = Horizon,
        Output = { ConfidenceLowerBoundColumn = "Lower", ConfidenceUpperBoundColumn = "Upper", ConfidenceLevel = 0.9f },
        Seed = seed,
        Logging = { Progress = new Progress<TrainingProgress>(Print) },
    }).Fit(train, validation);

    // The test rows are read only now.
    var test = Part(TrainRows + ValidationRows - Window, Window + TestRows);
    var truth = test.GetColumn<float[]>(nameof(Hour.Measurements)).ToArray();
    var scored = model.Transform(test);
    var (forecasts, lower, upper) = (scored.GetColumn<float[]>("Forecast").ToArray(), scored.GetColumn<float[]>("Lower").ToArray(), scored.GetColumn<float[]>("Upper").ToArray());
    var (squares, distances) = Errors(truth, (t, h, c) => forecasts[t][h * Channels + c]);
    errors.Add(squares);
    absolute.Add(distances);
    var scales = Deviations(train.GetColumn<float[]>(nameof(Hour.Measurements)).ToArray());
    var points = (from t in Enumerable.Range(Window - 1, truth.Length - Window - Horizon + 1) from i in Enumerable.Range(0, Horizon * Channels) select (t, i)).ToArray();
    covered.Add(points.Average(p => truth[p.t + 1 + p.i / Channels][p.i % Channels] >= lower[p.t][p.i] && truth[p.t + 1 + p.i / Channels][p.i % Channels] <= upper[p.t][p.i] ? 1.0 : 0.0));
    widths.Add(points.Average(p => (upper[p.t][p.i] - lower[p.t][p.i]) / scales[p.i % Channels]));
    // The same model in an engine: its bounds follow the outcomes.
    using var engine = model.CreateForecastEngine(mlContext);
    var live = mlContext.Data.CreateEnumerable<Hour>(test, reuseRowObject: false).Select((row, t) =>
    {
        engine.Observe(row);
        return t < Window - 1 ? null : engine.Predict();
    }).ToArray();
    followed.Add(points.Average(p => live[p.t]!.Targets[p.i % Channels] is var own && truth[p.t + 1 + p.i / Channels][p.i % Channels] is var value
        && value >= own.LowerBounds[p.i / Channels] && value <= own.UpperBounds[p.i / Channels] ? 1.0 : 0.0));
    Console.WriteLine(Invariant($"seed {seed}: test MSE {errors[^1]:F4}, MAE {absolute[^1]:F4}, {covered[^1]:P1} within the 90% interval ({followed[^1]:P1} in an engine) of mean width {widths[^1]:F2} deviations, {model.Model.History.Epochs.Length} epochs, best {model.Model.History.BestEpoch}"));
}

var hours = Part(TrainRows + ValidationRows - Window, Window + TestRows).GetColumn<float[]>(nameof(Hour.Measurements)).ToArray();
var repeatLast = Errors(hours, (t, h, c) => hours[t][c]);
var seasonal = Errors(hours, (t, h, c) => hours[t - 24 + 1 + h][c]);
Console.WriteLine(Invariant($"LSTM {errors.Average():F4} [{errors.Min():F4}..{errors.Max():F4}], MAE {absolute.Average():F4} [{absolute.Min():F4}..{absolute.Max():F4}]; repeat last {repeatLast.Squared:F4} and {repeatLast.Absolute:F4}, repeat yesterday {seasonal.Squared:F4} and {seasonal.Absolute:F4}"));
Console.WriteLine(JsonSerializer.Serialize(new { sample = "etth1_multivariate", metric = "test MSE, z-scored, mean of 3 seeds", value = Math.Round(errors.Average(), 5), mae = Math.Round(absolute.Average(), 5), baseline = Math.Round(Math.Min(repeatLast.Squared, seasonal.Squared), 5), coverage = Math.Round(covered.Average(), 4), coverageOfEngine = Math.Round(followed.Average(), 4), width = Math.Round(widths.Average(), 3), seconds = Math.Round(clock.Elapsed.TotalSeconds, 1) }));

IDataView Part(int skip, int take) => mlContext.Data.TakeRows(mlContext.Data.SkipRows(rows, skip), take);

// Over all windows whose horizon lies in the part, each channel in units of its standard deviation in the training part.
(double Squared, double Absolute) Errors(float[][] truth, Func<int, int, int, float> forecast)
{
    var scales = Deviations(train.GetColumn<float[]>(nameof(Hour.Measurements)).ToArray());
    double squares = 0, distances = 0;
    var count = 0;
    for (var t = Window - 1; t + Horizon < truth.Length; t++)
    {
        for (var i = 0; i < Horizon * Channels; i++, count++)
        {
            var (h, c) = (i / Channels, i % Channels);
            var error = (forecast(t, h, c) - truth[t + 1 + h][c]) / scales[c];
            (squares, distances) = (squares + error * error, distances + Math.Abs(error));
        }
    }
    return (squares / count, distances / count);
}

static double[] Deviations(float[][] rows) => [.. Enumerable.Range(0, Channels).Select(c =>
{
    var mean = rows.Average(row => (double)row[c]);
    return Math.Sqrt(rows.Average(row => (row[c] - mean) * (row[c] - mean)));
})];

static void Print(TrainingProgress progress)
{
    if (progress.EpochEnded) Console.WriteLine(Invariant($"  epoch {progress.Epoch}: loss {progress.Loss:F4}, validation {progress.ValidationLoss:F4}, {progress.SequencesPerSecond:F0} windows/s"));
}

static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

static string DataFolder(string[] args) => Array.IndexOf(args, "--data") is >= 0 and var i && i + 1 < args.Length ? args[i + 1] : Path.Combine("..", "shared", "data");

internal sealed class Hour
{
    [LoadColumn(0)] public DateTime Time { get; set; }
    [LoadColumn(1, 7), VectorType(7)] public float[] Measurements { get; set; } = [];
}
