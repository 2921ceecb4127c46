using Microsoft.ML.Recurrent.Data;
using Microsoft.ML.Recurrent.Forecasting;
using Microsoft.ML.Recurrent.Time;

namespace Microsoft.ML.Recurrent.Tests.Forecasting;

/// <summary>Numbers that are missing, times without a row, and series shorter than a window.</summary>
[TestClass]
public sealed class MissingValueTests
{
    private const int Window = 16, Horizon = 3;
    private static readonly ForecasterFixture<Row, Answer> Forecaster = new(() => Options);
    private static readonly DateTime Start = new(2026, 1, 1);
    private static RecurrentForecastingTransformer s_model = null!;

    private sealed class Row
    {
        public DateTime Time { get; set; }
        public string Name { get; set; } = "";
        public float Value { get; set; }
        public float Other { get; set; }
    }

    private sealed class Answer
    {
        public float[] Forecast { get; set; } = [];
        public float[] Upper { get; set; } = [];
    }

    private static RecurrentForecastingEstimator.Options Options => new()
    {
        Input = new SeriesInputOptions
        {
            InputColumnName = "Value", PastCovariateColumnNames = ["Other"], TimeColumnName = "Time", SeriesColumnNames = ["Name"], WindowSize = Window,
        },
        Horizon = Horizon,
        Network = { HiddenSize = 16 },
        Optimizer = { LearningRate = 1e-2f },
        Stopping = { MaximumNumberOfEpochs = 15 },
        Seed = 3,
        MissingValues = { MinimumHistory = 4, FillTimeGaps = true },
        Output = { ConfidenceLowerBoundColumn = "Lower", ConfidenceUpperBoundColumn = "Upper", ConfidenceLevel = 0.9f },
    };

    private static float Wave(int t, string name) => (name == "a" ? 10 : 40) + 5 * MathF.Sin(t * 0.6f);

    /// <summary>Waves with a share of their values missing.</summary>
    private static Row[] Rows(int length, float missing = 0.25f, int seed = 1)
    {
        var random = new Random(seed);
        return [.. from t in Enumerable.Range(0, length)
                   from name in (string[])["a", "b"]
                   select new Row { Time = Start.AddHours(t), Name = name, Value = random.NextSingle() < missing ? float.NaN : Wave(t, name),
                       Other = random.NextSingle() < missing ? float.NaN : t % 7 }];
    }

    [ClassInitialize]
    public static void Train(TestContext _) =>
        s_model = Forecaster.Fit(Rows(500));

    private static Answer[] Answers(IEnumerable<Row> rows, ITransformer? model = null) =>
        Forecaster.Forecast(model ?? s_model, rows);

    [TestMethod]
    public void Series_with_holes_are_learned_and_forecast()
    {
        Assert.IsTrue(s_model.Model.Description is { AllowsMissing: true, MasksMissing: true, SequenceWidth: 4 });
        var rows = Rows(200, seed: 2);
        var answers = Answers(rows);
        double error = 0, count = 0;
        for (var i = 2 * Window; i < rows.Length - 2 * Horizon; i++)
            for (var h = 0; h < Horizon; h++, count++) error += Math.Abs(answers[i].Forecast[h] - Wave(i / 2 + h + 1, rows[i].Name));
        // The waves' mean distance from their middle is 3.2.
        NumberAssert.IsLessThan(1.1, error / count);
        Assert.IsTrue(answers[^1].Upper[0] > answers[^1].Forecast[0]);
    }

    [TestMethod]
    public void Cold_series_are_forecast_from_few_rows()
    {
        var answers = Answers(Rows(10, missing: 0));
        for (var i = 0; i < answers.Length; i++) Assert.AreEqual(i / 2 < 3, float.IsNaN(answers[i].Forecast[0]), $"row {i}");
        using var engine = s_model.CreateForecastEngine(Forecaster.Context);
        foreach (var row in Rows(10, missing: 0).Where(row => row.Name == "a").Take(3)) engine.Observe(row);
        StringAssert.Contains(Assert.ThrowsExactly<InvalidOperationException>(() => engine.Predict("a")).Message, "has 3 observations; a forecast needs 4");
        engine.Observe(Rows(10, missing: 0)[6]);
        Assert.AreEqual(answers[6].Forecast[0], engine.Predict("a").Values[0], 1e-3f);
    }

