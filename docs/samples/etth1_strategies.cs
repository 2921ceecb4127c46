#:project ../../src/Microsoft.ML.Recurrent/Microsoft.ML.Recurrent.csproj
#:package Microsoft.ML.OnnxRuntime
#:property PublishAot=false

// Compares the forecasting strategies on the oil temperature of an electricity transformer: the next 24 hours from the last 96
// (ETTh1, the Informer paper's split of 12, 4 and 4 months).
// Run it by: dotnet run -c Release --file docs/samples/etth1_strategies.cs -- [--data FOLDER] [--seeds N]

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

(string Name, ForecastStrategy Strategy, TeacherForcing? Forcing, AttentionForm? Attention)[] settings =
[
    ("Direct", ForecastStrategy.Direct, null, null),
    ("Direct, no linear skip", ForecastStrategy.Direct, null, null),
    ("Recursive, always taught", ForecastStrategy.Recursive, TeacherForcing.Constant(1), null),
    ("Recursive, scheduled sampling", ForecastStrategy.Recursive, TeacherForcing.Linear(5), null),
    ("EncoderDecoder, always taught", ForecastStrategy.EncoderDecoder, TeacherForcing.Constant(1), null),
    ("EncoderDecoder, scheduled sampling", ForecastStrategy.EncoderDecoder, TeacherForcing.Linear(5), null),
    ("EncoderDecoder, never taught", ForecastStrategy.EncoderDecoder, TeacherForcing.Constant(0), null),
    ("EncoderDecoder, never taught, attention", ForecastStrategy.EncoderDecoder, TeacherForcing.Constant(0), AttentionForm.General),
];
var seeds = Array.IndexOf(args, "--seeds") is >= 0 and var at && at + 1 < args.Length ? int.Parse(args[at + 1], CultureInfo.InvariantCulture) : 1;
var results = new Dictionary<string, List<double>>();
var clock = Stopwatch.StartNew();
foreach (var (name, strategy, forcing, attention) in settings)
{
    for (var seed = 1; seed <= seeds; seed++)
    {
        var began = clock.Elapsed;
        var model = mlContext.Forecasting.ForecastByRecurrentNetwork(new()
        {
            Input = new SeriesInputOptions { InputColumnName = nameof(Hour.OilTemperature), TimeColumnName = nameof(Hour.Time), WindowSize = Window },
            Horizon = Horizon,
            Network = { HiddenSize = 64 },
            Optimizer = { BatchSize = 64, LearningRate = 1e-3f },
            Stopping =
            {
                MaximumNumberOfEpochs = 24,
                // As long as the schedule runs, what is learned changes.
                Patience = 6,
            },
            Seed = seed,
            NumberOfThreads = 1,
            // As the strategies that go step by step have it.
            Normalization = { SeasonLength = 0 },
            Decoding = { LinearSkip = name is "Direct", Strategy = strategy, TeacherForcing = forcing, Attention = attention },
        }).Fit(train, validation);

        // The test rows are read only now.
        var test = Part(TrainRows + ValidationRows - Window, Window + TestRows);
        var truth = test.GetColumn<float>(nameof(Hour.OilTemperature)).ToArray();
        var forecasts = model.Transform(test).GetColumn<float[]>("Forecast").ToArray();
        var error = MeanSquaredError(truth, (t, h) => forecasts[t][h]);
        if (!results.TryGetValue(name, out var errors)) results.Add(name, errors = []);
        errors.Add(error);
        var history = model.Model.History;
        Console.WriteLine(Invariant($"{name}, seed {seed}: test MSE {error:F4}, validation {history.Epochs[history.BestEpoch - 1].ValidationLoss:F4}, {history.Epochs.Length} epochs, best {history.BestEpoch}, {(clock.Elapsed - began).TotalSeconds:F0} s"));
    }
}

var hours = Part(TrainRows + ValidationRows - Window, Window + TestRows).GetColumn<float>(nameof(Hour.OilTemperature)).ToArray();
var repeatLast = MeanSquaredError(hours, (t, h) => hours[t]);
var seasonal = MeanSquaredError(hours, (t, h) => hours[t - 24 + 1 + h]);
foreach (var (name, errors) in results) Console.WriteLine(Invariant($"{name,-40} {errors.Average():F4} [{errors.Min():F4}..{errors.Max():F4}]"));
Console.WriteLine(Invariant($"{"repeat last",-40} {repeatLast:F4}\n{"repeat yesterday",-40} {seasonal:F4}"));
Console.WriteLine(JsonSerializer.Serialize(new { sample = "etth1_strategies", metric = "test MSE, z-scored, of the direct strategy", value = Math.Round(results["Direct"].Average(), 5), baseline = Math.Round(repeatLast, 5), seconds = Math.Round(clock.Elapsed.TotalSeconds, 1) }));

IDataView Part(int skip, int take) => mlContext.Data.TakeRows(mlContext.Data.SkipRows(rows, skip), take);

// Over all windows whose horizon lies in the part, in units of the training part's standard deviation.
double MeanSquaredError(float[] truth, Func<int, int, float> forecast)
{
    var scale = Deviation(train.GetColumn<float>(nameof(Hour.OilTemperature)).ToArray());
    double sum = 0;
    var count = 0;
    for (var t = Window - 1; t + Horizon < truth.Length; t++)
    {
        for (var h = 0; h < Horizon; h++, count++) sum += Math.Pow((forecast(t, h) - truth[t + 1 + h]) / scale, 2);
    }
    return sum / count;
}

static double Deviation(float[] values)
{
    var mean = values.Average(value => (double)value);
    return Math.Sqrt(values.Average(value => (value - mean) * (value - mean)));
}

static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

static string DataFolder(string[] args) => Array.IndexOf(args, "--data") is >= 0 and var i && i + 1 < args.Length ? args[i + 1] : Path.Combine("..", "shared", "data");

internal sealed class Hour
{
    [LoadColumn(0)] public DateTime Time { get; set; }
    [LoadColumn(7)] public float OilTemperature { get; set; }
}
