using Microsoft.ML.Recurrent.Data;
using Microsoft.ML.Recurrent.Forecasting;
using Microsoft.ML.Recurrent.Time;

namespace Microsoft.ML.Recurrent.Tests.Forecasting;

/// <summary>Calendar features and lags: what a forecaster makes of its time column by itself.</summary>
[TestClass]
public sealed class CalendarTests
{
    private const int Window = 30, Horizon = 4;
    private static readonly ForecasterFixture<Row, Answer> Forecaster = new(() => Options);
    private static readonly DateTime Start = new(2026, 3, 2);
    private static RecurrentForecastingTransformer s_model = null!;

    private sealed class Row
    {
        public DateTime Time { get; set; }
        public string Name { get; set; } = "";
        public float Value { get; set; }
        public float Number { get; set; }
    }

    private sealed class Answer
    {
        public float[] Forecast { get; set; } = [];
    }

    private static RecurrentForecastingEstimator.Options Options => new()
    {
        Input = new SeriesInputOptions
        {
            InputColumnName = "Value", TimeColumnName = "Time", SeriesColumnNames = ["Name"], WindowSize = Window, CalendarFeatures = CalendarFeatures.Auto,
            Features = { Lags = null }, TrainingStride = 3,
        },
        Horizon = Horizon,
        Network = { HiddenSize = 12 },
        Optimizer = { LearningRate = 1e-2f },
        Stopping = { MaximumNumberOfEpochs = 12 },
        Seed = 3,
        Normalization = { SeasonLength = 24 },
    };

    /// <summary>Hours whose value jumps at 9 and at 17 o'clock.</summary>
    private static Row[] Rows(int hours, int seed = 1)
    {
        var random = new Random(seed);
        return [.. from hour in Enumerable.Range(0, hours)
                   from name in (string[])["a", "b"]
                   let time = Start.AddHours(hour)
                   select new Row { Time = time, Name = name, Value = (time.Hour is >= 9 and < 17 ? 10 : 2) + random.NextSingle(), Number = hour }];
    }

    [ClassInitialize]
    public static void Train(TestContext _) =>
        s_model = Forecaster.Fit(Rows(24 * 21));

    private static float[][] Forecasts(IEnumerable<Row> rows, ITransformer? model = null) =>
        [.. Forecaster.Forecast(model ?? s_model, rows).Select(answer => answer.Forecast)];

    [TestMethod]
    public void Numbers_go_round()
    {
        var numbers = new float[6];
        var features = CalendarFeatures.HourOfDay | CalendarFeatures.DayOfWeek | CalendarFeatures.MonthOfYear;
        Assert.AreEqual(6, Calendar.Size(features));
        Calendar.Write(new DateTime(2026, 4, 5, 6, 0, 0), features, numbers);
        float[] expected = [1, 0, 0, 1, 1, 0];
        for (var i = 0; i < 6; i++) Assert.AreEqual(expected[i], numbers[i], 1e-6f);
        Calendar.Write(new DateTime(2028, 12, 31), CalendarFeatures.DayOfYear | CalendarFeatures.DayOfMonth, numbers);
        Assert.AreEqual(Math.Cos(Math.Tau * 30 / 31), numbers[1], 1e-6);
        Assert.AreEqual(Math.Cos(Math.Tau * 365 / 366), numbers[3], 1e-6);
    }

    [TestMethod]
    public void The_numbers_are_those_of_the_documentation()
    {
        // Saturday 2028-02-05, 18:15:36: the order, sine before cosine, Sunday 0, and the divisors.
        var numbers = new float[12];
        var all = (CalendarFeatures)63;
        Calendar.Write(new DateTime(2028, 2, 5, 18, 15, 36), all, numbers);
        double[] positions = [18.26 / 24, 6 / 7.0, 4 / 29.0, 35 / 366.0, 1 / 12.0, 0.26];
        for (var i = 0; i < 6; i++)
        {
            Assert.AreEqual(Math.Sin(Math.Tau * positions[i]), numbers[2 * i], 1e-6);
            Assert.AreEqual(Math.Cos(Math.Tau * positions[i]), numbers[2 * i + 1], 1e-6);
        }
        // The minute of the hour up to 20 minutes.
        foreach (var (minutes, has) in new[] { (1, true), (20, true), (30, false), (60, false) })
        {
            var chosen = Calendar.Choose(TimeFrequency.Create(TimeSpan.FromMinutes(minutes))!, TimeSpan.FromDays(9));
            Assert.AreEqual(has, chosen.HasFlag(CalendarFeatures.MinuteOfHour));
        }
    }

    [TestMethod]
    public void The_frequency_chooses()
    {
        var days = TimeSpan.FromDays(100);
        Assert.AreEqual(CalendarFeatures.HourOfDay | CalendarFeatures.DayOfWeek, Calendar.Choose(new(TimeUnit.Hour), days));
        Assert.AreEqual(CalendarFeatures.DayOfWeek | CalendarFeatures.DayOfMonth, Calendar.Choose(new(TimeUnit.Day), days));
        Assert.AreEqual(CalendarFeatures.MonthOfYear, Calendar.Choose(new(TimeUnit.Month), TimeSpan.FromDays(3000)));
        Assert.AreEqual(CalendarFeatures.None, Calendar.Choose(new(TimeUnit.Month), days));
        CollectionAssert.AreEqual(new[] { 24 }, Calendar.Lags(new(TimeUnit.Hour), 100));
        CollectionAssert.AreEqual(new[] { 24, 168 }, Calendar.Lags(new(TimeUnit.Hour), 169));
        CollectionAssert.AreEqual(new[] { 2, 48, 336 }, Calendar.Lags(new(TimeUnit.Minute, 30), 500));
        CollectionAssert.AreEqual(new[] { 4 }, Calendar.Lags(new(TimeUnit.Month, 3), 40));
    }