    [TestMethod]
    public void A_time_without_a_row_is_a_row_without_values()
    {
        var rows = Rows(80, missing: 0);
        foreach (var row in rows.Where(Gone)) (row.Value, row.Other) = (float.NaN, float.NaN);
        var (whole, gapped) = (Answers(rows), Answers(rows.Where(row => !Gone(row))));
        var kept = rows.Select((row, i) => (Row: row, Answer: whole[i])).Where(pair => !Gone(pair.Row)).ToArray();
        for (var i = 0; i < kept.Length; i++) CollectionAssert.AreEqual(kept[i].Answer.Forecast, gapped[i].Forecast, $"row {i}");
        using var engine = s_model.CreateForecastEngine(Forecaster.Context);
        foreach (var row in rows.Where(row => !Gone(row))) engine.Observe(row);
        Assert.AreEqual(whole[^1].Forecast[0], engine.Predict("b").Values[0], 1e-3f);

        static bool Gone(Row row) => row.Name == "b" && (row.Time - Start).TotalHours is (>= 30 and < 34) or 60 or 61;
    }

    [TestMethod]
    public void Training_sees_gaps_and_values_that_are_missing_alike()
    {
        var options = Options;
        (options.Stopping.MaximumNumberOfEpochs, options.Output.ConfidenceLowerBoundColumn, options.Output.ConfidenceUpperBoundColumn) = (2, null, null);
        var rows = Rows(120);
        foreach (var row in rows.Where(row => (row.Time - Start).TotalHours % 10 == 5)) (row.Value, row.Other) = (float.NaN, float.NaN);
        var whole = Forecaster.Fit(rows, options);
        var gapped = Forecaster.Fit(rows.Where(row => (row.Time - Start).TotalHours % 10 != 5), options);
        Assert.AreEqual(whole.Model.History.Epochs[^1].Loss, gapped.Model.History.Epochs[^1].Loss, 0);
    }

    [TestMethod]
    public void Gaps_of_all_frequencies_are_counted()
    {
        Assert.AreEqual(0, Count(new(TimeUnit.Hour), Start, Start.AddMinutes(75)));
        Assert.AreEqual(1, Count(new(TimeUnit.Hour), Start, Start.AddMinutes(115)));
        Assert.AreEqual(47, Count(new(TimeUnit.Minute, 30), Start, Start.AddDays(1)));
        Assert.AreEqual(0, Count(new(TimeUnit.Month), new(2026, 1, 31), new(2026, 2, 28)));
        Assert.AreEqual(2, Count(new(TimeUnit.Month), new(2026, 1, 31), new(2026, 4, 30)));
        Assert.AreEqual(0, Count(new(TimeUnit.BusinessDay), new(2026, 3, 6), new(2026, 3, 9)));
        Assert.AreEqual(1, Count(new(TimeUnit.BusinessDay), new(2026, 3, 6), new(2026, 3, 10)));
        Assert.AreEqual(9, Count(new(TimeUnit.Year), new(2000, 1, 1), new(2010, 1, 1)));
        CollectionAssert.AreEqual(new[] { Start.AddHours(8), Start.AddHours(9) },
            new TimeSteps(new(TimeUnit.Hour)).Between(Start, Start.AddHours(10), 2).ToArray());

        static int Count(TimeFrequency frequency, DateTime from, DateTime to) => new TimeSteps(frequency).Between(from, to, int.MaxValue).Count();
    }

    [TestMethod]
    public void Later_rows_change_nothing()
    {
        var rows = Rows(70);
        var before = Answers(rows);
        foreach (var row in rows[100..]) (row.Value, row.Other) = (float.IsNaN(row.Value) ? 3 : float.NaN, 1e3f);
        var after = Answers(rows);
        for (var i = 0; i < 100; i++) CollectionAssert.AreEqual(before[i].Forecast, after[i].Forecast, $"row {i}");
        Assert.IsFalse(before[^1].Forecast.SequenceEqual(after[^1].Forecast));
    }

