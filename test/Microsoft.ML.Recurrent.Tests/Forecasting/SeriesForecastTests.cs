using System.Text.Json;
using Microsoft.ML.Data;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using Options = Microsoft.ML.Recurrent.RecurrentForecastingEstimator.Options;

namespace Microsoft.ML.Recurrent.Tests.Forecasting;

/// <summary>A forecast of an engine holds all that Transform gives, by name, time and level.</summary>
[TestClass]
public sealed class SeriesForecastTests
{
    private const int Window = 8, Horizon = 3, Count = 60;
    private static readonly MLContext Context = new(1);
    private static readonly DateTime Start = new(2026, 1, 31, 6, 0, 0);

    private sealed class Row
    {
        public DateTime Time { get; set; }
        public string Shop { get; set; } = "";
        public float Load { get; set; }
        public float Price { get; set; }
    }

    private sealed class Answer
    {
        public DateTime Time { get; set; }
        public string Shop { get; set; } = "";
        public float[] Forecast { get; set; } = [];
        public float[] Lower { get; set; } = [];
        public float[] Upper { get; set; } = [];
        public float[] P10 { get; set; } = [];
        public float[] P50 { get; set; } = [];
        public float[] P90 { get; set; } = [];
        public float[] Deviation { get; set; } = [];
    }

    private static Row At(string shop, DateTime time, int i) =>
        new() { Time = time, Shop = shop, Load = 50 + 10 * MathF.Sin(i * MathF.Tau / 8), Price = (shop == "a" ? 3 : 5) + MathF.Cos(i * MathF.Tau / 4) };

    private static IDataView Rows(Func<int, DateTime>? time = null, params string[] shops) => Context.Data.LoadFromEnumerable(
        from shop in shops.DefaultIfEmpty("a") from i in Enumerable.Range(0, Count) select At(shop, time?.Invoke(i) ?? Start.AddHours(i), i));

    private static TransformerChain<RecurrentForecastingTransformer> Fit(IDataView rows, Action<Options>? change = null)
    {
        var options = new Options
        {
            Input = new SeriesInputOptions { InputColumnName = "Pair", TimeColumnName = "Time", SeriesColumnNames = ["Shop"], WindowSize = Window },
            Horizon = Horizon,
            Likelihood = ForecastLikelihood.Quantiles(),
            Output =
            {
                ConfidenceLowerBoundColumn = "Lower", ConfidenceUpperBoundColumn = "Upper", ConfidenceLevel = 0.75f,
                QuantileColumnNames = new Dictionary<double, string> { [0.9] = "P90", [0.1] = "P10", [0.5] = "P50" },
            },
            Network = { HiddenSize = 4 },
            Stopping = { MaximumNumberOfEpochs = 1 },
        };
        change?.Invoke(options);
        return Context.Transforms.Concatenate("Pair", "Load", "Price").Append(Context.Forecasting.ForecastByRecurrentNetwork(options)).Fit(rows);
    }

    private static void AssertGivesAll(ITransformer model, IDataView rows, string[] names, bool deviations)
    {
        var expected = Context.Data.CreateEnumerable<Answer>(model.Transform(rows), false, ignoreMissingColumns: true).Last(row => row.Shop == "b");
        using var engine = model.CreateForecastEngine(Context);
        engine.Observe(rows);
        var forecast = engine.Predict("b");
        Assert.AreEqual("b", forecast.Series);
        CollectionAssert.AreEqual(names, forecast.TargetNames.ToArray());
        for (var target = 0; target < names.Length; target++)
        {
            var actual = forecast[names[target]];
            Assert.AreEqual(names[target], actual.Name);
            Same(expected.Forecast, actual.Values);
            Same(expected.Lower, actual.LowerBounds);
            Same(expected.Upper, actual.UpperBounds);
            CollectionAssert.AreEqual(new[] { 0.1, 0.5, 0.9 }, actual.Quantiles.Keys.ToArray());
            Same(expected.P10, actual.Quantiles[0.1]);
            Same(expected.P50, actual.Quantiles[0.5]);
            Same(expected.P90, actual.Quantiles[0.9]);
            if (deviations) Same(expected.Deviation, actual.StandardDeviations);
            else Assert.IsEmpty(actual.StandardDeviations);

            void Same(float[] all, IReadOnlyList<double> one)
            {
                Assert.HasCount(Horizon, one);
                for (var step = 0; step < Horizon; step++) Assert.AreEqual(all[step * names.Length + target], one[step], 1e-4);
            }
        }
    }

    [TestMethod]
    public void Quantiles_and_bounds_of_several_targets_are_given_by_name() =>
        AssertGivesAll(Fit(Rows(null, "a", "b")), Rows(null, "a", "b"), ["Load", "Price"], false);

    [TestMethod]
    public void Quantiles_of_a_distribution_stand_beside_its_deviations_and_samples() => AssertGivesAll(Fit(Rows(null, "a", "b"), options =>
    {
        (options.Input.InputColumnName, options.Likelihood) = ("Load", ForecastLikelihood.Gaussian);
        (options.Output.StandardDeviationColumnName, options.Output.SamplesColumnName) = ("Deviation", "Samples");
    }), Rows(null, "a", "b"), ["Load"], true);

