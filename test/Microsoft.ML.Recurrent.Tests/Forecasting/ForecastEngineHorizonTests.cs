using Microsoft.ML.Data;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Recurrent.Tests.Forecasting;

/// <summary>Horizons longer than the trained one, with all that a step may be told: the same as observing the forecasts one block after the other.</summary>
[TestClass]
public sealed class ForecastEngineHorizonTests
{
    private const int Window = 48, Horizon = 6, Known = 400;
    private static readonly MLContext Context = new(1);

    private sealed class Row
    {
        public string Id { get; set; } = "";
        public DateTime Time { get; set; }
        public double Value { get; set; }
        public float Price { get; set; }
        [VectorType(2)] public float[] Pair { get; set; } = [];
    }

    private static Row At(string id, int hour) => new()
    {
        Id = id, Time = new DateTime(2026, 1, 1).AddHours(hour), Value = 100 + id.Length + 10 * Math.Sin(hour * Math.Tau / 24) + hour * 7919 % 13,
        Price = hour % 5, Pair = [hour % 24, MathF.Sin(hour)],
    };

    private static IDataView Rows(int first, int count, bool known = true) => Context.Data.LoadFromEnumerable(
        from id in (string[])["a", "bb"]
        from hour in Enumerable.Range(first, count)
        let row = At(id, hour)
        select new Row { Id = id, Time = row.Time, Value = known ? row.Value : double.NaN, Price = row.Price, Pair = row.Pair });

    private static RecurrentForecastEngine Engine(Action<RecurrentForecastingEstimator.Options> change)
    {
        var options = new RecurrentForecastingEstimator.Options
        {
            Input = new SeriesInputOptions { InputColumnName = "Value", SeriesColumnNames = ["Id"], TimeColumnName = "Time", WindowSize = Window },
            Horizon = Horizon,
            Network = { HiddenSize = 8 },
            Stopping = { MaximumNumberOfEpochs = 1 },
            Seed = 1,
        };
        change(options);
        var engine = Context.Forecasting.ForecastByRecurrentNetwork(options).Fit(Rows(0, Known)).CreateForecastEngine(Context);
        engine.Observe(Rows(0, Known));
        return engine;
    }

    [TestMethod]
    [DataRow(ForecastStrategy.Direct, false), DataRow(ForecastStrategy.Direct, true)]
    [DataRow(ForecastStrategy.Recursive, false), DataRow(ForecastStrategy.Recursive, true)]
    [DataRow(ForecastStrategy.EncoderDecoder, false), DataRow(ForecastStrategy.EncoderDecoder, true)]
    public void Calendar_lags_season_and_what_is_known_ahead_go_on_beyond_the_trained_horizon(ForecastStrategy strategy, bool ahead)
    {
        using var engine = Engine(options =>
        {
            (options.Decoding.Strategy, options.Series.CalendarFeatures, options.Input.Features.Lags) = (strategy, CalendarFeatures.Auto, null);
            if (ahead) options.Input.FutureCovariateColumnNames = ["Price"];
            if (strategy is ForecastStrategy.Direct) options.Normalization.SeasonLength = 24;
        });
        var future = Rows(Known, 3 * Horizon, known: false);
        var far = ahead ? engine.Predict(future, "bb", 3 * Horizon - 1) : engine.Predict("bb", 3 * Horizon - 1);
        Assert.HasCount(3 * Horizon - 1, far.Values);
        for (var block = 0; block < 3; block++)
        {
            var near = ahead ? engine.Predict(future, "bb") : engine.Predict("bb");
            for (var step = 0; step < Horizon; step++)
            {
                var place = block * Horizon + step;
                if (place < far.Values.Length) Assert.AreEqual(near.Values[step], far.Values[place], 1e-3f, $"step {place}");
                var row = At("bb", Known + place);
                row.Value = near.Values[step];
                engine.Observe(row);
            }
        }
    }

    [TestMethod]
    public void Bounds_and_targets_beyond_the_horizon_keep_their_places()
    {
        using var engine =
            Engine(options => (options.Input.InputColumnName, options.Output.ConfidenceLowerBoundColumn, options.Output.ConfidenceUpperBoundColumn) =
                ("Pair", "Lower", "Upper"));
        var far = engine.PredictAll(horizon: 2 * Horizon + 1)["a"];
        var near = engine.Predict("a");
        Assert.HasCount(2, far.Targets);
        foreach (var target in far.Targets)
        {
            Assert.HasCount(2 * Horizon + 1, target.Values);
            for (var i = 0; i < target.Values.Length; i++)
            {
                Assert.IsTrue(double.IsFinite(target.Values[i]));
                Assert.AreEqual(i < Horizon, double.IsFinite(target.LowerBounds[i]) && double.IsFinite(target.UpperBounds[i]), $"step {i}");
                if (i < Horizon) Assert.AreEqual(near[target.Name].UpperBounds[i], target.UpperBounds[i], 1e-3f);
            }
        }
    }

    [TestMethod]
    public void Rows_that_are_streamed_are_back_tested()
    {
        BackTestResult Run(int? rows) => Context.Forecasting.BackTest(Rows(0, 1200), Context.Forecasting.ForecastByRecurrentNetwork(new()
        {
            Input = new SeriesInputOptions
            {
                InputColumnName = "Value", SeriesColumnNames = ["Id"], TimeColumnName = "Time", WindowSize = Window, MaximumRowsInMemory = rows,
            },
            Horizon = Horizon,
            Network = { HiddenSize = 4 },
            Stopping = { MaximumNumberOfEpochs = 1 },
            Seed = 1,
        }), new()
        {
            TargetColumnName = "Value", SeriesColumnName = "Id", TimeColumnName = "Time", Horizon = Horizon, NumberOfOrigins = 4, RefitEvery = 2,
            Baselines = [ForecastBaseline.LastValue]
        });

        var (streamed, held) = (Run(1200), Run(null));
        Assert.AreEqual(8, streamed.Measured);
        Assert.AreEqual(2, streamed.Fits);
        Assert.AreEqual(held["Last value"].Metrics.MeanAbsoluteError, streamed["Last value"].Metrics.MeanAbsoluteError, 1e-12);
        NumberAssert.IsLessThan(streamed["Last value"].Metrics.MeanAbsoluteError, streamed.Model.Metrics.MeanAbsoluteError, streamed.ToString());
    }
}
