#:project ../../src/Microsoft.ML.Recurrent/Microsoft.ML.Recurrent.csproj
#:package Microsoft.ML.OnnxRuntime
#:property PublishAot=false

// Eight exchange rates against the dollar, daily from 1990 to 2016: the next five days from the last thirty. Training on 60% of the days, validation on 20%,
// test on the last 20%. Rates are close to random walks, so the last rate is the baseline; a forecast that clearly beats it has looked ahead.
// Run it by: dotnet run --file docs/samples/exchange_rate.cs -- [--data FOLDER] [--seeds 3]

using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Recurrent;

const int Window = 30, Horizon = 5, Currencies = 8, Days = 7588, TrainDays = Days * 6 / 10, ValidationDays = Days * 2 / 10;

var mlContext = new MLContext();
var days = mlContext.Data.LoadFromTextFile<Day>(Path.Combine(Argument("--data") ?? Path.Combine("..", "shared", "data"), "exchange_rate", "exchange_rate.csv"), separatorChar: ',');
var train = mlContext.Data.TakeRows(days, TrainDays);
var validation = Part(TrainDays - Window, Window + ValidationDays);
var scales = Deviations(train.GetColumn<float[]>(nameof(Day.Rates)).ToArray());

List<double> first = [], all = [], covered = [], widths = [], followed = [];
var clock = Stopwatch.StartNew();
double lastFirst = 0, lastAll = 0;
foreach (var seed in Enumerable.Range(1, int.Parse(Argument("--seeds") ?? "3", CultureInfo.InvariantCulture)))
{
    var model = mlContext.Forecasting.ForecastByRecurrentNetwork(new()
    {
        Input = { InputColumnName = nameof(Day.Rates), WindowSize = Window },
        Horizon = Horizon,
        Output = { ConfidenceLowerBoundColumn = "Lower", ConfidenceUpperBoundColumn = "Upper", ConfidenceLevel = 0.9f },
        Seed = seed,
    }).Fit(train, validation);

    // The test rows are read only now. The windows of the first forecasts reach into the validation part.
    var test = Part(TrainDays + ValidationDays - Window, Days);
    var truth = test.GetColumn<float[]>(nameof(Day.Rates)).ToArray();
    var scored = model.Transform(test);
    var (forecast, lower, upper) = (scored.GetColumn<float[]>("Forecast").ToArray(), scored.GetColumn<float[]>("Lower").ToArray(), scored.GetColumn<float[]>("Upper").ToArray());
    first.Add(Error(truth, 1, (t, h, c) => forecast[t][h * Currencies + c]));
    all.Add(Error(truth, Horizon, (t, h, c) => forecast[t][h * Currencies + c]));
    (lastFirst, lastAll) = (Error(truth, 1, (t, _, c) => truth[t][c]), Error(truth, Horizon, (t, _, c) => truth[t][c]));
    covered.Add((from t in Enumerable.Range(Window - 1, truth.Length - Window - Horizon + 1)
                 from i in Enumerable.Range(0, Horizon * Currencies)
                 let value = truth[t + 1 + i / Currencies][i % Currencies]
                 select value >= lower[t][i] && value <= upper[t][i] ? 1.0 : 0.0).Average());
    // In units of each rate's standard deviation in the training part, like the errors.
    widths.Add((from t in Enumerable.Range(Window - 1, truth.Length - Window - Horizon + 1) from i in Enumerable.Range(0, Horizon * Currencies) select (upper[t][i] - lower[t][i]) / scales[i % Currencies]).Average());
    // The same model in an engine: its bounds follow the outcomes.
    using var engine = model.CreateForecastEngine(mlContext);
    var live = mlContext.Data.CreateEnumerable<Day>(test, reuseRowObject: false).Select((row, t) =>
    {
        engine.Observe(row);
        return t < Window - 1 ? null : engine.Predict();
    }).ToArray();
    followed.Add((from t in Enumerable.Range(Window - 1, truth.Length - Window - Horizon + 1)
                  from i in Enumerable.Range(0, Horizon * Currencies)
                  let value = truth[t + 1 + i / Currencies][i % Currencies]
                  let own = live[t]!.Targets[i % Currencies]
                  select value >= own.LowerBounds[i / Currencies] && value <= own.UpperBounds[i / Currencies] ? 1.0 : 0.0).Average());
    Console.WriteLine(Invariant($"seed {seed}: test z-RMSE {first[^1]:F4} at step 1, {all[^1]:F4} over {Horizon} steps, {covered[^1]:P1} within the 90% interval ({followed[^1]:P1} in an engine) of mean width {widths[^1]:F3} deviations, best epoch {model.Model.History.BestEpoch} of {model.Model.History.Epochs.Length}"));
}

Console.WriteLine(Invariant($"LSTM {first.Average():F4} [{first.Min():F4}..{first.Max():F4}] at step 1 and {all.Average():F4} [{all.Min():F4}..{all.Max():F4}] over {Horizon} steps, the last rate again {lastFirst:F4} and {lastAll:F4}"));
Console.WriteLine(JsonSerializer.Serialize(new { sample = "exchange_rate", metric = "test RMSE at step 1, z-scored, mean over seeds", value = Math.Round(first.Average(), 5), baseline = Math.Round(lastFirst, 5), coverage = Math.Round(covered.Average(), 4), coverageOfEngine = Math.Round(followed.Average(), 4), width = Math.Round(widths.Average(), 4), seconds = Math.Round(clock.Elapsed.TotalSeconds, 1) }));

IDataView Part(int skip, int take) => mlContext.Data.TakeRows(mlContext.Data.SkipRows(days, skip), take);

// Over the first steps of all windows whose horizon lies in the part, each rate in units of its standard deviation in the training part.
double Error(float[][] truth, int steps, Func<int, int, int, float> forecast)
{
    double sum = 0, count = 0;
    for (var t = Window - 1; t + Horizon < truth.Length; t++)
    {
        for (var i = 0; i < steps * Currencies; i++, count++) sum += Math.Pow((forecast(t, i / Currencies, i % Currencies) - truth[t + 1 + i / Currencies][i % Currencies]) / scales[i % Currencies], 2);
    }
    return Math.Sqrt(sum / count);
}

static double[] Deviations(float[][] rows) => [.. Enumerable.Range(0, Currencies).Select(c =>
{
    var mean = rows.Average(row => (double)row[c]);
    return Math.Sqrt(rows.Average(row => (row[c] - mean) * (row[c] - mean)));
})];

string? Argument(string name) => Array.IndexOf(args, name) is >= 0 and var i && i + 1 < args.Length ? args[i + 1] : null;

static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

internal sealed class Day
{
    [LoadColumn(0, 7), VectorType(8)] public float[] Rates { get; set; } = [];
}
