using Microsoft.ML.Data;
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

    private static Row[] Rows(float missing)
    {
        var random = new Random(1);
        return [.. from t in Enumerable.Range(0, Length)
                   from name in (string[])["a", "b"]
                   select new Row
                   {
                       Time = new DateTime(2026, 1, 1).AddHours(t), Name = name, Kind = name == "a" ? "x" : "y", Size = name == "a" ? 1 : 2,
                       Past = random.NextSingle(), Weather = t % 5 == 0 ? "rain" : "sun",
                       Price = 1 + random.NextSingle(), Promotion = t % 3 == 0 ? "yes" : "no",
                       Value = random.NextSingle() < missing ? float.NaN : 5 + 2 * MathF.Sin(t * MathF.Tau / 12) + random.NextSingle(),
                   }];
    }

    public static IEnumerable<object[]> Forms =>
        from strategy in Enum.GetValues<ForecastStrategy>()
        from normalization in Enum.GetValues<WindowNormalization>()
        from missing in new[] { 0f, 0.2f }
        select new object[] { strategy, normalization, missing, LikelihoodName.Point };

    /// <summary>Deviations, quantiles and samples, of steps by themselves and of paths.</summary>
    public static IEnumerable<object[]> FormsWithSamples =>
        from strategy in Enum.GetValues<ForecastStrategy>()
        from likelihood in Enum.GetValues<LikelihoodName>().Except([LikelihoodName.Quantiles])
        from missing in new[] { 0f, 0.2f }
        select new object[] { strategy, WindowNormalization.Standard, missing, likelihood };

    [TestMethod]
    [DynamicData(nameof(Forms))]
    [DynamicData(nameof(FormsWithSamples))]
    public void Rows_to_come_change_no_forecast(ForecastStrategy strategy, WindowNormalization normalization, float missing, LikelihoodName likelihood)
    {
        var (recursive, samples, counts) =
            (strategy is ForecastStrategy.Recursive, normalization is WindowNormalization.Standard, likelihood is LikelihoodName.NegativeBinomial);
        var rows = Rows(missing);
        foreach (var row in rows) row.Value = counts ? MathF.Round(row.Value) : row.Value;
        var model = Context.Forecasting.ForecastByRecurrentNetwork(new()
        {
            Input = new SeriesInputOptions
            {
                InputColumnName = "Value", TimeColumnName = "Time", SeriesColumnNames = ["Name"], StaticColumnNames = ["Kind", "Size"],
                PastCovariateColumnNames = recursive ? [] : ["Past", "Weather"], FutureCovariateColumnNames = ["Price", "Promotion"],
                CalendarFeatures = CalendarFeatures.HourOfDay, Features = { Lags = recursive ? [] : [12] }, WindowSize = Window,
            },
            Horizon = Horizon,
            Network = { HiddenSize = 8 },
            Stopping = { MaximumNumberOfEpochs = 1 },
            Seed = 1,
            Decoding = { Strategy = strategy, TeacherForcing = strategy is ForecastStrategy.EncoderDecoder ? TeacherForcing.Constant(1) : null },
            Normalization =
            {
                Window = normalization, TargetTransform = counts || likelihood is not LikelihoodName.Point ? TargetTransform.None : TargetTransform.Log,
            },
            Likelihood = likelihood.ToOption(),
            Output =
            {
                SamplesColumnName = samples ? "Samples" : null, NumberOfSamples = 4,
                QuantileColumnNames = samples ? new Dictionary<double, string> { [0.2] = "Quantile" } : [],
                StandardDeviationColumnName = likelihood is LikelihoodName.Point ? null : "Deviation", ConfidenceLowerBoundColumn = "Lower",
                ConfidenceUpperBoundColumn = "Upper",
                ConfidenceLevel = 0.5f,
            },
        }).Fit(Context.Data.LoadFromEnumerable(rows));
        var before = Answers(rows);
        const int last = 2 * 70;
        foreach (var row in rows[last..]) (row.Value, row.Past, row.Weather) = (float.IsNaN(row.Value) ? 7 : 1000, -5, "snow");
        var after = Answers(rows);
        for (var i = 0; i < last; i++) Same(before[i], after[i], $"row {i}");
        Assert.IsTrue(after[last - 1].All(float.IsFinite));
        Assert.IsFalse(before[last + 1].SequenceEqual(after[last + 1]), "what has come does count");
        // What is known ahead counts up to the horizon and no further.
        foreach (var row in rows[last..]) (row.Price, row.Promotion) = (50, "maybe");
        var ahead = Answers(rows);
        for (var i = 0; i < last - 2 * Horizon; i++) Same(before[i], ahead[i], $"row {i}");
        Assert.IsFalse(before[last - 1].SequenceEqual(ahead[last - 1]));

        // All that the model adds, row by row.
        float[][] Answers(Row[] rows)
        {
            var view = model.Transform(Context.Data.LoadFromEnumerable(rows));
            float[][][] columns = [.. model.Model.Manifest.Outputs.Select(output => view.GetColumn<float[]>(output.Name).ToArray())];
            return [.. Enumerable.Range(0, rows.Length).Select(row => columns.SelectMany(column => column[row]).ToArray())];
        }

        static void Same(float[] expected, float[] actual, string row) => CollectionAssert.AreEqual(expected, actual, row);
    }

    [TestMethod]
    [DataRow(null)]
    [DataRow(1000)]
    public void Rows_that_are_held_back_change_no_figure(int? rowsInMemory)
    {
        var options = new RecurrentForecastingEstimator.Options
        {
            Input = new SeriesInputOptions
            {
                InputColumnName = "Value", TimeColumnName = "Time", SeriesColumnNames = ["Name"], StaticColumnNames = ["Kind"],
                PastCovariateColumnNames = ["Past", "Weather"], FutureCovariateColumnNames = ["Price"], WindowSize = Window, MaximumRowsInMemory = rowsInMemory,
            },
            Horizon = Horizon,
            Stopping = { ValidationFraction = 0.25f },
        };
        Row[] rows = [.. Rows(0).OrderBy(row => row.Name)];
        var before = Figures();
        foreach (var row in rows.Where(row => row.Time >= new DateTime(2026, 1, 1).AddHours(Length * 3 / 4)))
            (row.Value, row.Past, row.Price, row.Weather) = (1e4f, 1e4f, 1e4f, "rain");
        CollectionAssert.AreEqual(before, Figures());
        rows[10].Value = 6.5f;
        CollectionAssert.AreNotEqual(before, Figures());

        double[] Figures()
        {
            var data = ForecastData.FromSeries(options, Context.Data.LoadFromEnumerable(rows), null);
            var (moments, scales) = (data.FeatureMoments(), data.Scales());
            return [.. Enumerable.Range(0, moments.Channels).SelectMany(i => new double[] { moments.Mean(i), moments.Scale(i), scales.Minimum[i] }),
                scales.Ratio, .. data.SeenCategories.SelectMany(met => met.Select(seen => seen ? 1.0 : 0))];
        }
    }

    /// <summary>Rows that hold windows, with covariates of all kinds.</summary>
    private static IDataView Windows(Row[] rows) => Context.Data.CreateWindows(Context.Data.LoadFromEnumerable(rows), "Window", ["Value", "Past"], Window,
        Horizon, 1, "Value", "Name", "Time", ["Weather"], ["Price", "Promotion"]);

    private static RecurrentForecastingEstimator.Options WindowOptions => new()
    {
        Input = new WindowInputOptions
        {
            InputColumnName = "Window", LabelColumnName = "Value", PastCovariateColumnNames = ["Weather"], FutureCovariateColumnNames = ["Price", "Promotion"],
            StaticColumnNames = ["Kind", "Size"], WindowSize = Window,
        },
        Horizon = Horizon,
        Network = { HiddenSize = 8 },
        Stopping = { MaximumNumberOfEpochs = 1 },
        Seed = 1,
    };

    private sealed class WindowRow
    {
        public DateTime Time { get; set; }
        public string Name { get; set; } = "";
        public float[] Window { get; set; } = [];
        public float[] Value { get; set; } = [];
        public string[] Weather { get; set; } = [];
        public float[] Price { get; set; } = [];
        public string[] Promotion { get; set; } = [];
    }

    [TestMethod]
    public void Windows_hold_nothing_later_than_they_should()
    {
        var rows = Rows(0);
        const int change = 70;
        var at = new DateTime(2026, 1, 1).AddHours(change);
        var before = Context.Data.CreateEnumerable<WindowRow>(Windows(rows), false).ToArray();
        foreach (var row in rows.Where(row => row.Time >= at))
            (row.Value, row.Past, row.Weather, row.Price, row.Promotion, row.Kind, row.Size) = (1000, -5, "snow", 50, "maybe", "z", 9);
        var after = Context.Data.CreateEnumerable<WindowRow>(Windows(rows), false).ToArray();
        for (var i = 0; i < before.Length; i++)
        {
            // The window ends at its own row's time; label and what is known ahead lie right after it.
            var left = (int)(at - before[i].Time).TotalHours - 1;
            Assert.AreEqual(left >= 0, before[i].Window.SequenceEqual(after[i].Window), $"window {i}");
            Assert.AreEqual(left >= 0, before[i].Weather.SequenceEqual(after[i].Weather), $"window {i}");
            Assert.AreEqual(left >= Horizon, before[i].Value.SequenceEqual(after[i].Value), $"window {i}");
            Assert.AreEqual(left >= Horizon, before[i].Price.SequenceEqual(after[i].Price), $"window {i}");
            var same = Math.Clamp(left + Window, 0, Window + Horizon);
            CollectionAssert.AreEqual(before[i].Price[..same], after[i].Price[..same], $"window {i}");
            CollectionAssert.AreEqual(before[i].Promotion[..same], after[i].Promotion[..same], $"window {i}");
        }
    }

    [TestMethod]
    [DataRow(ForecastStrategy.Direct, 0f)]
    [DataRow(ForecastStrategy.Direct, 0.2f)]
    [DataRow(ForecastStrategy.EncoderDecoder, 0.2f)]
    public void Rows_to_come_change_no_forecast_of_windows(ForecastStrategy strategy, float missing)
    {
        var rows = Rows(missing);
        var options = WindowOptions;
        options.Decoding.Strategy = strategy;
        var model = Context.Forecasting.ForecastByRecurrentNetwork(options).Fit(Windows(rows));
        var at = new DateTime(2026, 1, 1).AddHours(70);
        var (times, before) = Answers();
        foreach (var row in rows.Where(row => row.Time >= at)) (row.Value, row.Past, row.Weather) = (1000, -5, "snow");
        var (_, after) = Answers();
        foreach (var row in rows.Where(row => row.Time >= at)) (row.Price, row.Promotion) = (50, "maybe");
        var (_, ahead) = Answers();
        for (var i = 0; i < times.Length; i++)
        {
            var left = (int)(at - times[i]).TotalHours - 1;
            Assert.AreEqual(left >= 0, before[i].SequenceEqual(after[i]), $"window {i}");
            if (left >= Horizon) CollectionAssert.AreEqual(before[i], ahead[i], $"window {i}");
            else Assert.IsFalse(before[i].SequenceEqual(ahead[i]), $"window {i}");
        }

        (DateTime[] Times, float[][] Forecasts) Answers()
        {
            var scored = model.Transform(Windows(rows));
            return ([.. Context.Data.CreateEnumerable<WindowRow>(scored, false).Select(row => row.Time)],
                [.. Context.Data.CreateEnumerable<Forecast>(scored, false).Select(row => row.Values)]);
        }
    }

    private sealed class Forecast
    {
        [ColumnName("Forecast")] public float[] Values { get; set; } = [];
    }

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public void Windows_that_are_held_back_change_no_figure(bool given)
    {
        var options = WindowOptions;
        options.Stopping.ValidationFraction = 0.25f;
        var windows = Context.Data.CreateEnumerable<WindowRowWithStatics>(Windows(Rows(0)), false).ToArray();
        var held = windows.Length / 4;
        var before = Figures();
        foreach (var row in windows[^held..])
        {
            foreach (var numbers in new[] { row.Window, row.Value, row.Price }) numbers.AsSpan().Fill(1e4f);
            (row.Size, row.Kind) = (1e4f, "never met");
            row.Weather.AsSpan().Fill("snow");
            row.Promotion.AsSpan().Fill("maybe");
            // What is missing there needs no mask that nothing was learned of.
            row.Price[^1] = float.NaN;
        }
        options.MissingValues.Handling = MissingValueHandling.Mask;
        CollectionAssert.AreEqual(before, Figures());
        windows[10].Price[3] = 6.5f;
        CollectionAssert.AreNotEqual(before, Figures());

        double[] Figures()
        {
            var data = given ? ForecastData.FromWindows(options, Context.Data.LoadFromEnumerable(windows[..^held]),
                Context.Data.LoadFromEnumerable(windows[^held..])) : ForecastData.FromWindows(options, Context.Data.LoadFromEnumerable(windows), null);
            Assert.AreEqual((windows.Length - held, held), (data.Train.Count, data.Validation!.Count));
            return
            [
                .. new[] { data.FeatureMoments(), data.StaticMoments(), data.FutureMoments!() }.SelectMany(
                    moments => Enumerable.Range(0, moments.Channels).SelectMany(i => new double[] { moments.Mean(i), moments.Scale(i) })),
                // Values that only held rows have come last, if at all, and were not met.
                .. data.SeenCategories.SelectMany(met => Enumerable.Range(0, met.Length).Where(id => met[id]).Select(id => (double)id)), data.FutureMasks,
            ];
        }
    }

    private sealed class WindowRowWithStatics
    {
        [VectorType(LeakTests.Window, 2)] public float[] Window { get; set; } = [];
        [VectorType(Horizon)] public float[] Value { get; set; } = [];
        [VectorType(LeakTests.Window)] public string[] Weather { get; set; } = [];
        [VectorType(LeakTests.Window + Horizon)] public float[] Price { get; set; } = [];
        [VectorType(LeakTests.Window + Horizon)] public string[] Promotion { get; set; } = [];
        public string Kind { get; set; } = "";
        public float Size { get; set; }
    }
}
