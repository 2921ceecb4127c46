using Microsoft.ML.Data;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Recurrent.Tests.Forecasting.Evaluation;

[TestClass]
public sealed class BackTestOnRealDataTests
{
    private const int Horizon = 12;
    private static readonly MLContext Context = new(1);

    private static IDataView Airline() =>
        Context.Data.LoadFromEnumerable(GoldenMetrics.Airline().Select(row => new SeriesRow { Time = row.Month, Value = row.Passengers }).ToArray());

    private static BackTestOptions Options => new()
    {
        TargetColumnName = "Value", Horizon = Horizon, TimeColumnName = "Time", NumberOfOrigins = 3, LowerBoundColumnName = "Lower",
        UpperBoundColumnName = "Upper",
    };

    [TestMethod]
    public void Ours_is_back_tested_with_one_fit_and_does_not_look_ahead()
    {
        var options = Options;
        var lstm = Context.Forecasting.ForecastByRecurrentNetwork(new()
        {
            Input = new SeriesInputOptions { InputColumnName = "Value", WindowSize = 24, TimeColumnName = "Time" },
            Horizon = Horizon,
            Output = { ConfidenceLowerBoundColumn = "Lower", ConfidenceUpperBoundColumn = "Upper", ConfidenceLevel = 0.5f },
            Network = { HiddenSize = 16 },
            Stopping = { MaximumNumberOfEpochs = 60 },
            Optimizer = { LearningRate = 5e-3f },
            Seed = 1,
        });
        var result = Context.Forecasting.BackTest(Airline(), lstm, options);
        Assert.AreEqual(0, result.LeftOut);
        Assert.AreEqual(36, result.Model.Metrics.Count);
        NumberAssert.IsLessThan(result["Last value"].Metrics.MeanAbsoluteError, result.Model.Metrics.MeanAbsoluteError, result.ToString());
        Assert.IsTrue(result.Model.Metrics.Coverage is > 0 and <= 1);

        options.ContextRows = 24;
        var shorter = Context.Forecasting.BackTest(Airline(), lstm, options);
        Assert.AreEqual(result.Model.Metrics.MeanAbsoluteError, shorter.Model.Metrics.MeanAbsoluteError, 1e-3,
            "a window before the origin is all that it looks at");
        options.ContextRows = 23;
        Assert.AreEqual(1, Context.Forecasting.BackTest(Airline(), lstm, options).LeftOut, "at the first origin it lacks one row");
    }

    /// <summary>
    /// The split of the Informer paper: hours 11,520 to 14,400, all 2,857 origins, errors in units of the training part's deviation as in the literature.
    /// </summary>
    [TestMethod]
    public void The_last_value_on_ETTh1_has_its_known_error()
    {
        var rows = File.ReadLines(SharedFolder.Find("data", "ett", "ETTh1.csv")).Skip(1).Take(14400).Select(line => line.Split(',')).Select(cells =>
            new SeriesRow
            {
                Time = DateTime.Parse(cells[0], System.Globalization.CultureInfo.InvariantCulture),
                Value = float.Parse(cells[7], System.Globalization.CultureInfo.InvariantCulture)
            }).ToArray();
        double mean = rows.Take(8640).Average(row => (double)row.Value), deviation = Math.Sqrt(rows.Take(8640).Average(row => Math.Pow(row.Value - mean, 2)));
        var repeat = Context.Transforms.CustomMapping<SeriesRow, Day>((row, day) => day.Forecast = [.. Enumerable.Repeat(row.Value, 24)], contractName: null);
        var result = Context.Forecasting.BackTest(Context.Data.LoadFromEnumerable(rows), repeat,
            new()
            {
                TargetColumnName = "Value", TimeColumnName = "Time", Horizon = 24, Stride = 1, InitialTrainingRows = 11520,
                Baselines = [ForecastBaseline.LastValue, ForecastBaseline.SeasonalNaive]
            });
        Assert.AreEqual(14400 - 11520 - 24 + 1, result.Origins.Length);
        Assert.AreEqual(24, result.Season);
        Assert.AreEqual(0.0343, Math.Pow(result.Model.Metrics.RootMeanSquaredError / deviation, 2), 0.0002);
        Assert.AreEqual(0.0458, Math.Pow(result["Seasonal naive"].Metrics.RootMeanSquaredError / deviation, 2), 0.0002);
        NumberAssert.IsGreaterThan(result.Model.ByStep[0].MeanAbsoluteError * 2, result.Model.ByStep[23].MeanAbsoluteError, "errors grow with the horizon");
    }

    private sealed class Day
    {
        [VectorType(24)]
        public float[] Forecast { get; set; } = [];
    }
}
