using Microsoft.ML.Data;

namespace Microsoft.ML.Recurrent.Tests.Forecasting;

/// <summary>Rows of what is known ahead lie on the steps of their series, or are refused by the step that is missing or there twice.</summary>
[TestClass]
public sealed class FutureStepTests
{
    private const int Days = 200;
    private static readonly MLContext Context = new(1);
    private static readonly DateTime Start = new(2026, 1, 1);
    private static ITransformer s_model = null!;

    private sealed class Day
    {
        public DateTime Time { get; set; }
        public float Y { get; set; }
        public float Temp { get; set; }
    }

    private sealed class Answer
    {
        public float[] Forecast { get; set; } = [];
    }

    private static float Temperature(int day) => day * 7 % 11;

    private static Day At(int day) => new() { Time = Start.AddDays(day), Y = day < Days ? 10 + 5 * Temperature(day) : float.NaN, Temp = Temperature(day) };

    private static IDataView View(IEnumerable<Day> rows) => Context.Data.LoadFromEnumerable(rows);

    private static IDataView Of(params int[] days) => View(days.Select(At));

    private static ITransformer Fit(IEnumerable<Day> rows, int[]? lags = null, bool fills = false) => Context.Forecasting.ForecastByRecurrentNetwork(new()
    {
        Input = new SeriesInputOptions
        {
            InputColumnName = "Y", FutureCovariateColumnNames = ["Temp"], TimeColumnName = "Time", WindowSize = 14, Features = { Lags = lags },
        },
        Horizon = 3,
        Network = { HiddenSize = 4 },
        Stopping = { MaximumNumberOfEpochs = 1 },
        MissingValues = { FillTimeGaps = fills },
        Output = { ForecastColumnName = "Forecast", ConfidenceLowerBoundColumn = "Lower", ConfidenceUpperBoundColumn = "Upper" },
    }).Fit(View(rows));

    [ClassInitialize]
    public static void Train(TestContext _) => s_model = Fit(Enumerable.Range(0, Days).Select(At));

    private static float[][] Transform(ITransformer model, IEnumerable<Day> rows) =>
        [.. Context.Data.CreateEnumerable<Answer>(model.Transform(View(rows)), false).Select(answer => answer.Forecast)];

    private static string Refusal(Action call) => Assert.ThrowsExactly<ArgumentException>(call).Message;

    [TestMethod]
    [DataRow(new[] { 200, 202, 203 }, "lack the step 2026-07-20 00:00:00")]
    [DataRow(new[] { 200, 200, 201 }, "hold 2026-07-20 00:00:00 twice")]
    [DataRow(new[] { 230, 231, 232 }, "lack the step 2026-07-20 00:00:00")]
    public void A_missing_or_doubled_step_is_named_by_every_way_to_forecast(int[] days, string fault)
    {
        // Day 200 is 2026-07-20; where it is there, the step after it is at fault.
        if (days[0] == 200 && days[1] == 202) fault = fault.Replace("07-20", "07-21", StringComparison.Ordinal);
        using var engine = s_model.CreateForecastEngine(Context);
        engine.Observe(View(Enumerable.Range(0, Days).Select(At)));
        StringAssert.Contains(Refusal(() => engine.Predict(Of(days))), fault);
        StringAssert.Contains(Refusal(() => engine.PredictAll(Of(days))), fault);
        StringAssert.Contains(Refusal(() => engine.Sample(count: 2, future: Of(days))), fault);
        StringAssert.Contains(Refusal(() => Transform(s_model, Enumerable.Range(0, Days).Concat(days).Select(At))), fault);
    }

    [TestMethod]
    public void A_row_between_two_steps_is_refused()
    {
        using var engine = s_model.CreateForecastEngine(Context);
        engine.Observe(View(Enumerable.Range(0, Days).Select(At)));
        var noon = At(200);
        noon.Time = noon.Time.AddHours(9);
        StringAssert.Contains(Refusal(() => engine.Predict(View([At(200), noon, At(201)]))), "hold 2026-07-20 09:00:00 between the steps");
    }

    [TestMethod]
    public void Rows_on_their_steps_pass_whatever_comes_after_the_horizon()
    {
        var expected = Transform(s_model, Enumerable.Range(0, Days + 3).Select(At))[Days - 1];
        using var engine = s_model.CreateForecastEngine(Context);
        engine.Observe(View(Enumerable.Range(0, Days).Select(At)));
        foreach (var future in (IDataView[])[Of(200, 201, 202), Of(198, 199, 200, 201, 202, 210), Of(202, 200, 201)])
        {
            var actual = engine.Predict(future).Values;
            for (var step = 0; step < 3; step++) Assert.AreEqual(expected[step], actual[step], 1e-3f);
        }
    }

    [TestMethod]
    public void The_steps_are_checked_whatever_the_lags()
    {
        using var engine = Fit(Enumerable.Range(0, Days).Select(At), lags: []).CreateForecastEngine(Context);
        engine.Observe(View(Enumerable.Range(0, Days).Select(At)));
        StringAssert.Contains(Refusal(() => engine.Predict(Of(200, 202, 203))), "lack the step 2026-07-21");
    }

    [TestMethod]
    public void Gaps_are_filled_where_the_model_does_so_and_doubles_are_refused()
    {
        var model = Fit(Enumerable.Range(0, Days).Where(day => day % 50 != 7).Select(At), fills: true);
        using var engine = model.CreateForecastEngine(Context);
        engine.Observe(View(Enumerable.Range(0, Days).Select(At)));
        var missing = At(201);
        missing.Temp = float.NaN;
        CollectionAssert.AreEqual(engine.Predict(View([At(200), missing, At(202)])).Values.ToArray(), engine.Predict(Of(200, 202)).Values.ToArray());
        StringAssert.Contains(Refusal(() => engine.Predict(Of(200, 200, 201))), "twice");
    }

    [TestMethod]
    public void Days_that_a_series_leaves_out_regularly_may_be_left_out_ahead()
    {
        // Six days a week: the seventh is no step.
        var days = Enumerable.Range(0, Days).Where(day => day % 7 != 4).ToArray();
        using var engine = Fit(days.Select(At)).CreateForecastEngine(Context);
        engine.Observe(View(days.Select(At)));
        // Day 200 is such a day, for 200 % 7 is 4.
        Assert.IsTrue(engine.Predict(Of(201, 202, 203)).Values.All(float.IsFinite));
        StringAssert.Contains(Refusal(() => engine.Predict(Of(202, 203, 204))), "lack the step 2026-07-21");
        StringAssert.Contains(Refusal(() => engine.Predict(Of(200, 201, 202))), "hold 2026-07-20 00:00:00, which is no step of the series");
    }

    [TestMethod]
    public void Gaps_before_the_last_observation_are_rows_as_in_training()
    {
        var rows = Enumerable.Range(0, Days + 3).Where(day => day is < 100 or > 130).Select(At).ToArray();
        Assert.IsTrue(Transform(s_model, rows)[^4].All(float.IsFinite));
    }
}