    [TestMethod]
    public void Quantiles_of_residuals_are_given_too() => AssertGivesAll(Fit(Rows(null, "a", "b"), options =>
        (options.Input.InputColumnName, options.Likelihood) = ("Load", ForecastLikelihood.Point())), Rows(null, "a", "b"), ["Load"], false);

    [TestMethod]
    public void Steps_have_the_times_of_the_frequency()
    {
        // Month ends: 31 January, 28 February, 31 March.
        DateTime End(int i) => Start.AddDays(1).AddMonths(i + 1).AddDays(-1);
        var rows = Rows(End);
        using var engine = Fit(rows).CreateForecastEngine(Context);
        engine.Observe(rows);
        CollectionAssert.AreEqual(Enumerable.Range(Count, Horizon + 2).Select(End).ToArray(), engine.Predict("a", Horizon + 2).Times.ToArray());
    }

    [TestMethod]
    public void Steps_have_the_times_of_the_rows_that_are_known_ahead()
    {
        // Four hours of each day.
        static DateTime Open(int i) => Start.AddDays(i / 4).AddHours(i % 4);
        var rows = Rows(Open);
        using var engine = Fit(rows, options =>
            (options.Input.InputColumnName, options.Input.FutureCovariateColumnNames) = ("Load", ["Price"])).CreateForecastEngine(Context);
        engine.Observe(rows);
        var future = Enumerable.Range(Count, Horizon).Select(i => At("a", Open(i), i)).ToArray();
        CollectionAssert.AreEqual(future.Select(row => row.Time).ToArray(), engine.Predict(Context.Data.LoadFromEnumerable(future), "a").Times.ToArray());
    }

    [TestMethod]
    public void A_step_is_found_by_its_time()
    {
        using var engine = Fit(Rows()).CreateForecastEngine(Context);
        engine.Observe(Rows());
        var price = engine.Predict("a")["Price"];
        var step = price.At(Start.AddHours(Count + 1));
        Assert.AreEqual(new StepForecast
        {
            Step = 2, Time = Start.AddHours(Count + 1), Value = price.Values[1], Lower = price.LowerBounds[1], Upper = price.UpperBounds[1],
            Quantiles = step.Quantiles,
        }, step);
        CollectionAssert.AreEqual(price.Quantiles.Select(pair => pair.Value[1]).ToArray(), step.Quantiles.Values.ToArray());
        var wrong = Assert.ThrowsExactly<ArgumentException>(() => price.At(Start.AddHours(Count - 1)));
        Assert.AreEqual("time", wrong.ParamName);
        StringAssert.Contains(wrong.Message, "2026-02-02 17:00:00");
        StringAssert.Contains(wrong.Message, "from 2026-02-02 18:00:00 to 2026-02-02 20:00:00");
    }

    [TestMethod]
    public void Several_targets_are_never_mixed()
    {
        using var engine = Fit(Rows()).CreateForecastEngine(Context);
        engine.Observe(Rows());
        var pair = engine.Predict("a");
        StringAssert.Contains(Assert.ThrowsExactly<InvalidOperationException>(() => pair.Values).Message, "'Load', 'Price'");
        StringAssert.Contains(Assert.ThrowsExactly<InvalidOperationException>(() => pair.At(pair.Times[0])).Message, "forecast[\"Load\"]");
        StringAssert.Contains(Assert.ThrowsExactly<KeyNotFoundException>(() => pair["Cost"]).Message, "'Load', 'Price'");
        Assert.AreEqual("3 steps of 'Load', 'Price' of the series 'a'", pair.ToString());
    }

    [TestMethod]
    public void Samples_of_several_targets_are_given_by_name()
    {
        using var engine = Fit(Rows(null, "a", "b"), options => options.Likelihood = ForecastLikelihood.Gaussian).CreateForecastEngine(Context);
        engine.Observe(Rows(null, "a", "b"));
        var (samples, forecast) = (engine.Sample("b", 50, seed: 1), engine.Predict("b"));
        CollectionAssert.AreEqual(new[] { "Load", "Price" }, samples.Targets.Select(target => target.Name).ToArray());
        CollectionAssert.AreEqual(forecast.Times.ToArray(), samples.Times.ToArray());
        foreach (var target in samples.Targets)
        {
            Assert.HasCount(50, target.Paths);
            foreach (var path in target.Paths) Assert.HasCount(Horizon, path);
            var own = forecast[target.Name];
            for (var step = 0; step < Horizon; step++)
            {
                var mean = target.Paths.Average(path => path[step]);
                Assert.AreEqual(own.Values[step], mean, target.Name == "Load" ? 5 : 1, $"{target.Name}, step {step}");
            }
        }
        // Loads lie around 50, prices around 5.
        NumberAssert.IsGreaterThan(20, samples["Load"].Paths.Average(path => path[0]) - samples["Price"].Paths.Average(path => path[0]));
        Assert.AreEqual("50 paths of 3 steps of 'Load', 'Price' of the series 'b'", samples.ToString());
        StringAssert.Contains(Assert.ThrowsExactly<InvalidOperationException>(() => samples.Paths).Message, "samples[\"Load\"]");
        StringAssert.Contains(Assert.ThrowsExactly<KeyNotFoundException>(() => samples["Cost"]).Message, "'Load', 'Price'");
        using var json = JsonDocument.Parse(JsonSerializer.Serialize(samples));
        Assert.AreEqual(samples["Price"].Paths[7][2], json.RootElement.GetProperty("Targets")[1].GetProperty("Paths")[7][2].GetDouble());
    }