    [TestMethod]
    public void Jumps_at_hours_are_foreseen_to_the_last_row_and_survive_the_file()
    {
        Assert.AreEqual(new(TimeUnit.Hour), s_model.Model.Manifest.Forecast!.Frequency);
        CollectionAssert.AreEqual(new[] { 24 }, s_model.Model.Description.Lags);
        Assert.AreEqual(4, s_model.Model.Description.FutureFeatures);
        var rows = Rows(24 * 6, seed: 2);
        var forecasts = Forecasts(rows);
        double error = 0, count = 0;
        for (var i = 2 * Window; i < rows.Length; i++)
        {
            for (var h = 0; h < Horizon; h++, count++)
                error += Math.Abs(forecasts[i][h] - (rows[i].Time.AddHours(h + 1).Hour is >= 9 and < 17 ? 10.5 : 2.5));
        }
        NumberAssert.IsLessThan(0.8, error / count);
        CollectionAssert.AreEqual(forecasts[^1], Forecasts(rows, Forecaster.Reload(s_model, rows))[^1]);
    }

    [TestMethod]
    public void The_engine_knows_the_calendar_too_and_beyond_the_horizon()
    {
        var rows = Rows(100);
        var expected = Forecasts(rows);
        using var engine = s_model.CreateForecastEngine(Forecaster.Context);
        foreach (var row in rows) engine.Observe(row);
        var next = engine.Predict("b", horizon: Horizon + 2).Values;
        for (var h = 0; h < Horizon; h++) Assert.AreEqual(expected[^1][h], next[h], 1e-3f);
        var block = Enumerable.Range(0, Horizon).Select(h => new Row { Time = Start.AddHours(100 + h), Name = "b", Value = next[h] });
        var fed = Forecasts(rows.Concat(block))[^1];
        for (var h = 0; h < 2; h++) Assert.AreEqual(fed[h], next[Horizon + h], 1e-3f);
    }

    [TestMethod]
    public void Later_rows_change_nothing()
    {
        var rows = Rows(60);
        var before = Forecasts(rows);
        foreach (var row in rows[90..]) (row.Value, row.Time) = (row.Value + 100, row.Time.AddDays(1));
        var after = Forecasts(rows);
        for (var i = 0; i < 90; i++) CollectionAssert.AreEqual(before[i], after[i], $"row {i}");
    }

    [TestMethod]
    [DataRow(WindowNormalization.None)]
    [DataRow(WindowNormalization.LastValue)]
    [DataRow(WindowNormalization.Standard)]
    public void The_graph_agrees(WindowNormalization normalization)
    {
        var options = Options;
        (options.Normalization.Window, options.Stopping.MaximumNumberOfEpochs, options.Input.Features.Lags, options.Series.CalendarFeatures) =
            (normalization, 1, [2, 24, 7], CalendarFeatures.DayOfWeek);
        var model = Forecaster.Fit(Rows(100), options);
        ForecastEquality.Check(model.Model,
            network => new PointForecastHead(default, new(Window, Horizon, 1, model.Model.Manifest.Forecast!.SeasonLength, false), network));
        CollectionAssert.AreEqual(new[] { "Value", "Time.Calendar", "Time.Calendar.Future" },
            model.Model.Manifest.Inputs.Select(input => input.Name).ToArray());
    }

    [TestMethod]
    public void Lags_hold_for_rows_that_are_windows_too()
    {
        var windows = Forecaster.Context.Data.CreateWindows(Forecaster.Load(Rows(200)), "Window", ["Value"], windowSize: Window, horizon: Horizon,
            labelColumnName: "Value", seriesColumnName: "Name", timeColumnName: "Time");
        var model = Forecaster.Create(new()
        {
            Input = new WindowInputOptions { InputColumnName = "Window", LabelColumnName = "Value", WindowSize = Window, Features = { Lags = [24] } },
            Horizon = Horizon,
            Network = { HiddenSize = 8 },
            Stopping = { MaximumNumberOfEpochs = 1 },
        }).Fit(windows);
        CollectionAssert.AreEqual(new[] { 24 }, model.Model.Description.Lags);
        ForecastEquality.Check(model.Model,
            network => new PointForecastHead(default, new(Window, Horizon, 1, model.Model.Manifest.Forecast!.SeasonLength, false), network));
    }

    [TestMethod]
    public void Faults_are_named()
    {
        var lags = Options;
        lags.Input.Features.Lags = [Window];
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => Forecaster.Create(lags)).Message,
            "Input.Features.Lags must hold steps from 1 to less than Input.WindowSize, which is 30");
        lags.Input.Features.Lags = [2, 2];
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => Forecaster.Create(lags)).Message,
            "holds a step twice");
        var timeless = Options;
        (timeless.Series.TimeColumnName, timeless.Series.CalendarFeatures) = (null, CalendarFeatures.HourOfDay);
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => Forecaster.Create(timeless)).Message,
            "Input.TimeColumnName");
        var number = Options;
        (number.Series.TimeColumnName, number.Series.CalendarFeatures) = ("Number", CalendarFeatures.HourOfDay);
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentOutOfRangeException>(
            () => Forecaster.Fit(Rows(100), number)).Message, "Input.CalendarFeatures");
        // Left to itself it makes do without.
        number.Series.CalendarFeatures = CalendarFeatures.Auto;
        number.Stopping.MaximumNumberOfEpochs = 1;
        Assert.AreEqual(0,
            Forecaster.Fit(Rows(100), number).Model.Description.FutureWidth);
    }
}
