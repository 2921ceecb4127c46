#:project ../../src/Microsoft.ML.Recurrent/Microsoft.ML.Recurrent.csproj
#:package Microsoft.ML.OnnxRuntime
#:property PublishAot=false

// Two regressions with vectors as labels, on the air of Beijing (fine dust and weather, hourly):
// - several outputs: mean and maximum of the dust, mean temperature and largest wind of a day, from the hours of the two days before it;
// - a number per step: the dust of each hour of three days from the weather alone. Hours without a measurement are NaN and left out of the loss.
// 2010 to 2012 train, 2013 chooses the best epoch (and the penalty of the baseline), 2014 tests. Dust and wind are logarithms.
// Run it by: dotnet run --file docs/samples/pm25_vectors.cs -- [--data FOLDER] [--seeds N] [--threads N] [--part test|validation]

using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Recurrent;

const int Day = 24, Days = 3;
var file = Path.Combine(Argument("--data") ?? Path.Combine("..", "shared", "data"), "beijing_pm25", "pollution.csv");
int seeds = int.Parse(Argument("--seeds") ?? "1", CultureInfo.InvariantCulture), threads = int.Parse(Argument("--threads") ?? "2", CultureInfo.InvariantCulture);
// The validation part instead of the test part: all is a year earlier.
var (chosenBy, tested) = Argument("--part") is "validation" ? (2012, 2013) : (2013, 2014);
var hours = Hours();

DayRow[] days = [.. Enumerable.Range(2, hours.Length / Day - 2).Select(day =>
{
    Hour[] before = hours[((day - 2) * Day)..(day * Day)], next = hours[(day * Day)..((day + 1) * Day)];
    float[] dust = [.. next.Select(hour => hour.Dust).Where(value => !float.IsNaN(value))];
    return new DayRow
    {
        Year = next[0].Year,
        Features = [.. before.SelectMany(hour => hour.Weather.Append(hour.LastDust))],
        Label = [dust.Length < 12 ? float.NaN : dust.Average(), dust.Length < 12 ? float.NaN : dust.Max(), next.Average(hour => hour.Weather[1]), next.Max(hour => hour.Weather[3])],
    };
})];
Run("outputs", days, row => [(row.Features, row.Label)], (row, scores) => row.Score = scores);

StepRow[] steps = [.. hours.Chunk(Days * Day).Select(chunk => new StepRow
{
    Year = chunk[0].Year,
    Features = [.. chunk.SelectMany(hour => hour.Weather)],
    Label = [.. chunk.Select(hour => hour.Dust)],
})];
// The baseline sees the weather of an hour and of the 23 before it.
Run("steps", steps, row => row.Label.Select((label, step) =>
    ((float[])[.. Enumerable.Range(0, Day).SelectMany(back => row.Features.Chunk(7).ElementAt(Math.Max(0, step - back)))], new[] { label })), (row, scores) => row.Score = scores);

void Run<TRow>(string kind, TRow[] rows, Func<TRow, IEnumerable<(float[] Features, float[] Label)>> examples, Action<TRow, float[]> score)
    where TRow : Row
{
    var clock = Stopwatch.StartNew();
    TRow[] train = [.. rows.Where(row => row.Year < chosenBy)], validation = [.. rows.Where(row => row.Year == chosenBy)], test = [.. rows.Where(row => row.Year == tested)];
    List<MultiOutputRegressionMetrics> found = [];
    for (var seed = 1; seed <= seeds; seed++)
    {
        var mlContext = new MLContext(seed);
        var trainer = mlContext.Regression.Trainers.RecurrentNetwork(new RecurrentRegressionTrainer.Options
        {
            Network = { Bidirectional = kind is "steps" },
            NumberOfThreads = threads,
        });
        var watch = Stopwatch.StartNew();
        using var model = trainer.Fit(mlContext.Data.LoadFromEnumerable(train), mlContext.Data.LoadFromEnumerable(validation));
        var seconds = watch.Elapsed.TotalSeconds;
        found.Add(mlContext.Regression.EvaluateMultiOutput(model.Transform(mlContext.Data.LoadFromEnumerable(test))));
        Console.WriteLine(Invariant($"{kind}, seed {seed}, {model.Model.History.Epochs.Length} epochs in {seconds:F1} s on {threads} threads: {found[^1]}"));
    }

    var baseline = Ridge(train, validation, test, examples, score);
    Console.WriteLine($"{kind}, ridge regression: {baseline}");
    Console.WriteLine(Invariant($"{kind}: R2 {found.Average(one => one.RSquared):F4} [{found.Min(one => one.RSquared):F4}..{found.Max(one => one.RSquared):F4}], ridge regression {baseline.RSquared:F4}"));
    Console.WriteLine(JsonSerializer.Serialize(new { sample = "pm25_vectors", metric = $"test R2, {kind}", value = Math.Round(found.Average(one => one.RSquared), 4), baseline = Math.Round(baseline.RSquared, 4), seconds = Math.Round(clock.Elapsed.TotalSeconds, 1) }));
}

