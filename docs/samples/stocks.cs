#:project ../../src/Microsoft.ML.Recurrent/Microsoft.ML.Recurrent.csproj
#:package Microsoft.ML.OnnxRuntime
#:property PublishAot=false

// Prices of AAPL, GOOG and the S&P 500, daily: the next five trading days from the last sixty. The last fifth of each series is the test.
// Plotted one step ahead, such forecasts look excellent, because they follow the price a day late. They are therefore compared with just that, the last price, and by
// how often the direction was right.
// Run it by: dotnet run --file docs/samples/stocks.cs -- [--data FOLDER] [--seeds 3]

using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Recurrent;

const int Window = 60, Horizon = 5;

var folder = Path.Combine(Argument("--data") ?? Path.Combine("..", "shared", "data"), "stocks");
// Prices adjusted for splits and dividends, as logarithms: the return of a share does not depend on its price.
var prices = new Dictionary<string, float[]> { ["AAPL"] = Read("AAPL.csv", 6), ["GOOG"] = Read("GOOG.csv", 6), ["SP500"] = Read("SP500.csv", 5) };

var mlContext = new MLContext();
var errors = prices.Keys.ToDictionary(name => name, _ => new List<double>());
List<double> relative = [], right = [], covered = [], widths = [];
var clock = Stopwatch.StartNew();
foreach (var seed in Enumerable.Range(1, int.Parse(Argument("--seeds") ?? "3", CultureInfo.InvariantCulture)))
{
    var model = mlContext.Forecasting.ForecastByRecurrentNetwork(new()
    {
        Input = new SeriesInputOptions { InputColumnName = nameof(Day.Price), SeriesColumnNames = [nameof(Day.Share)], WindowSize = Window },
        Horizon = Horizon,
        Output = { ConfidenceLowerBoundColumn = "Lower", ConfidenceUpperBoundColumn = "Upper", ConfidenceLevel = 0.9f },
        Seed = seed,
    }).Fit(Rows(prices.Keys, price => (0, Split(price))));

    // The test rows are read only now. The windows of the first forecasts reach into the training part.
    double model5 = 0, last5 = 0, signs = 0, inside = 0, wide = 0, points = 0;
    foreach (var (name, price) in prices)
    {
        var from = Split(price) - Window;
        var scored = model.Transform(Rows([name], price => (from, price.Length)));
        var (forecast, lower, upper) = (scored.GetColumn<float[]>("Forecast").ToArray(), scored.GetColumn<float[]>("Lower").ToArray(), scored.GetColumn<float[]>("Upper").ToArray());
        double own = 0, last = 0, count = 0;
        for (var t = Window - 1; from + t + Horizon < price.Length; t++)
        {
            for (var h = 0; h < Horizon; h++, count++)
            {
                var (now, then) = (price[from + t], price[from + t + 1 + h]);
                own += Math.Abs(MathF.Exp(forecast[t][h]) - MathF.Exp(then));
                last += Math.Abs(MathF.Exp(now) - MathF.Exp(then));
                signs += Math.Sign(forecast[t][h] - now) == Math.Sign(then - now) ? 1 : 0;
                inside += then >= lower[t][h] && then <= upper[t][h] ? 1 : 0;
                // As a fraction of the price.
                wide += (Math.Exp(upper[t][h]) - Math.Exp(lower[t][h])) / Math.Exp(now);
            }
        }
        errors[name].Add(own / last);
        (model5, last5, points) = (model5 + own / last, last5 + 1, points + count);
    }
    (relative, right, covered, widths) = ([.. relative, model5 / last5], [.. right, signs / points], [.. covered, inside / points], [.. widths, wide / points]);
    Console.WriteLine(Invariant($"seed {seed}: MAE {relative[^1]:F4} times that of the last price, direction right {right[^1]:P1}, {covered[^1]:P1} within the 90% interval of mean width {widths[^1]:P1} of the price"));
}

foreach (var (name, own) in errors) Console.WriteLine(Invariant($"{name}: {own.Average():F4} [{own.Min():F4}..{own.Max():F4}] of the last price's error"));
Console.WriteLine(relative.Average() < 0.99 ? "Better than the last price: look for a leak first." : "No better than the last price: as a market that knows its past would have it.");
Console.WriteLine(JsonSerializer.Serialize(new { sample = "stocks", metric = "test MAE over that of the last price, mean over shares and seeds", value = Math.Round(relative.Average(), 4), baseline = 1.0, coverage = Math.Round(covered.Average(), 4), width = Math.Round(widths.Average(), 4), seconds = Math.Round(clock.Elapsed.TotalSeconds, 1) }));

float[] Read(string file, int column) =>
    [.. File.ReadLines(Path.Combine(folder, file)).Skip(1).Select(line => MathF.Log(float.Parse(line.Split(',')[column], CultureInfo.InvariantCulture)))];

static int Split(float[] price) => price.Length * 8 / 10;

IDataView Rows(IEnumerable<string> names, Func<float[], (int From, int To)> part) => mlContext.Data.LoadFromEnumerable(
    from name in names
    let range = part(prices[name])
    from t in Enumerable.Range(range.From, range.To - range.From)
    select new Day { Share = name, Price = prices[name][t] });

string? Argument(string name) => Array.IndexOf(args, name) is >= 0 and var i && i + 1 < args.Length ? args[i + 1] : null;

static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

internal sealed class Day
{
    public string Share { get; set; } = "";
    public float Price { get; set; }
}
