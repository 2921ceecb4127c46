using Microsoft.ML.Recurrent.Forecasting;

namespace Microsoft.ML.Recurrent.Tests.Forecasting;

/// <summary>Nothing looks ahead: rows after t change no forecast at or before t, and rows that are held back change no figure that is learned.</summary>
[TestClass]
public sealed class LeakTests
{
    private const int Window = 16, Horizon = 3, Length = 120;
    private static readonly MLContext Context = new(1);

    private sealed class Row
    {
        public DateTime Time { get; set; }
        public string Name { get; set; } = "";
        public string Kind { get; set; } = "";
        public float Size { get; set; }
        public float Value { get; set; }
        public float Past { get; set; }
        public string Weather { get; set; } = "";
        public float Price { get; set; }
        public string Promotion { get; set; } = "";
    }

    private sealed class Answer
    {
        public float[] Forecast { get; set; } = [];
        public float[] Lower { get; set; } = [];
        public float[] Upper { get; set; } = [];
    }

    private static Row[] Rows(float missing)
    {
        var random = new Random(1);
        return [.. from t in Enumerable.Range(0, Length)
                   from name in (string[])["a", "b"]
                   select new Row
                   {
                       Time = new DateTime(2026, 1, 1).AddHours(t), Name = name, Kind = name == "a" ? "x" : "y", Size = name == "a" ? 1 : 2, Past = random.NextSingle(), Weather = t % 5 == 0 ? "rain" : "sun",
                       Price = 1 + random.NextSingle(), Promotion = t % 3 == 0 ? "yes" : "no", Value = random.NextSingle() < missing ? float.NaN : 5 + 2 * MathF.Sin(t * MathF.Tau / 12) + random.NextSingle(),
                   }];
    }

    public static IEnumerable<object[]> Forms =>
        from strategy in Enum.GetValues<ForecastStrategy>()
        from normalization in Enum.GetValues<WindowNormalization>()
        from missing in new[] { 0f, 0.2f }
        select new object[] { strategy, normalization, missing };

    [TestMethod]
    [DynamicData(nameof(Forms))]
    public void Rows_to_come_change_no_forecast(ForecastStrategy strategy, WindowNormalization normalization, float missing)
    {
        var recursive = strategy is ForecastStrategy.Recursive;
        var rows = Rows(missing);
        var model = Context.Forecasting.ForecastByRecurrentNetwork(new()
        {
            InputColumnName = "Value", TimeColumnName = "Time", SeriesColumnName = "Name", StaticColumnNames = ["Kind", "Size"], PastCovariateColumnNames = recursive ? [] : ["Past", "Weather"],
            FutureCovariateColumnNames = ["Price", "Promotion"], CalendarFeatures = CalendarFeatures.HourOfDay, Lags = recursive ? [] : [12], WindowSize = Window, Horizon = Horizon, HiddenSize = 8, MaximumNumberOfEpochs = 1,
            Seed = 1, Strategy = strategy, WindowNormalization = normalization, TargetTransform = TargetTransform.Log, ConfidenceLowerBoundColumn = "Lower", ConfidenceUpperBoundColumn = "Upper",
        }).Fit(Context.Data.LoadFromEnumerable(rows));
        var before = Answers(rows);
        const int last = 2 * 70;
        foreach (var row in rows[last..]) (row.Value, row.Past, row.Weather) = (float.IsNaN(row.Value) ? 7 : 1000, -5, "snow");
        var after = Answers(rows);
        for (var i = 0; i < last; i++) Same(before[i], after[i], $"row {i}");
        Assert.IsTrue(after[last - 1].Forecast.All(float.IsFinite));
        Assert.IsFalse(before[last + 1].Forecast.SequenceEqual(after[last + 1].Forecast), "what has come does count");
        // What is known ahead counts up to the horizon and no further.
        foreach (var row in rows[last..]) (row.Price, row.Promotion) = (50, "maybe");
        var ahead = Answers(rows);
        for (var i = 0; i < last - 2 * Horizon; i++) Same(before[i], ahead[i], $"row {i}");
        Assert.IsFalse(before[last - 1].Forecast.SequenceEqual(ahead[last - 1].Forecast));

        Answer[] Answers(Row[] rows) => [.. Context.Data.CreateEnumerable<Answer>(model.Transform(Context.Data.LoadFromEnumerable(rows)), false)];

        static void Same(Answer expected, Answer actual, string row)
        {
            CollectionAssert.AreEqual(expected.Forecast, actual.Forecast, row);
            CollectionAssert.AreEqual(expected.Lower, actual.Lower, row);
            CollectionAssert.AreEqual(expected.Upper, actual.Upper, row);
        }
    }

    [TestMethod]
    [DataRow(null)]
    [DataRow(1000)]
    public void Rows_that_are_held_back_change_no_figure(int? rowsInMemory)
    {
        var options = new RecurrentForecastingEstimator.Options
        {
            InputColumnName = "Value", TimeColumnName = "Time", SeriesColumnName = "Name", StaticColumnNames = ["Kind"], PastCovariateColumnNames = ["Past", "Weather"], FutureCovariateColumnNames = ["Price"],
            WindowSize = Window, Horizon = Horizon, ValidationFraction = 0.25f, MaximumRowsInMemory = rowsInMemory,
        };
        Row[] rows = [.. Rows(0).OrderBy(row => row.Name)];
        var before = Figures();
        foreach (var row in rows.Where(row => row.Time >= new DateTime(2026, 1, 1).AddHours(Length * 3 / 4))) (row.Value, row.Past, row.Price, row.Weather) = (1e4f, 1e4f, 1e4f, "rain");
        CollectionAssert.AreEqual(before, Figures());
        rows[10].Value = 6.5f;
        CollectionAssert.AreNotEqual(before, Figures());

        double[] Figures()
        {
            var data = ForecastData.FromSeries(options, Context.Data.LoadFromEnumerable(rows), null);
            var (moments, scales) = (data.FeatureMoments(), data.Scales());
            return [.. Enumerable.Range(0, moments.Channels).SelectMany(i => new double[] { moments.Mean(i), moments.Scale(i), scales.Least[i] }), scales.Ratio, .. data.MetCategories.SelectMany(met => met.Select(seen => seen ? 1.0 : 0))];
        }
    }
}