// Without a network: a linear function of all numbers for each output. The penalty is chosen by the validation part.
static MultiOutputRegressionMetrics Ridge<TRow>(TRow[] train, TRow[] validation, TRow[] test, Func<TRow, IEnumerable<(float[] Features, float[] Label)>> examples, Action<TRow, float[]> score)
    where TRow : Row
{
    var known = train.SelectMany(examples).ToArray();
    int width = known[0].Features.Length, outputs = known[0].Label.Length;
    double[] means = [.. Enumerable.Range(0, width).Select(i => known.Average(example => (double)example.Features[i]))];
    double[] scales = [.. means.Select((mean, i) => Math.Sqrt(known.Average(example => (example.Features[i] - mean) * (example.Features[i] - mean))) + 1e-9)];
    double Standard(float[] features, int i) => i == width ? 1 : (features[i] - means[i]) / scales[i];
    // Normal equations; those of an output leave out the rows without its label.
    var sums = Enumerable.Range(0, outputs).Select(output =>
    {
        var (square, right) = (new double[width + 1, width + 1], new double[width + 1]);
        foreach (var (features, label) in known)
        {
            if (float.IsNaN(label[output])) continue;
            double[] x = [.. Enumerable.Range(0, width + 1).Select(i => Standard(features, i))];
            for (var i = 0; i <= width; i++)
            {
                right[i] += x[i] * label[output];
                for (var j = 0; j <= i; j++) square[i, j] += x[i] * x[j];
            }
        }
        return (square, right);
    }).ToArray();
    return Evaluate(test, new[] { 1.0, 10, 100, 1000, 10000 }.MaxBy(penalty => Evaluate(validation, penalty).RSquared));

    MultiOutputRegressionMetrics Evaluate(TRow[] part, double penalty)
    {
        var weights = sums.Select(sum => Solve(sum.square, sum.right, penalty)).ToArray();
        foreach (var row in part)
            score(row, [.. examples(row).SelectMany(example => weights.Select(own => (float)own.Select((weight, i) => weight * Standard(example.Features, i)).Sum()))]);
        var mlContext = new MLContext(1);
        return mlContext.Regression.EvaluateMultiOutput(mlContext.Data.LoadFromEnumerable(part));
    }
}

// By the factor of Cholesky; the last weight, the constant, has no penalty.
static double[] Solve(double[,] square, double[] right, double penalty)
{
    var n = right.Length;
    var (factor, x) = (new double[n, n], (double[])right.Clone());
    for (var i = 0; i < n; i++)
    {
        for (var j = 0; j <= i; j++)
        {
            var sum = square[i, j] + (i == j ? i < n - 1 ? penalty : 1e-9 : 0);
            for (var k = 0; k < j; k++) sum -= factor[i, k] * factor[j, k];
            factor[i, j] = i == j ? Math.Sqrt(sum) : sum / factor[j, j];
        }
        for (var k = 0; k < i; k++) x[i] -= factor[i, k] * x[k];
        x[i] /= factor[i, i];
    }
    for (var i = n - 1; i >= 0; i--)
    {
        for (var k = i + 1; k < n; k++) x[i] -= factor[k, i] * x[k];
        x[i] /= factor[i, i];
    }
    return x;
}

Hour[] Hours()
{
    var last = 0f;
    return [.. File.ReadLines(file).Skip(1).Select(line =>
    {
        var cells = line.Split(',');
        float Number(int column) => float.Parse(cells[column], CultureInfo.InvariantCulture);
        var dust = cells[5] is "NA" ? float.NaN : MathF.Log(1 + Number(5));
        if (!float.IsNaN(dust)) last = dust;
        var (east, north) = cells[9] switch { "NE" => (1, 1), "NW" => (-1, 1), "SE" => (1, -1), _ => (0, 0) };
        // Dew point, temperature, pressure, wind, its direction, rain.
        return new Hour((int)Number(1), [Number(6), Number(7), Number(8), MathF.Log(1 + Number(10)), east, north, Number(12)], dust, last);
    })];
}

static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

string? Argument(string name) => Array.IndexOf(args, name) is >= 0 and var i && i + 1 < args.Length ? args[i + 1] : null;

internal sealed record Hour(int Year, float[] Weather, float Dust, float LastDust);

internal abstract class Row
{
    public int Year { get; set; }
}

internal sealed class DayRow : Row
{
    [VectorType(0, 8)] public float[] Features { get; set; } = [];
    [VectorType(4)] public float[] Label { get; set; } = [];
    // Of the baseline.
    [VectorType(4)] public float[] Score { get; set; } = new float[4];
}

internal sealed class StepRow : Row
{
    [VectorType(0, 7)] public float[] Features { get; set; } = [];
    public float[] Label { get; set; } = [];
    public float[] Score { get; set; } = [];
}
