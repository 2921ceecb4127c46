#:project ../../src/Microsoft.ML.Recurrent/Microsoft.ML.Recurrent.csproj
#:package Microsoft.ML.OnnxRuntime
#:property PublishAot=false

// Forecasts the oil temperature of an electricity transformer, hour by hour: the next 24 hours from the last 96 (ETTh1, the Informer paper's split of 12, 4 and 4 months).
// Run it by: dotnet run --file docs/samples/etth1_univariate.cs -- [--data FOLDER]

using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Recurrent;

const int Window = 96, Horizon = 24, TrainRows = 8640, ValidationRows = 2880, TestRows = 2880;

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
        Input = new SeriesInputOptions { InputColumnName = nameof(Hour.OilTemperature), TimeColumnName = nameof(Hour.Time), WindowSize = Window },
        Horizon = Horizon,
        Output = { ConfidenceLowerBoundColumn = "Lower", ConfidenceUpperBoundColumn = "Upper", ConfidenceLevel = 0.9f },
        Seed = seed,
        Logging = { Progress = new Progress<TrainingProgress>(Print) },
    }).Fit(train, validation);

    // The test rows are read only now.
    var test = Part(TrainRows + ValidationRows - Window, Window + TestRows);
    var truth = test.GetColumn<float>(nameof(Hour.OilTemperature)).ToArray();
    var scored = model.Transform(test);
    var (forecasts, lower, upper) = (scored.GetColumn<float[]>("Forecast").ToArray(), scored.GetColumn<float[]>("Lower").ToArray(), scored.GetColumn<float[]>("Upper").ToArray());
    var (squares, distances) = Errors(truth, (t, h) => forecasts[t][h]);
    errors.Add(squares);
    absolute.Add(distances);
    var scale = Deviation(train.GetColumn<float>(nameof(Hour.OilTemperature)).ToArray());
    var points = (from t in Enumerable.Range(Window - 1, truth.Length - Window - Horizon + 1) from i in Enumerable.Range(0, Horizon) select (t, i)).ToArray();
    covered.Add(points.Average(p => truth[p.t + 1 + p.i] >= lower[p.t][p.i] && truth[p.t + 1 + p.i] <= upper[p.t][p.i] ? 1.0 : 0.0));
    widths.Add(points.Average(p => (upper[p.t][p.i] - lower[p.t][p.i]) / scale));
    // The same model in an engine: its bounds follow the outcomes.
    using var engine = model.CreateForecastEngine(mlContext);
    var live = mlContext.Data.CreateEnumerable<Hour>(test, reuseRowObject: false).Select((row, t) =>
    {
        engine.Observe(row);
        return t < Window - 1 ? null : engine.Predict();
    }).ToArray();
    followed.Add(points.Average(p => truth[p.t + 1 + p.i] >= live[p.t]!.LowerBounds[p.i] && truth[p.t + 1 + p.i] <= live[p.t]!.UpperBounds[p.i] ? 1.0 : 0.0));
    Console.WriteLine(Invariant($"seed {seed}: test MSE {errors[^1]:F4}, MAE {absolute[^1]:F4}, {covered[^1]:P1} within the 90% interval ({followed[^1]:P1} in an engine) of mean width {widths[^1]:F2} deviations, {model.Model.History.Epochs.Length} epochs, best {model.Model.History.BestEpoch}"));
}

var hours = Part(TrainRows + ValidationRows - Window, Window + TestRows).GetColumn<float>(nameof(Hour.OilTemperature)).ToArray();
var repeatLast = Errors(hours, (t, h) => hours[t]);
var seasonal = Errors(hours, (t, h) => hours[t - 24 + 1 + h]);
Console.WriteLine(Invariant($"LSTM {errors.Average():F4} [{errors.Min():F4}..{errors.Max():F4}], MAE {absolute.Average():F4} [{absolute.Min():F4}..{absolute.Max():F4}]; repeat last {repeatLast.Squared:F4} and {repeatLast.Absolute:F4}, repeat yesterday {seasonal.Squared:F4} and {seasonal.Absolute:F4}"));
Console.WriteLine(JsonSerializer.Serialize(new { sample = "etth1_univariate", metric = "test MSE, z-scored, mean of 3 seeds", value = Math.Round(errors.Average(), 5), mae = Math.Round(absolute.Average(), 5), baseline = Math.Round(repeatLast.Squared, 5), coverage = Math.Round(covered.Average(), 4), coverageOfEngine = Math.Round(followed.Average(), 4), width = Math.Round(widths.Average(), 3), seconds = Math.Round(clock.Elapsed.TotalSeconds, 1) }));

IDataView Part(int skip, int take) => mlContext.Data.TakeRows(mlContext.Data.SkipRows(rows, skip), take);

// Over all windows whose horizon lies in the part, in units of the training part's standard deviation.
(double Squared, double Absolute) Errors(float[] truth, Func<int, int, float> forecast)
{
    var scale = Deviation(train.GetColumn<float>(nameof(Hour.OilTemperature)).ToArray());
    double squares = 0, distances = 0;
    var count = 0;
    for (var t = Window - 1; t + Horizon < truth.Length; t++)
    {
        for (var h = 0; h < Horizon; h++, count++)
        {
            var error = (forecast(t, h) - truth[t + 1 + h]) / scale;
            (squares, distances) = (squares + error * error, distances + Math.Abs(error));
        }
    }
    return (squares / count, distances / count);
}

static double Deviation(float[] values)
{
    var mean = values.Average(value => (double)value);
    return Math.Sqrt(values.Average(value => (value - mean) * (value - mean)));
}

static void Print(TrainingProgress progress)
{
    if (progress.EpochEnded) Console.WriteLine(Invariant($"  epoch {progress.Epoch}: loss {progress.Loss:F4}, validation {progress.ValidationLoss:F4}, {progress.SequencesPerSecond:F0} windows/s"));
}

static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

static string DataFolder(string[] args) => Array.IndexOf(args, "--data") is >= 0 and var i && i + 1 < args.Length ? args[i + 1] : Path.Combine("..", "shared", "data");

internal sealed class Hour
{
    [LoadColumn(0)] public DateTime Time { get; set; }
    [LoadColumn(7)] public float OilTemperature { get; set; }
}
