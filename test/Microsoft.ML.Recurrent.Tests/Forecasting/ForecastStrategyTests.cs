using Microsoft.ML.Data;
using Microsoft.ML.Recurrent.Forecasting;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Recurrent.Tests.Forecasting;

/// <summary>
/// Forecasters that go on step by step: they learn, look at nothing later, are saved and kept up to date like direct ones, and refuse what they cannot do.
/// </summary>
[TestClass]
public sealed class ForecastStrategyTests
{
    private const int Window = 12, Horizon = 6;
    private static readonly MLContext Context = new(1);

    private sealed class Day
    {
        public string Shop { get; set; } = "";
        public float Time { get; set; }

        [VectorType(2)]
        public float[] Sales { get; set; } = [];

        public float Open { get; set; }
        public float Weather { get; set; }
        public float Size { get; set; }
    }

    private sealed class Answer
    {
        public string Series { get; set; } = "";
        public float Time { get; set; }
        public float Value { get; set; }
        public float[] Forecast { get; set; } = [];
    }

    private sealed class DayAnswer
    {
        public string Shop { get; set; } = "";
        public float Time { get; set; }
        public float[] Sales { get; set; } = [];
        public float[] Forecast { get; set; } = [];
        public float[] Lower { get; set; } = [];
        public float[] Upper { get; set; } = [];
    }

    public static IEnumerable<object?[]> Strategies =>
    [
        [ForecastStrategy.Recursive, WindowNormalization.LastValue, null],
        [ForecastStrategy.Recursive, WindowNormalization.Standard, TeacherForcing.Linear(10)],
        [ForecastStrategy.EncoderDecoder, WindowNormalization.LastValue, TeacherForcing.Constant(0.5f)],
        [ForecastStrategy.EncoderDecoder, WindowNormalization.None, null],
    ];

    private static RecurrentForecastingEstimator.Options Options(ForecastStrategy strategy) => new()
    {
        Input = new SeriesInputOptions { InputColumnName = "Value", WindowSize = Window, SeriesColumnNames = ["Series"], TimeColumnName = "Time" },
        Horizon = Horizon,
        Network = { HiddenSize = 24, Cell = RecurrentCell.Gru },
        Optimizer = { LearningRate = 5e-3f },
        Stopping = { MaximumNumberOfEpochs = 30, ValidationFraction = 0.2f },
        Seed = 3,
        Decoding = { Strategy = strategy },
    };