    [TestMethod]
    [DataRow(WindowNormalization.None, 0)]
    [DataRow(WindowNormalization.LastValue, 0)]
    [DataRow(WindowNormalization.LastValue, 5)]
    [DataRow(WindowNormalization.Standard, 0)]
    [DataRow(WindowNormalization.Standard, 5)]
    public void The_graph_agrees(WindowNormalization normalization, int lag)
    {
        var options = Options;
        (options.Normalization.Window, options.Stopping.MaximumNumberOfEpochs, options.Series.CalendarFeatures, options.Input.Features.Lags) =
            (normalization, 1, CalendarFeatures.HourOfDay, lag > 0 ? [lag] : []);
        var rows = Rows(80);
        var model = Forecaster.Fit(rows, options);
        var (step, none) = (0, false);
        ForecastEquality.Check(model.Model,
            network => new PointForecastHead(default, new(Window, Horizon, 1, model.Model.Manifest.Forecast!.SeasonLength, true), network), (random, input) =>
        {
            // Now and then a window of which nothing is there.
            if (step++ % Window == 0) none = random.Next(5) == 0;
            return none || random.Next(3) == 0 ? float.NaN : 20 * random.NextSingle();
        });
        CollectionAssert.AreEqual(Answers(rows, model)[^1].Forecast, Answers(rows, Forecaster.Reload(model, rows))[^1].Forecast);
    }

    [TestMethod]
    [DataRow(null)]
    [DataRow(1000)]
    public void Where_nothing_was_missing_in_training_holes_do_little_harm(int? rowsInMemory)
    {
        var options = Options;
        (options.MissingValues.MinimumHistory, options.MissingValues.FillTimeGaps, options.MissingValues.Handling, options.Series.MaximumRowsInMemory) =
            (null, false, MissingValueHandling.Mask, rowsInMemory);
        var model = Forecaster.Fit(Rows(300, missing: 0).OrderBy(row => row.Name), options);
        // Masks that were 0 all the time would be noise.
        Assert.IsTrue(model.Model.Description is { AllowsMissing: true, MasksMissing: false });
        var rows = Rows(100, missing: 0.05f, seed: 5);
        var answers = Answers(rows, model);
        double error = 0, count = 0;
        for (var i = 2 * Window; i < rows.Length - 2 * Horizon; i++)
            for (var h = 0; h < Horizon; h++, count++) error += Math.Abs(answers[i].Forecast[h] - Wave(i / 2 + h + 1, rows[i].Name));
        // The waves' mean distance from their middle is 3.2.
        NumberAssert.IsLessThan(1.6, error / count);
    }

    [TestMethod]
    public void Without_holes_nothing_is_masked_and_faults_are_named()
    {
        var options = Options;
        (options.MissingValues.MinimumHistory, options.MissingValues.FillTimeGaps, options.Stopping.MaximumNumberOfEpochs) = (null, false, 1);
        Assert.IsFalse(Forecaster.Fit(Rows(60, missing: 0), options).Model.Description.AllowsMissing);
        options.MissingValues.Handling = MissingValueHandling.Refuse;
        var error = Assert.ThrowsExactly<ArgumentException>(
            () => Forecaster.Fit(Rows(60), options));
        StringAssert.Contains(error.Message, "holds NaN: mask missing values (the option MissingValues.Handling)");
        options.MissingValues.MinimumHistory = 3;
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => Forecaster.Create(options)).Message,
            "MissingValues.Handling = Refuse");
        options.MissingValues.MinimumHistory = Window + 1;
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => Forecaster.Create(options)).Message,
            "MinimumHistory must lie from 1");
        (options.MissingValues.MinimumHistory, options.MissingValues.FillTimeGaps, options.MissingValues.Handling, options.Series.TimeColumnName) =
            (null, true, default, null);
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => Forecaster.Create(options)).Message,
            "FillTimeGaps needs a time column");
        options.Series.TimeColumnName = "Other";
        options.Input.PastCovariateColumnNames = [];
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentOutOfRangeException>(
            () => Forecaster.Fit(Rows(60, missing: 0), options)).Message,
                "MissingValues.FillTimeGaps");
    }
}
