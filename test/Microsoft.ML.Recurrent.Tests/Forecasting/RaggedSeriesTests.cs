using Microsoft.ML.Data;

namespace Microsoft.ML.Recurrent.Tests.Forecasting;

/// <summary>Series of all lengths and starts: too short to learn from, unknown in training, met in scoring alone, with statics that are missing.</summary>
[TestClass]
public sealed class RaggedSeriesTests
{
    private const int Window = 8, Horizon = 3, Needed = Window + Horizon;
    private static readonly ForecasterFixture<Row, Answer> Forecaster = new(() => Options);
    private static readonly DateTime Start = new(2026, 1, 1);

    private sealed class Row
    {
        public DateTime Time { get; set; }
        public string Name { get; set; } = "";
        public string Kind { get; set; } = "";
        public float Size { get; set; }
        public float Value { get; set; }
    }

    private sealed class Answer
    {
        public float[] Forecast { get; set; } = [];
        public string Name { get; set; } = "";
    }

    private static RecurrentForecastingEstimator.Options Options => new()
    {
        Input = new SeriesInputOptions
        {
            InputColumnName = "Value", TimeColumnName = "Time", SeriesColumnNames = ["Name"], StaticColumnNames = ["Kind", "Size"], WindowSize = Window,
        },
        Horizon = Horizon,
        Network = { HiddenSize = 8 },
        Stopping = { MaximumNumberOfEpochs = 2, ValidationFraction = 0.2f },
        Seed = 1,
        Optimizer = { LearningRate = 1e-2f },
    };

    private static IEnumerable<Row> Series(string name, int length, int start = 0) =>
        Enumerable.Range(start, length).Select(t => new Row
        {
            Time = Start.AddHours(t), Name = name, Kind = name.Length > 4 ? "long" : "short",
            Size = name.Length, Value = 10 * name.Length + MathF.Sin(t * 0.7f)
        });

    private static ILookup<string, float[]> Forecasts(ITransformer model, IEnumerable<Row> rows) =>
        Forecaster.Forecast(model, rows).ToLookup(answer => answer.Name, answer => answer.Forecast);

    /// <summary>Lengths from one row on, some of no use to training, some with one window, in rows that are mixed by time.</summary>
    private static readonly Row[] s_ragged =
        [.. new[] { ("a", 120, 0), ("one", 1, 7), ("few", 3, 50), ("window", Window, 100), ("almost", Needed - 1, 20), ("just", Needed, 90),
            ("later", 60, 300) }.SelectMany(series => Series(series.Item1, series.Item2, series.Item3)).OrderBy(row => row.Time)];