    // Two shops that are closed on some days, which is known ahead; sales go by weekday and weather.
    private static Day[] Days(int length, int seed = 1)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, length).SelectMany(t => new[] { "a", "b" }.Select(shop =>
        {
            var (open, weather, size) = (random.Next(5) > 0 ? 1f : 0, random.NextSingle(), shop == "a" ? 1f : 3);
            return new Day { Shop = shop, Time = t, Open = open, Weather = weather, Size = size,
                Sales = [size * open * (20 + 5 * MathF.Sin(t * MathF.Tau / 7)), 4 + MathF.Cos(t * MathF.Tau / 7)] };
        }))];
    }

    private static RecurrentForecastingEstimator.Options DayOptions(ForecastStrategy strategy) => new()
    {
        Input = new SeriesInputOptions
        {
            InputColumnName = "Sales", WindowSize = 14, SeriesColumnNames = ["Shop"], TimeColumnName = "Time", FutureCovariateColumnNames = ["Open"],
            StaticColumnNames = ["Size"],
        },
        Horizon = 7,
        Network = { HiddenSize = 24 },
        Optimizer = { LearningRate = 5e-3f },
        Stopping = { MaximumNumberOfEpochs = 25 },
        Seed = 3,
        Decoding = { Strategy = strategy },
        Output = { ConfidenceLowerBoundColumn = "Lower", ConfidenceUpperBoundColumn = "Upper" },
        Normalization = { Window = WindowNormalization.None, SeasonLength = 0 },
    };

    [TestMethod]
    [DynamicData(nameof(Strategies))]
    public void Forecasts_beat_the_last_value_by_far(ForecastStrategy strategy, WindowNormalization normalization, TeacherForcing? forcing)
    {
        var options = Options(strategy);
        (options.Normalization.Window, options.Decoding.TeacherForcing) = (normalization, forcing);
        var model = Context.Forecasting.ForecastByRecurrentNetwork(options).Fit(Context.Data.LoadFromEnumerable(ForecastingTests.Waves(400)));
        var rows = ForecastingTests.Waves(500);
        var answers = Context.Data.CreateEnumerable<Answer>(model.Transform(Context.Data.LoadFromEnumerable(rows)), false).ToArray();
        double error = 0, last = 0;
        for (var i = 800; i < rows.Length - 2 * Horizon; i++)
        {
            for (var h = 0; h < Horizon; h++)
            {
                error += Math.Abs(answers[i].Forecast[h] - rows[i + 2 * (h + 1)].Value);
                last += Math.Abs(rows[i].Value - rows[i + 2 * (h + 1)].Value);
            }
        }
        NumberAssert.IsLessThan(0.3 * last, error);
    }

    /// <summary>Several targets, what is known ahead, statics, bounds and attention in one.</summary>
    [TestMethod]
    [DataRow(ForecastStrategy.Recursive, null)]
    [DataRow(ForecastStrategy.EncoderDecoder, null)]
    [DataRow(ForecastStrategy.EncoderDecoder, AttentionForm.General)]
    public void What_is_known_ahead_is_used_at_its_step_and_nothing_later_is(ForecastStrategy strategy, AttentionForm? attention)
    {
        var options = DayOptions(strategy);
        (options.Decoding.Attention, options.Decoding.InputFeeding) = (attention, attention is not null);
        var model = Context.Forecasting.ForecastByRecurrentNetwork(options).Fit(Context.Data.LoadFromEnumerable(Days(300)));
        var rows = Days(60, 2);
        var before = Score(rows);
        double error = 0, open = 0;
        for (var i = 0; i < rows.Length; i++)
        {
            if (rows[i].Time < 13 || rows[i].Time >= 60 - 7) continue;
            for (var h = 0; h < 7; h++)
            {
                var truth = rows[i + 2 * (h + 1)].Sales[0];
                error += Math.Abs(before[i].Forecast[2 * h] - truth) / rows[i].Size;
                // As good as it gets without knowing which days are open: the median is a day that is.
                open += Math.Abs(rows[i].Size * (20 + 5 * MathF.Sin((rows[i].Time + 1 + h) * MathF.Tau / 7)) - truth) / rows[i].Size;
            }
        }
        NumberAssert.IsLessThan(0.6 * open, error);

        // Another target at time 30 moves the forecasts from then on only; whether the shop is open on that day, those whose horizon has it too: from that step
        // on.
        const int changed = 60;
        rows[changed].Sales = [500, 500];
        var after = Score(rows);
        for (var i = 0; i < rows.Length; i++)
        {
            if (rows[i].Shop != rows[changed].Shop || rows[i].Time < 30) CollectionAssert.AreEqual(before[i].Forecast, after[i].Forecast, $"row {i}");
            else if (rows[i].Time < 44) CollectionAssert.AreNotEqual(before[i].Forecast, after[i].Forecast, $"row {i}");
        }
        rows = Days(60, 2);
        rows[changed].Open = 1 - rows[changed].Open;
        after = Score(rows);
        for (var i = 0; i < rows.Length; i++)
        {
            if (rows[i].Shop != rows[changed].Shop || rows[i].Time < 23) CollectionAssert.AreEqual(before[i].Forecast, after[i].Forecast, $"row {i}");
            if (rows[i].Shop != rows[changed].Shop || rows[i].Time is not (>= 23 and < 30)) continue;
            var step = 29 - (int)rows[i].Time;
            CollectionAssert.AreEqual(before[i].Forecast[..(2 * step)], after[i].Forecast[..(2 * step)], $"row {i}");
            Assert.AreNotEqual(before[i].Forecast[2 * step], after[i].Forecast[2 * step], $"row {i}");
        }

        DayAnswer[] Score(Day[] days) => [.. Context.Data.CreateEnumerable<DayAnswer>(model.Transform(Context.Data.LoadFromEnumerable(days)), false)];
    }

    private sealed class Sale
    {
        public string Shop { get; set; } = "";
        public string Promotion { get; set; } = "";
        public float Sales { get; set; }
    }

    /// <summary>Sales that only the shop and the promotion of the same step tell, both of them texts.</summary>
    [TestMethod]
    [DataRow(ForecastStrategy.Recursive)]
    [DataRow(ForecastStrategy.EncoderDecoder)]
    public void Categories_go_into_their_steps(ForecastStrategy strategy)
    {
        var model = Context.Forecasting.ForecastByRecurrentNetwork(new()
        {
            Input = new SeriesInputOptions
            {
                InputColumnName = "Sales", StaticColumnNames = ["Shop"], FutureCovariateColumnNames = ["Promotion"], SeriesColumnNames = ["Shop"],
                WindowSize = 6, Features = { Lags = [2, 5] },
            },
            Horizon = 3,
            Network = { HiddenSize = 16 },
            Optimizer = { LearningRate = 1e-2f },
            Stopping = { MaximumNumberOfEpochs = 30 },
            Seed = 3,
            Decoding = { Strategy = strategy },
            Normalization = { Window = WindowNormalization.Standard },
        }).Fit(Context.Data.LoadFromEnumerable(Rows(200, 1)));
        var rows = Rows(40, 2);
        var forecasts = model.Transform(Context.Data.LoadFromEnumerable(rows)).GetColumn<float[]>("Forecast").ToArray();
        double error = 0, count = 0;
        for (var i = 10; i < rows.Length - 6; i++)
            for (var h = 0; h < 3; h++, count++) error += Math.Abs(forecasts[i][h] - rows[i + 2 * (h + 1)].Sales);
        NumberAssert.IsLessThan(1.2, error / count);
        ForecastEquality.Check(model.Model, network => new PointForecastHead(default, new(6, 3, 1), network),
            (random, input) => input.IsCategory ? random.Next(3) : 4 * random.NextSingle() - 2);

        static Sale[] Rows(int length, int seed)
        {
            var random = new Random(seed);
            return [.. from t in Enumerable.Range(0, length)
                       from shop in (string[])["big", "small"]
                       let promotion = random.Next(3)
                       select new Sale { Shop = shop, Promotion = ((string[])["", "coupon", "display"])[promotion],
                           Sales = (shop == "big" ? 20 : 10) + 4 * promotion }];
        }
    }

    [TestMethod]
    [DataRow(ForecastStrategy.Recursive, WindowNormalization.Standard)]
    [DataRow(ForecastStrategy.Recursive, WindowNormalization.LastValue)]
    [DataRow(ForecastStrategy.EncoderDecoder, WindowNormalization.LastValue)]
    public void Missing_values_are_passed_over(ForecastStrategy strategy, WindowNormalization normalization)
    {
        var (rows, random) = (ForecastingTests.Waves(300), new Random(4));
        foreach (var row in rows) row.Value = random.Next(10) == 0 ? float.NaN : row.Value;
        var options = Options(strategy);
        (options.Normalization.Window, options.Decoding.TeacherForcing) = (normalization, TeacherForcing.Constant(1));
        var model = Context.Forecasting.ForecastByRecurrentNetwork(options).Fit(Context.Data.LoadFromEnumerable(rows));
        var (error, last) = (0.0, 0.0);
        var truth = ForecastingTests.Waves(300);
        var answers = Context.Data.CreateEnumerable<Answer>(model.Transform(Context.Data.LoadFromEnumerable(rows)), false).ToArray();
        for (var i = 2 * Window; i < rows.Length - 2 * Horizon; i++)
        {
            Assert.IsTrue(answers[i].Forecast.All(float.IsFinite));
            error += Math.Abs(answers[i].Forecast[1] - truth[i + 4].Value);
            last += Math.Abs(truth[i].Value - truth[i + 4].Value);
        }
        NumberAssert.IsLessThan(0.4 * last, error);
        ForecastEquality.Check(model.Model, network => new PointForecastHead(default, new(Window, Horizon, 1, model.Model.Manifest.Forecast!.SeasonLength),
            network), (draw, _) => draw.Next(5) == 0 ? float.NaN : 4 * draw.NextSingle() - 2);
    }

    [TestMethod]
    [DataRow(ForecastStrategy.Recursive)]
    [DataRow(ForecastStrategy.EncoderDecoder)]
    public void A_model_is_saved_and_kept_up_to_date(ForecastStrategy strategy)
    {
        var options = Options(strategy);
        options.Stopping.MaximumNumberOfEpochs = 2;
        var rows = Context.Data.LoadFromEnumerable(ForecastingTests.Waves(60));
        var model = Context.Forecasting.ForecastByRecurrentNetwork(options).Fit(rows);
        using var file = new MemoryStream();
        Context.Model.Save(model, rows.Schema, file);
        file.Position = 0;
        var loaded = Context.Model.Load(file, out _);
        var expected = Context.Data.CreateEnumerable<Answer>(model.Transform(rows), false).ToArray();
        CollectionAssert.AreEqual(expected[^1].Forecast, Context.Data.CreateEnumerable<Answer>(loaded.Transform(rows), false).Last().Forecast);
        using var engine = loaded.CreateForecastEngine(Context);
        engine.Observe(rows);
        var forecast = engine.Predict("b", 2 * Horizon).Values;
        for (var h = 0; h < Horizon; h++) Assert.AreEqual(expected[^1].Forecast[h], forecast[h], 1e-4f);
        Assert.IsTrue(forecast.All(double.IsFinite));
        Assert.Contains("decoder (", model.Model.Summary());
    }

    [TestMethod]
    public void The_same_seed_gives_the_same_forecasts_and_goes_on_from_a_model()
    {
        var options = Options(ForecastStrategy.EncoderDecoder);
        (options.Stopping.MaximumNumberOfEpochs, options.Decoding.TeacherForcing, options.Network.Regularization.DropoutRate, options.Likelihood) =
            (3, TeacherForcing.Linear(2), 0.1f, ForecastLikelihood.Point(RegressionLoss.SquaredError));
        var rows = Context.Data.LoadFromEnumerable(ForecastingTests.Waves(80));
        var first = Fit();
        CollectionAssert.AreEqual(Last(first), Last(Fit()));
        var model = first.Model;
        var loss = model.History.Epochs[^1].ValidationLoss;
        options.Network.Initialization.Model = model;
        NumberAssert.IsLessThan(loss!.Value, Fit().Model.History.Epochs[^1].ValidationLoss!.Value);
        options.Normalization.SeasonLength = 3;
        Assert.Contains("season length", Assert.Throws<ArgumentException>(() => Fit()).Message);
        (options.Normalization.SeasonLength, options.Decoding.Strategy) = (0, ForecastStrategy.Recursive);
        Assert.Contains("strategy", Assert.Throws<ArgumentException>(() => Fit()).Message);

        float[] Last(RecurrentForecastingTransformer transformer) => Context.Data.CreateEnumerable<Answer>(transformer.Transform(rows), false).Last().Forecast;

        RecurrentForecastingTransformer Fit() => Context.Forecasting.ForecastByRecurrentNetwork(options).Fit(rows);
    }

    [TestMethod]
    public void Rows_that_hold_windows_go_on_step_by_step_too()
    {
        var rows = Context.Data.CreateWindows(Context.Data.LoadFromEnumerable(ForecastingTests.Waves(100)), "Window", ["Value"], windowSize: Window,
            horizon: Horizon, labelColumnName: "Value", seriesColumnName: "Series", timeColumnName: "Time");
        var options = Options(ForecastStrategy.Recursive);
        options.Input = new WindowInputOptions { InputColumnName = "Window", LabelColumnName = "Value", WindowSize = Window };
        options.Stopping.MaximumNumberOfEpochs = 2;
        var model = Context.Forecasting.ForecastByRecurrentNetwork(options).Fit(rows);
        Assert.IsTrue(model.Transform(rows).GetColumn<float[]>("Forecast").All(forecast => forecast.Length == Horizon && forecast.All(float.IsFinite)));
    }

    [TestMethod]
    public void What_a_strategy_cannot_do_is_refused_with_the_remedy()
    {
        Refused("Input.PastCovariateColumnNames", "further targets", options => options.Input.PastCovariateColumnNames = ["Series"]);
        Refused("Network.Bidirectional", "EncoderDecoder", options => options.Network.Bidirectional = true);
        Refused("Network.Pooling", "Last", options => options.Network.Pooling = SequencePooling.Mean);
        Refused("Network.Pooling", "Last",
            options => (options.Decoding.Strategy, options.Network.Pooling) = (ForecastStrategy.EncoderDecoder, SequencePooling.Max));
        Refused("Decoding.Attention", "EncoderDecoder", options => options.Decoding.Attention = AttentionForm.Dot);
        Refused("Decoding.InputFeeding", "Decoding.Attention",
            options => (options.Decoding.Strategy, options.Decoding.InputFeeding) = (ForecastStrategy.EncoderDecoder, true));
        Refused("Decoding.TeacherForcing", "Recursive",
            options => (options.Decoding.Strategy, options.Decoding.TeacherForcing) = (ForecastStrategy.Direct, TeacherForcing.Linear(3)));
        Refused("Decoding.Strategy", "Direct, Recursive, EncoderDecoder", options => options.Decoding.Strategy = (ForecastStrategy)9);
        Refused("Network.Custom", "recurrent layer",
            options => (options.Decoding.Strategy, options.Network.Custom) = (ForecastStrategy.EncoderDecoder, SequenceNetwork.Create().Dense(4)));
        Refused(null, "'gru_1'", options => options.Network.Custom = SequenceNetwork.Create().Gru(4, bidirectional: true));
        Refused("Network.Custom", "'pooling_1'", options => options.Network.Custom = SequenceNetwork.Create().Gru(4).Pool(SequencePooling.Mean));

        static void Refused(string? parameter, string reason, Action<RecurrentForecastingEstimator.Options> change)
        {
            var options = Options(ForecastStrategy.Recursive);
            change(options);
            var error = Assert.Throws<ArgumentException>(
                () => Context.Forecasting.ForecastByRecurrentNetwork(options).Fit(Context.Data.LoadFromEnumerable(ForecastingTests.Waves(60))), reason);
            Assert.AreEqual(parameter, error.ParamName);
            Assert.Contains(reason, error.Message);
        }
    }

    [TestMethod]
    public void A_window_with_more_than_targets_cannot_be_recursive()
    {
        var rows = Context.Data.CreateWindows(Context.Data.LoadFromEnumerable(ForecastingTests.Waves(60)), "Window", ["Value", "Time"], windowSize: Window,
            horizon: Horizon, labelColumnName: "Value", seriesColumnName: "Series", timeColumnName: "Time");
        var options = Options(ForecastStrategy.Recursive);
        options.Input = new WindowInputOptions { InputColumnName = "Window", LabelColumnName = "Value", WindowSize = Window };
        Assert.Contains("more than the 1 targets",
            Assert.Throws<ArgumentException>(() => Context.Forecasting.ForecastByRecurrentNetwork(options).Fit(rows)).Message);
    }
}
