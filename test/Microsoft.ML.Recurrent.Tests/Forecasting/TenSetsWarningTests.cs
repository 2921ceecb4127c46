using System.Globalization;
using Microsoft.ML.Data;
using Microsoft.ML.Recurrent.Tests.Hosting;

namespace Microsoft.ML.Recurrent.Tests.Forecasting;

/// <summary>Right data give no warning: the ten sets by which the defaults were chosen, and a set with covariates.</summary>
[TestClass]
public sealed class TenSetsWarningTests
{
    private const int MostRows = 3000;

    private sealed class Row
    {
        public DateTime Time { get; set; }
        public string Series { get; set; } = "";
        [VectorType(1)] public float[] Y { get; set; } = [];
        public float Known { get; set; }
    }

    private static string[][] Cells(int skip, params string[] path) =>
        [.. File.ReadLines(SharedFolder.Find(["data", .. path])).Skip(skip).Select(line => line.Split(',').Select(cell => cell.Trim('"')).ToArray())];

    private static float Number(string cell) => float.TryParse(cell, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) ? value : float.NaN;

    private static DateTime Time(string cell) => DateTime.Parse(cell, CultureInfo.InvariantCulture, DateTimeStyles.AdjustToUniversal);

    private static IEnumerable<Row> Load(string set) => set switch
    {
        "etth1_univariate" => Cells(1, "ett", "ETTh1.csv").Select(row => One(Time(row[0]), row[7])),
        "etth1_multivariate" => Cells(1, "ett", "ETTh1.csv")
            .Select(row => new Row { Time = Time(row[0]), Y = [.. row[1..8].Select(Number)] }),
        "m4_hourly" => Cells(1, "m4_hourly", "Hourly-train.csv").Where((_, i) => i % 20 == 0).SelectMany(row => row.Skip(1).Where(cell => cell.Length > 0)
            .Select((cell, i) => One(new DateTime(2020, 1, 1).AddHours(i), cell, row[0]))),
        "metr_la_week" => Enumerable.Range(0, 200).Where(i => i % 40 == 0).SelectMany(sensor => Cells(1, "metr_la_week", "los_speed.csv")
            .Select((row, i) => One(new DateTime(2012, 3, 1).AddMinutes(5 * i), row[sensor], $"{sensor}"))),
        "exchange_rate" => Cells(0, "exchange_rate", "exchange_rate.csv").Select((row, i) => One(new DateTime(1990, 1, 1).AddDays(i), row[0])),
        "daily_min_temperature" => Cells(1, "daily_min_temp", "daily-min-temperatures.csv").Select(row => One(Time(row[0]), row[1])),
        "sunspots" => Cells(1, "sunspots", "monthly-sunspots.csv").Select(row => One(Time(row[0]), row[1])),
        "airline_passengers" => Cells(1, "airline_passengers", "airline-passengers.csv").Select(row => One(Time(row[0]), row[1])),
        "beijing_pm25" => Cells(1, "beijing_pm25", Path.GetFileName(Directory.GetFiles(SharedFolder.Find("data", "beijing_pm25"), "*.csv")[0]))
            .Select(row => One(new DateTime(int.Parse(row[1], CultureInfo.InvariantCulture), int.Parse(row[2], CultureInfo.InvariantCulture),
                int.Parse(row[3], CultureInfo.InvariantCulture)).AddHours(int.Parse(row[4], CultureInfo.InvariantCulture)), row[5], known: row[8])),
        "stocks" => Directory.GetFiles(SharedFolder.Find("data", "stocks"), "*.csv").Order(StringComparer.Ordinal).Take(3)
            .SelectMany(file => Cells(1, "stocks", Path.GetFileName(file)).Select(row => One(Time(row[0]), row[4], Path.GetFileName(file)))),
        _ => Cells(1, "vic_electricity", Path.GetFileName(Directory.GetFiles(SharedFolder.Find("data", "vic_electricity"), "*.csv")[0]))
            .Select(row => One(Time(row[0]), row[1], known: row[2])),
    };

    private static Row One(DateTime time, string value, string series = "", string known = "0") =>
        new() { Time = time, Y = [Number(value)], Series = series, Known = Number(known) };

    [TestMethod]
    [DataRow("etth1_univariate", 96, 24)]
    [DataRow("etth1_multivariate", 96, 24)]
    [DataRow("m4_hourly", 168, 48)]
    [DataRow("metr_la_week", 12, 12)]
    [DataRow("exchange_rate", 30, 5)]
    [DataRow("daily_min_temperature", 30, 1)]
    [DataRow("sunspots", 48, 12)]
    [DataRow("airline_passengers", 24, 24)]
    [DataRow("beijing_pm25", 72, 24)]
    [DataRow("stocks", 60, 5)]
    [DataRow("vic_electricity", 96, 48)]
    public void Give_no_warning(string set, int window, int horizon)
    {
        var context = new MLContext(1);
        using var seen = new SeenWarnings(context);
        Row[] rows = [.. Load(set).Take(MostRows)];
        var schema = SchemaDefinition.Create(typeof(Row));
        schema[nameof(Row.Y)].ColumnType = new VectorDataViewType(NumberDataViewType.Single, rows[0].Y.Length);
        var options = new RecurrentForecastingEstimator.Options
        {
            Input = new SeriesInputOptions
            {
                InputColumnName = "Y", TimeColumnName = "Time", SeriesColumnNames = ["Series"], WindowSize = window,
                PastCovariateColumnNames = set is "beijing_pm25" or "vic_electricity" ? ["Known"] : [],
            },
            Horizon = horizon,
            Network = { HiddenSize = 4 },
            Stopping = { MaximumNumberOfEpochs = 2 },
            Output = { ConfidenceLowerBoundColumn = "Lower", ConfidenceUpperBoundColumn = "Upper", ConfidenceLevel = 0.5f },
            Seed = 1,
        };
        using var model = context.Forecasting.ForecastByRecurrentNetwork(options).Fit(context.Data.LoadFromEnumerable(rows, schema));
        Assert.AreEqual("", string.Join('\n', seen.Messages));
        Assert.IsNotEmpty(model.Model.History.Epochs);
    }
}