    [TestMethod]
    [DataRow(null, false)]
    [DataRow(null, true)]
    [DataRow(3, false)]
    [DataRow(1, true)]
    public void Ragged_series_are_learned_and_forecast(int? minimumHistory, bool streams)
    {
        var rows = streams ? s_ragged.OrderBy(row => row.Name, StringComparer.Ordinal).ThenBy(row => row.Time).ToArray() : s_ragged;
        var model = Forecaster.Fit(rows,
            options => (options.MissingValues.MinimumHistory, options.Series.MaximumRowsInMemory) = (minimumHistory, streams ? 1000 : null));
        var forecasts = Forecasts(model, s_ragged);
        foreach (var series in forecasts)
        {
            var answers = series.ToArray();
            for (var i = 0; i < answers.Length; i++)
            {
                Assert.AreEqual(i + 1 >= (minimumHistory ?? Window), answers[i].All(float.IsFinite), $"row {i} of {series.Key}");
                Assert.AreEqual(!answers[i].All(float.IsFinite), answers[i].All(float.IsNaN), $"row {i} of {series.Key}");
            }
            // The level of its own series, that is, of windows that training met.
            if (answers.Length >= Window) foreach (var value in answers[^1]) Assert.AreEqual(10 * series.Key.Length, value, 4, series.Key);
        }
        using var engine = model.CreateForecastEngine(Forecaster.Context);
        engine.Observe(Forecaster.Load(s_ragged));
        foreach (var series in forecasts)
        {
            if (series.Count() >= (minimumHistory ?? Window)) Assert.AreEqual(series.Last()[0], engine.Predict(series.Key).Values[0], 1e-3f);
            else StringAssert.Contains(Assert.ThrowsExactly<InvalidOperationException>(() => engine.Predict(series.Key)).Message,
                $"'{series.Key}' has {series.Count()} observations");
        }
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => engine.Predict("never")).Message, "'never'");
    }

    [TestMethod]
    public void Short_series_change_nothing_but_figures()
    {
        // One window is there to be learned from each series of just the length, none of shorter ones.
        var model = Forecaster.Fit(Series("a", Needed).Concat(Series("b", Needed - 1)).Concat(Series("c", 1)),
            options => (options.Optimizer.BatchSize, options.Normalization.Standardize) = (1, false));
        var alone = Forecaster.Fit(Series("a", Needed),
            options => (options.Optimizer.BatchSize, options.Normalization.Standardize, options.Input.StaticColumnNames) = (1, false, ["Kind", "Size"]));
        Assert.AreEqual(alone.Model.History.Epochs[0].Loss, model.Model.History.Epochs[0].Loss, 1e-6);
        Assert.IsNull(model.Model.History.Epochs[0].ValidationLoss);
    }

    [TestMethod]
    public void Where_no_series_is_long_enough_the_message_counts()
    {
        Row[] rows = [.. Series("a", Needed - 1), .. Series("b", 1)];
        var error = Assert.ThrowsExactly<ArgumentException>(() => Forecaster.Fit(rows));
        StringAssert.Contains(error.Message, "WindowSize 8 and Horizon 3 need 11 rows, the longest series has 10");
        StringAssert.Contains(error.Message, "MissingValues.MinimumHistory");
        // A cold start takes what is there.
        Assert.IsTrue(Forecaster.Fit(rows, options => options.MissingValues.MinimumHistory = 2).Model.History.Epochs.Length > 0);
        error = Assert.ThrowsExactly<ArgumentException>(() => Forecaster.Fit(Series("a", 4), options => options.MissingValues.MinimumHistory = 2));
        StringAssert.Contains(error.Message, "MinimumHistory 2 and Horizon 3 need 5 rows, the longest series has 4");
        error = Assert.ThrowsExactly<ArgumentException>(() => Forecaster.Fit(Series("a", 40).Select(row => { row.Value = float.NaN; return row; })));
        StringAssert.Contains(error.Message, "'Value' holds no number");
        error = Assert.ThrowsExactly<ArgumentException>(() => Forecaster.Fit(Series("a", 60), validation: Series("a", 5, 60)));
        Assert.AreEqual("validationData", error.ParamName);
        StringAssert.Contains(error.Message, "need 11 rows, the longest series has 5");
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => Forecaster.Fit([])).Message, "The data have no rows");
    }

    [TestMethod]
    [DataRow(NormalizationScope.Window)]
    [DataRow(NormalizationScope.Series)]
    public void Series_that_training_did_not_meet_are_forecast_as_unknown_ones(NormalizationScope scope)
    {
        var train = Series("a", 100).Concat(Series("bb", 100)).ToArray();
        // The one that validates is of a kind that training did not meet, too.
        var validation = Series("validates", 60).ToArray();
        var model = Forecaster.Fit(train, options => (options.Normalization.Scope, options.Input.StaticColumnNames) = (scope, ["Name", "Kind", "Size"]),
            validation);
        Assert.IsTrue(model.Model.History.Epochs.All(epoch => double.IsFinite(epoch.ValidationLoss!.Value)));
        CollectionAssert.AreEqual(new[] { "a", "bb" }, model.Model.Manifest.Forecast!.Categories.Single(category => category.Column == "Name").Values);
        var rows = Series("scored alone", 30).ToArray();
        var first = Forecasts(model, rows)["scored alone"].ToArray();
        Assert.IsTrue(first.Skip(Window - 1).All(forecast => forecast.All(float.IsFinite))
            && first.Take(Window - 1).All(forecast => forecast.All(float.IsNaN)));
        // Whatever its name: all unknown series are alike.
        foreach (var row in rows) row.Name = "validates";
        var second = Forecasts(model, rows)["validates"].ToArray();
        for (var i = 0; i < first.Length; i++) CollectionAssert.AreEqual(first[i], second[i], $"row {i}");
    }

    [TestMethod]
    public void Statics_that_are_missing_count_as_the_mean_or_leave_rows_without_a_forecast()
    {
        var rows = Series("a", 80).Concat(Series("bbb", 80)).ToArray();
        var whole = Forecaster.Fit(rows);
        var lacking = Series("c", 20).ToArray();
        foreach (var row in lacking) (row.Size, row.Kind) = (float.NaN, "");
        Assert.IsTrue(Forecasts(whole, lacking)["c"].All(forecast => float.IsNaN(forecast[0])));
        using (var engine = whole.CreateForecastEngine(Forecaster.Context))
        {
            engine.Observe(Forecaster.Load(lacking));
            StringAssert.Contains(Assert.ThrowsExactly<InvalidOperationException>(() => engine.Predict("c")).Message,
                "'c' has a missing value in the static columns");
        }
        // Training rows that lack some ask for masks.
        foreach (var row in rows.Where(row => row.Name == "bbb")) row.Size = float.NaN;
        var masked = Forecaster.Fit(rows);
        Assert.IsTrue(masked.Model.Description.AllowsMissing);
        var forecasts = Forecasts(masked, lacking)["c"].ToArray();
        Assert.IsTrue(forecasts.Skip(Window - 1).All(forecast => forecast.All(float.IsFinite)));
        using var network = masked.Model.ToNetwork();
        foreach (var row in lacking) row.Size = network["static.mean"].Value[0];
        var mean = Forecasts(masked, lacking)["c"].ToArray();
        for (var i = Window - 1; i < mean.Length; i++) Assert.AreEqual(mean[i][0], forecasts[i][0], 1e-3f);
        StringAssert.Contains(
            Assert.ThrowsExactly<ArgumentException>(
                () => Forecaster.Fit(rows, options => options.MissingValues.Handling = MissingValueHandling.Refuse)).Message,
            "Row 80 of the input column 'Size' holds NaN");
    }
}