    [TestMethod]
    public void Forecasts_become_rows()
    {
        using var engine = Fit(Rows(null, "a", "b")).CreateForecastEngine(Context);
        engine.Observe(Rows(null, "a", "b"));
        var all = engine.PredictAll();
        var view = all.Values.ToDataView(Context);
        VBuffer<ReadOnlyMemory<char>> slots = default;
        view.Schema["Quantiles"].GetSlotNames(ref slots);
        CollectionAssert.AreEqual(new[] { "0.1", "0.5", "0.9" }, slots.DenseValues().Select(slot => slot.ToString()).ToArray());
        var rows = Context.Data.CreateEnumerable<SeriesForecastRow>(view, false).ToArray();
        Assert.HasCount(2 * Horizon * 2, rows);
        foreach (var row in rows)
        {
            var expected = all[row.Series][row.Target].At(row.Time);
            Assert.AreEqual(Start.AddHours(Count + row.Step - 1), row.Time);
            Assert.AreEqual((expected.Value, expected.Lower, expected.Upper), (row.Forecast, row.Lower, row.Upper));
            CollectionAssert.AreEqual(expected.Quantiles.Values.ToArray(), row.Quantiles);
            Assert.IsTrue(double.IsNaN(row.StandardDeviation));
        }
        var one = Context.Data.CreateEnumerable<SeriesForecastRow>(all["b"].ToDataView(Context), false).ToArray();
        CollectionAssert.AreEqual(new[] { "Load", "Price" }, one.Take(2).Select(row => row.Target).ToArray());
        Assert.IsTrue(one.All(row => row.Series == "b"));
    }

    [TestMethod]
    public void Rows_of_a_model_without_times_and_quantiles_say_nothing_of_them()
    {
        var rows = Rows();
        using var engine = Fit(rows, options =>
        {
            (options.Input.InputColumnName, ((SeriesInputOptions)options.Input).TimeColumnName) = ("Load", null);
            options.Likelihood = ForecastLikelihood.Point();
            (options.Output.ConfidenceLowerBoundColumn, options.Output.ConfidenceUpperBoundColumn) = (null, null);
            options.Output.QuantileColumnNames = new Dictionary<double, string>();
        }).CreateForecastEngine(Context);
        engine.Observe(rows);
        var forecast = engine.Predict("a");
        Assert.IsEmpty(forecast.Times);
        Assert.IsEmpty(forecast.Quantiles);
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => forecast.At(Start)).Message, "no time column of dates");
        var first = Context.Data.CreateEnumerable<SeriesForecastRow>(forecast.ToDataView(Context), false).First();
        Assert.AreEqual((DateTime.MinValue, 1, forecast.Values[0]), (first.Time, first.Step, first.Forecast));
        Assert.IsTrue(double.IsNaN(first.Lower));
        Assert.IsEmpty(first.Quantiles);
    }

    [TestMethod]
    public void All_goes_through_json()
    {
        using var engine = Fit(Rows()).CreateForecastEngine(Context);
        engine.Observe(Rows());
        var far = engine.Predict("a", Horizon + 1);
        var text = JsonSerializer.Serialize(far, JsonSerializerOptions.Web);
        var read = JsonSerializer.Deserialize<SeriesForecast>(text, JsonSerializerOptions.Web)!;
        Assert.AreEqual(text, JsonSerializer.Serialize(read, JsonSerializerOptions.Web));
        Assert.AreEqual("a", read.Series);
        CollectionAssert.AreEqual(far.Times.ToArray(), read.Times.ToArray());
        foreach (var target in far.Targets)
        {
            CollectionAssert.AreEqual(target.Values.ToArray(), read[target.Name].Values.ToArray());
            foreach (var (level, values) in target.Quantiles)
            {
                CollectionAssert.AreEqual(values.ToArray(), read[target.Name].Quantiles[level].ToArray());
                Assert.IsTrue(double.IsNaN(values[^1]) && double.IsFinite(values[^2]));
            }
        }
        foreach (var step in far["Load"].Times.Select(far["Load"].At))
            Assert.AreEqual(step.Quantiles[0.9], JsonSerializer.Deserialize<StepForecast>(JsonSerializer.Serialize(step))!.Quantiles[0.9]);
    }
}
