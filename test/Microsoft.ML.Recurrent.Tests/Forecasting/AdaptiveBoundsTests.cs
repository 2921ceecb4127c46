using Microsoft.ML.Recurrent.Forecasting;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using Options = Microsoft.ML.Recurrent.RecurrentForecastingEstimator.Options;

namespace Microsoft.ML.Recurrent.Tests.Forecasting;

/// <summary>Bounds of an engine and of back-tests follow the outcomes that are known, and no others.</summary>
[TestClass]
public sealed class AdaptiveBoundsTests
{
    private const int Window = 24, Horizon = 3, Trained = 600;
    private const float Rate = 0.05f;
    private static readonly MLContext Context = new(1);
    private static RecurrentForecastingTransformer s_model = null!;

    private sealed class Row
    {
        public DateTime Time { get; set; }
        public string Shop { get; set; } = "";
        public float Value { get; set; }

        public Row With(float value) => new() { Time = Time, Shop = Shop, Value = value };
    }

    private static double Normal(Random random) => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());

    // A wave whose size sets the volatility of the windows; its noise becomes four times larger after the rows of training.
    private static Row[] Rows(int count, params string[] shops)
    {
        var random = new Random(1);
        return [.. from t in Enumerable.Range(0, count)
                   from shop in shops
                   select new Row
                   {
                       Time = new DateTime(2026, 1, 1).AddHours(t), Shop = shop,
                       Value = 50 + 10 * MathF.Sin(t * MathF.Tau / 12) + (t < Trained ? 0.5f : 2f) * (float)Normal(random),
                   }];
    }

    private static Options Settings(Action<Options>? change = null)
    {
        var options = new Options
        {
            Input = new SeriesInputOptions { InputColumnName = "Value", TimeColumnName = "Time", SeriesColumnNames = ["Shop"], WindowSize = Window },
            Horizon = Horizon,
            Network = { HiddenSize = 4 },
            Output = { ConfidenceLowerBoundColumn = "Lower", ConfidenceUpperBoundColumn = "Upper", ConfidenceLevel = 0.9f },
            Stopping = { MaximumNumberOfEpochs = 4 },
            Seed = 1,
        };
        change?.Invoke(options);
        return options;
    }

    private static RecurrentForecastingTransformer Fit(Row[] rows, Action<Options>? change = null) =>
        Context.Forecasting.ForecastByRecurrentNetwork(Settings(change)).Fit(View(rows));

    private static IDataView View(IEnumerable<Row> rows) => Context.Data.LoadFromEnumerable(rows.ToArray());

    private static RecurrentForecastEngine Engine(float? rate = Rate, RecurrentForecastingTransformer? model = null) =>
        (model ?? s_model).CreateForecastEngine(Context, adaptationRate: rate);

    // Forecasts after each row; what the outcome of a step is compared with.
    private static List<SeriesForecast> Follow(RecurrentForecastEngine engine, IEnumerable<Row> rows)
    {
        List<SeriesForecast> forecasts = [];
        foreach (var row in rows)
        {
            engine.Observe(row);
            forecasts.Add(engine.Predict(row.Shop));
        }
        return forecasts;
    }

    private static double Coverage(List<SeriesForecast> forecasts, Row[] rows, int first, int step)
    {
        var (inside, count) = (0, 0);
        for (var i = first; i + step < rows.Length; i++, count++)
        {
            // The forecast after row i - 1 has row i as its first step.
            if (rows[i + step].Value >= forecasts[i - 1].LowerBounds[step] && rows[i + step].Value <= forecasts[i - 1].UpperBounds[step]) inside++;
        }
        return inside / (double)count;
    }

    private static void AssertSame(SeriesForecast expected, SeriesForecast actual)
    {
        CollectionAssert.AreEqual(expected.Values.ToArray(), actual.Values.ToArray());
        CollectionAssert.AreEqual(expected.LowerBounds.ToArray(), actual.LowerBounds.ToArray());
        CollectionAssert.AreEqual(expected.UpperBounds.ToArray(), actual.UpperBounds.ToArray());
    }

    private static double Width(SeriesForecast forecast, int step = 0) => forecast.UpperBounds[step] - forecast.LowerBounds[step];

    [ClassInitialize]
    public static void Train(TestContext _) => s_model = Fit(Rows(Trained, "a"));

    [TestMethod]
    public void Coverage_returns_to_the_level_after_the_noise_has_grown()
    {
        var rows = Rows(Trained + 1000, "a");
        using RecurrentForecastEngine adaptive = Engine(), constant = Engine(0);
        var history = rows[..Trained];
        adaptive.Observe(View(history));
        constant.Observe(View(history));
        var later = rows[Trained..];
        var (follows, stays) = (Follow(adaptive, later), Follow(constant, later));
        for (var step = 0; step < Horizon; step++)
        {
            NumberAssert.IsLessThan(0.7, Coverage(stays, later, 300, step), $"without adaptation, step {step}");
            Assert.AreEqual(0.9, Coverage(follows, later, 300, step), 0.03, $"with adaptation, step {step}");
        }
        CollectionAssert.AreEqual(stays[^1].Values.ToArray(), follows[^1].Values.ToArray(), "forecasts stay as they are");
    }

    [TestMethod]
    public void An_outcome_moves_the_bounds_of_its_step_when_it_is_known()
    {
        var adaptation = new BoundAdaptation(new(), Horizon, 1, 0.1f);
        adaptation.Keep(new(0, 0.9f, [0, 0, 0], [-1, -1, -1], [1, 1, 1]));
        double[] factors = [1, 1, 1];
        for (var row = 0; row < Horizon; row++)
        {
            CollectionAssert.AreEqual(factors, adaptation.Factors());
            // Inside, missing, outside.
            adaptation.Observe([row == 0 ? 0.5 : row == 1 ? double.NaN : -5]);
            factors[row] = row == 0 ? Math.Exp(-0.1f * (1 - 0.9f)) : row == 1 ? 1 : Math.Exp(0.1f * 0.9f);
            for (var step = 0; step < Horizon; step++) Assert.AreEqual(factors[step], adaptation.Factors()[step], 1e-6);
            factors = adaptation.Factors();
        }
        adaptation.Observe([100]);
        CollectionAssert.AreEqual(factors, adaptation.Factors(), "no step is left");
    }

    [TestMethod]
    [DataRow(1)]
    [DataRow(7)]
    public void Fewer_forecasts_count_more_each(int apart)
    {
        const int Steps = 40, Rows = 100;
        var adaptation = new BoundAdaptation(new(), Steps, 1, 0.01f);
        for (var row = 0; row < Rows; row++)
        {
            if (row % apart == 0) adaptation.Keep(new(row, 0.9f, new double[Steps], [.. Enumerable.Repeat(-1d, Steps)], [.. Enumerable.Repeat(1d, Steps)]));
            // Always outside, in the middle from a saved state on.
            if (row == Rows / 2 + 1) adaptation = Restored(adaptation);
            adaptation.Observe([1000]);
        }
        // Of such a horizon every third row's forecast is kept.
        var rows = Math.Max(apart, 3);
        for (var step = 1; step <= Steps; step++)
        {
            var later = Enumerable.Range(1, Rows).Count(row => row % rows == 0 && row + step <= Rows);
            Assert.AreEqual(0.01 * 0.9 * (1 + later * Math.Sqrt(rows)), Math.Log(adaptation.Factors()[step - 1]), 1e-4, $"step {step}");
        }

        static BoundAdaptation Restored(BoundAdaptation adaptation)
        {
            using var bytes = new MemoryStream();
            adaptation.Save(new BinaryWriter(bytes));
            bytes.Position = 0;
            var restored = new BoundAdaptation(new(), Steps, 1, 0.01f);
            restored.Load(new BinaryReader(bytes));
            return restored;
        }
    }

    [TestMethod]
    public void A_forecast_counts_once_and_without_forecasts_nothing_changes()
    {
        var rows = Rows(Trained + 40, "a");
        using RecurrentForecastEngine often = Engine(), once = Engine(), never = Engine(), constant = Engine(0);
        foreach (var engine in new[] { often, once, never, constant }) engine.Observe(View(rows[..Trained]));
        foreach (var row in rows[Trained..])
        {
            foreach (var horizon in (int[])[1, Horizon, 2]) often.Predict("a", horizon);
            often.PredictAll();
            once.PredictAll();
            foreach (var engine in new[] { often, once, never, constant }) engine.Observe(row);
        }
        AssertSame(constant.Predict("a"), never.Predict("a"));
        AssertSame(once.Predict("a"), often.Predict("a"));
        NumberAssert.IsGreaterThan(1.1 * Width(never.Predict("a")), Width(once.Predict("a")));
    }

    [TestMethod]
    public void A_checkpoint_in_the_middle_gives_equal_bounds()
    {
        var rows = Rows(Trained + 60, "a", "b");
        var file = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        try
        {
            using var engine = Engine();
            engine.Observe(View(rows[..(2 * Trained)]));
            Follow(engine, rows[(2 * Trained)..^31]);
            engine.CheckPoint(Context, file);
            using var resumed = Context.Model.LoadFile(file, out _).CreateForecastEngine(Context);
            using var without = Context.Model.LoadFile(file, out _).CreateForecastEngine(Context, adaptationRate: 0);
            foreach (var (expected, actual) in Follow(engine, rows[^31..]).Zip(Follow(resumed, rows[^31..]))) AssertSame(expected, actual);
            using var constant = Engine(0);
            constant.Observe(View(rows));
            without.Observe(View(rows[^31..]));
            AssertSame(constant.Predict("b"), without.Predict("b"));
        }
        finally
        {
            File.Delete(file);
        }
    }

    [TestMethod]
    public void Rows_that_come_again_change_nothing()
    {
        var rows = Rows(Trained + 30, "a");
        using RecurrentForecastEngine once = Engine(), again = Engine();
        foreach (var engine in new[] { once, again }) engine.Observe(View(rows[..Trained]));
        for (var i = Trained; i < rows.Length; i++)
        {
            foreach (var engine in new[] { once, again }) engine.Observe(rows[i]);
            again.Observe(rows[i]);
            again.Observe(View(rows[(i - 8)..(i + 1)]));
            AssertSame(once.Predict("a"), again.Predict("a"));
        }
    }

    [TestMethod]
    public void A_missing_outcome_changes_nothing_until_it_comes()
    {
        var rows = Rows(Trained + 2, "a");
        // Values may be missing, so that there is a forecast without the newest one.
        var model = Fit(rows[..Trained], options => options.MissingValues.Handling = MissingValueHandling.Mask);
        using RecurrentForecastEngine known = Engine(model: model), late = Engine(model: model);
        foreach (var engine in new[] { known, late })
        {
            engine.Observe(View(rows[..(Trained - 5)]));
            Follow(engine, rows[(Trained - 5)..Trained]);
        }
        known.Observe(rows[Trained].With(500));
        late.Observe(rows[Trained].With(float.NaN));
        late.Observe(rows[Trained].With(500));
        AssertSame(known.Predict("a"), late.Predict("a"));
        late.Observe(rows[Trained].With(50));
        known.Observe(rows[Trained].With(50));
        AssertSame(known.Predict("a"), late.Predict("a"));
    }

    [TestMethod]
    public void Rows_at_once_count_as_one_by_one()
    {
        // Many more than a window, with a gap after the forecast.
        var rows = Rows(Trained + 3 * Window, "a", "b");
        var model = Fit(rows[..(2 * Trained)], options =>
            (options.MissingValues.Handling, options.MissingValues.FillTimeGaps) = (MissingValueHandling.Mask, true));
        rows = [.. rows.Where((_, i) => i is not (2 * Trained + 2))];
        using RecurrentForecastEngine single = Engine(model: model), bulk = Engine(model: model), constant = Engine(0, model);
        foreach (var engine in new[] { single, bulk, constant })
        {
            engine.Observe(View(rows[..(2 * Trained)]));
            engine.PredictAll();
        }
        foreach (var row in rows[(2 * Trained)..]) single.Observe(row);
        // Some of them are known.
        bulk.Observe(View(rows[(2 * Trained - 10)..]));
        constant.Observe(View(rows[(2 * Trained)..]));
        foreach (var shop in (string[])["a", "b"])
        {
            AssertSame(single.Predict(shop), bulk.Predict(shop));
            CollectionAssert.AreNotEqual(constant.Predict(shop).LowerBounds, bulk.Predict(shop).LowerBounds);
        }
    }

    [TestMethod]
    public void Factors_move_to_a_newer_model_and_are_forgotten_with_their_series()
    {
        var rows = Rows(Trained + 60, "a", "b");
        using RecurrentForecastEngine old = Engine(), moved = Engine(), constant = Engine(0);
        old.Observe(View(rows[..(2 * Trained)]));
        Follow(old, rows[(2 * Trained)..]);
        constant.Observe(View(rows));
        moved.MigrateFrom(old);
        foreach (var shop in (string[])["a", "b"])
        {
            AssertSame(old.Predict(shop), moved.Predict(shop));
            NumberAssert.IsGreaterThan(1.1 * Width(constant.Predict(shop)), Width(old.Predict(shop)));
        }
        moved.Forget("a");
        old.Reset();
        foreach (var engine in new[] { moved, old })
        {
            engine.Observe(View(rows.Where(row => row.Shop == "a")));
            AssertSame(constant.Predict("a"), engine.Predict("a"));
        }
        NumberAssert.IsGreaterThan(1.1 * Width(constant.Predict("b")), Width(moved.Predict("b")));
    }

    [TestMethod]
    public void Adapted_bounds_lie_within_the_limits_and_are_whole_numbers_for_counts()
    {
        var random = new Random(1);
        var rows = Rows(Trained + 60, "a").Select((row, i) => row.With(Math.Min(random.Next(i < Trained ? 3 : 12), 9))).ToArray();
        foreach (var likelihood in (ForecastLikelihood[])[ForecastLikelihood.Point(), ForecastLikelihood.NegativeBinomial])
        {
            var isCount = likelihood.Equals(ForecastLikelihood.NegativeBinomial);
            var model = Fit(rows[..Trained], options =>
            {
                (options.Output.LowerLimit, options.Output.UpperLimit, options.Likelihood) = (0, 8, likelihood);
                if (!isCount) options.Normalization.TargetTransform = TargetTransform.Log1p;
            });
            using RecurrentForecastEngine engine = Engine(0.5f, model), constant = Engine(0, model);
            foreach (var one in new[] { engine, constant }) one.Observe(View(rows[..Trained]));
            var wider = false;
            foreach (var (adapted, fixedOne) in Follow(engine, rows[Trained..]).Zip(Follow(constant, rows[Trained..])))
            {
                foreach (var bound in adapted.LowerBounds.Concat(adapted.UpperBounds)) Assert.IsTrue(bound is >= 0 and <= 8, $"{likelihood}: {bound}");
                wider |= Width(adapted) > Width(fixedOne);
                if (!isCount) continue;
                foreach (var bound in adapted.LowerBounds.Concat(adapted.UpperBounds)) Assert.AreEqual(Math.Round(bound), bound);
                NumberAssert.IsGreaterThanOrEqualTo(Width(fixedOne), Width(adapted));
            }
            Assert.IsTrue(wider, $"{likelihood}");
        }
    }

    [TestMethod]
    [DataRow(TargetTransform.Log)]
    [DataRow(TargetTransform.Log1p)]
    public void Bounds_of_another_level_are_those_of_a_model_of_that_level(TargetTransform transform)
    {
        var rows = Rows(Trained, "a");
        RecurrentForecastEngine At(float level) => Engine(0, Fit(rows, options =>
        {
            (options.Normalization.TargetTransform, options.Output.ConfidenceLevel) = (transform, level);
            options.Output.LowerLimit = transform is TargetTransform.Log ? 45 : 0;
        }));
        using RecurrentForecastEngine wide = At(0.95f), narrow = At(0.5f);
        foreach (var engine in new[] { wide, narrow }) engine.Observe(View(rows));
        var (expected, actual) = (narrow.Predict("a"), wide.Predict("a", confidenceLevel: 0.5f));
        for (var step = 0; step < Horizon; step++)
        {
            // The factor for training windows that were harder than the held-out ones is that of the model's own level.
            Assert.AreEqual(expected.LowerBounds[step], actual.LowerBounds[step], 0.1);
            Assert.AreEqual(expected.UpperBounds[step], actual.UpperBounds[step], 0.1);
            // The bounds lie at equal distances in logarithms.
            var one = transform is TargetTransform.Log1p ? 1 : 0;
            var (below, above) = (Math.Log((actual.Values[step] + one) / (actual.LowerBounds[step] + one)),
                Math.Log((actual.UpperBounds[step] + one) / (actual.Values[step] + one)));
            NumberAssert.IsGreaterThan(1e-3, below);
            Assert.AreEqual(below, above, 1e-3 * below);
        }
    }

    [TestMethod]
    [DataRow(-0.1f)]
    [DataRow(1.5f)]
    [DataRow(float.NaN)]
    public void A_wrong_rate_is_refused(float rate)
    {
        Assert.AreEqual("adaptationRate", Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => Engine(rate)).ParamName);
        var options = new BackTestOptions { TargetColumnName = "Value", Horizon = Horizon, AdaptationRate = rate };
        Assert.AreEqual("AdaptationRate", Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => BackTest(Rows(Trained, "a"), options)).ParamName);
    }

    private static BackTestResult BackTest(Row[] rows, BackTestOptions options)
    {
        options.TargetColumnName = "Value";
        (options.SeriesColumnName, options.TimeColumnName, options.Horizon) = ("Shop", "Time", Horizon);
        return Context.Forecasting.BackTest(View(rows), Context.Forecasting.ForecastByRecurrentNetwork(Settings()), options);
    }

    private static BackTestOptions Origins(int stride) => new()
    {
        LowerBoundColumnName = "Lower", UpperBoundColumnName = "Upper", ConfidenceLevel = 0.9f, InitialTrainingRows = Trained, Stride = stride,
        AdaptationRate = Rate, Baselines = [],
    };

    [TestMethod]
    [DataRow(1)]
    [DataRow(2)]
    public void A_back_test_gives_the_bounds_of_an_engine_that_forecasts_at_its_origins(int stride)
    {
        var rows = Rows(Trained + 50, "a", "b");
        var result = BackTest(rows, Origins(stride));
        StringAssert.Contains(result.ToString(), "bounds follow the outcomes (rate 0.05)");
        var model = Context.Forecasting.ForecastByRecurrentNetwork(Settings())
            .Fit(View(rows.Where(row => row.Time <= result.Origins[0].Time)));
        using var engine = Engine(model: model);
        var done = 0;
        foreach (var origin in result.Origins)
        {
            for (; done < rows.Length && rows[done].Time <= origin.Time; done++) engine.Observe(rows[done]);
            foreach (var forecast in result.Model.Forecasts.Where(forecast => forecast.Origin == origin))
            {
                var live = engine.Predict(forecast.Series);
                for (var step = 0; step < Horizon; step++)
                {
                    Assert.AreEqual(live.LowerBounds[step], forecast.Lower.Span[step], 1e-3, $"origin {origin.Index}, step {step}");
                    Assert.AreEqual(live.UpperBounds[step], forecast.Upper.Span[step], 1e-3, $"origin {origin.Index}, step {step}");
                }
            }
        }
    }

    [TestMethod]
    public void A_back_tests_bounds_use_the_outcomes_up_to_their_origin()
    {
        const int Changed = Trained + 20;
        var rows = Rows(Trained + 60, "a");
        var others = rows.Select((row, i) => i == Changed ? row.With(1000) : row).ToArray();
        var options = Origins(1);
        (options.VerifyNoLookAhead, options.ConfidenceLevel) = (false, 0.9f);
        var (before, after) = (BackTest(rows, options).Model.Forecasts, BackTest(others, options).Model.Forecasts);
        for (var i = 0; i < before.Length; i++)
        {
            if (before[i].Row < Changed) CollectionAssert.AreEqual(before[i].Upper.ToArray(), after[i].Upper.ToArray(), $"row {before[i].Row}");
        }
        var (known, known2) = (before.First(forecast => forecast.Row >= Changed + Window + 2), after.First(forecast => forecast.Row >= Changed + Window + 2));
        for (var step = 0; step < Horizon; step++)
        {
            // The value has left the window: only the outcome is left of it.
            Assert.AreEqual(known.Forecast.Span[step], known2.Forecast.Span[step], 1e-6);
            Assert.AreNotEqual(known.Upper.Span[step], known2.Upper.Span[step]);
        }
    }
}
