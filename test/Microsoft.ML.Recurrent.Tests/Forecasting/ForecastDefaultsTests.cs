using Microsoft.ML.Data;
using Microsoft.ML.Recurrent.Data;
using Microsoft.ML.Recurrent.Forecasting;
using Microsoft.ML.Recurrent.Networks;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Recurrent.Tests.Forecasting;

/// <summary>What a forecaster chooses by itself from its training windows.</summary>
[TestClass]
public sealed class ForecastDefaultsTests
{
    private static readonly MLContext Context = new(1);

    private sealed class Row
    {
        public string Series { get; set; } = "";
        public float Value { get; set; }
    }

    private sealed class DatedRow
    {
        public DateTime Time { get; set; }
        public float Number { get; set; }
        public float Value { get; set; }
    }

    private static double Normal(Random random) => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());

    private static RecurrentForecastingTransformer Fit(IEnumerable<Row> rows, Action<RecurrentForecastingEstimator.Options>? change = null)
    {
        var options = new RecurrentForecastingEstimator.Options
        {
            Input = new SeriesInputOptions { InputColumnName = "Value", SeriesColumnNames = ["Series"], WindowSize = 30 },
            Horizon = 6,
            Network = { HiddenSize = 4 },
            Stopping = { MaximumNumberOfEpochs = 1 },
            Seed = 1,
        };
        change?.Invoke(options);
        return Context.Forecasting.ForecastByRecurrentNetwork(options).Fit(Context.Data.LoadFromEnumerable(rows.ToArray()));
    }

    private static IEnumerable<Row> Weeks(int length, int seed, float scale = 1, string series = "a")
    {
        var random = new Random(seed);
        float[] week = [3, 5, 1, 8, 2, 9, 4];
        return Enumerable.Range(0, length).Select(t => new Row { Series = series, Value = scale * (50 + week[t % 7] + 0.3f * (float)Normal(random)) });
    }

    [TestMethod]
    [DataRow(ForecastStrategy.Direct)]
    [DataRow(ForecastStrategy.Recursive)]
    [DataRow(ForecastStrategy.EncoderDecoder)]
    public void A_season_is_found_where_there_is_one(ForecastStrategy strategy)
    {
        var model = Fit(Weeks(400, 1), options => (options.Decoding.Strategy, options.Decoding.LinearSkip) = (strategy, false)).Model;
        Assert.AreEqual(strategy is ForecastStrategy.Direct ? 0 : 7, model.Description.Decoder?.SeasonLength ?? 0);
        Assert.AreEqual(7, model.Manifest.Forecast!.SeasonLength);
        Assert.AreEqual(7, RecurrentModel.Load(model.File().Graph.ToArray()).Manifest.Forecast!.SeasonLength, "the file keeps it");
    }

    [TestMethod]
    public void No_season_is_found_in_a_random_walk()
    {
        var (random, level) = (new Random(2), 0.0);
        var rows = Enumerable.Range(0, 600).Select(_ => new Row { Value = (float)(level += Normal(random)) });
        Assert.AreEqual(0, Fit(rows, options => options.Decoding.LinearSkip = false).Model.Manifest.Forecast!.SeasonLength);
    }

    [TestMethod]
    public void No_season_is_looked_for_where_a_linear_path_learns_it()
    {
        Assert.AreEqual(0, Fit(Weeks(400, 1)).Model.Manifest.Forecast!.SeasonLength);
        Assert.AreEqual(7, Fit(Weeks(400, 1), options => options.Normalization.SeasonLength = 7).Model.Manifest.Forecast!.SeasonLength);
    }

    [TestMethod]
    public void The_defaults_are_those_that_were_chosen()
    {
        var options = new RecurrentForecastingEstimator.Options();
        Assert.IsNull(options.Likelihood.Loss);
        var settings = options.Settings(1);
        Assert.AreEqual((0.999f, 5, 64, 1, null),
            (settings.EmaDecay, settings.EarlyStoppingPatience, options.Network.HiddenSize, options.Network.NumberOfLayers,
                options.Network.Regularization.DropoutRate));
        Assert.AreEqual((true, null, null, CalendarFeatures.None, null, false),
            (options.Decoding.LinearSkip, options.Normalization.SeasonLength, options.Input.Features.Lags, options.Series.CalendarFeatures,
                options.Normalization.Window, options.Decoding.ShrinkTowardNaive));
        Assert.AreEqual((2e-3f, null, 0.1f, RecurrentCell.Lstm),
            (options.Optimizer.LearningRate, options.Optimizer.BatchSize, options.Stopping.ValidationShare, options.Network.Cell));
    }

    [TestMethod]
    public void The_absolute_error_is_learned_where_series_differ_in_size_else_Hubers_loss()
    {
        Row[] alike = [.. Weeks(200, 1), .. Weeks(200, 2, 3, "b")], different = [.. Weeks(200, 1), .. Weeks(200, 2, 3000, "b"), .. Weeks(200, 3, 0.001f, "c")];
        CollectionAssert.AreEqual(Forecast(alike, RegressionLoss.Huber), Forecast(alike, null));
        CollectionAssert.AreNotEqual(Forecast(alike, RegressionLoss.AbsoluteError), Forecast(alike, null));
        CollectionAssert.AreEqual(Forecast(different, RegressionLoss.AbsoluteError), Forecast(different, null));
        CollectionAssert.AreNotEqual(Forecast(different, RegressionLoss.Huber), Forecast(different, null));

        static float[] Forecast(Row[] rows, RegressionLoss? loss) =>
            Fit(rows, options => options.Likelihood = ForecastLikelihood.Point(loss)).Transform(Context.Data.LoadFromEnumerable(rows))
                .GetColumn<float[]>("Forecast").Last();
    }

    [TestMethod]
    public void Lags_are_those_of_the_frequency_where_there_is_a_time_column_of_dates()
    {
        var rows = Weeks(200, 1).Select((row, day) => new DatedRow { Time = new DateTime(2026, 1, 1).AddDays(day), Number = day, Value = row.Value }).ToArray();
        CollectionAssert.AreEqual(new[] { 7, 28 }, Lags("Time"));
        CollectionAssert.AreEqual(Array.Empty<int>(), Lags("Number"));
        CollectionAssert.AreEqual(Array.Empty<int>(), Lags(null));
        CollectionAssert.AreEqual(Array.Empty<int>(), Lags("Time", options => options.Input.Features.Lags = []));
        CollectionAssert.AreEqual(new[] { 3 }, Lags("Time", options => options.Input.Features.Lags = [3]));
        // Rows that tell no frequency have no lags, and what a model was trained with stays.
        foreach (var row in rows) row.Time = row.Time.AddHours(row.Number * row.Number % 11);
        CollectionAssert.AreEqual(Array.Empty<int>(), Lags("Time"));
        var plain = Model(null).Model;
        foreach (var row in rows) row.Time = new DateTime(2026, 1, 1).AddDays(row.Number);
        CollectionAssert.AreEqual(Array.Empty<int>(), Lags("Time", options => options.Network.Initialization.Model = plain));

        int[] Lags(string? time, Action<RecurrentForecastingEstimator.Options>? change = null) => [.. Model(time, change).Model.Description.Lags];

        RecurrentForecastingTransformer Model(string? time, Action<RecurrentForecastingEstimator.Options>? change = null)
        {
            var options = new RecurrentForecastingEstimator.Options
            {
                Input = new SeriesInputOptions { InputColumnName = "Value", TimeColumnName = time, WindowSize = 30 },
                Horizon = 6,
                Network = { HiddenSize = 4 },
                Stopping = { MaximumNumberOfEpochs = 1 },
                Seed = 1,
            };
            change?.Invoke(options);
            return Context.Forecasting.ForecastByRecurrentNetwork(options).Fit(Context.Data.LoadFromEnumerable(rows));
        }
    }

    [TestMethod]
    public void The_least_error_chooses_the_season()
    {
        Assert.AreEqual(0, SeasonChoice.Choose([0, 1, 0.95, 0.91], 10_000));
        Assert.AreEqual(3, SeasonChoice.Choose([0, 1, 0.95, 0.5, 0.9, 0.95, 0.495], 10_000), "twice as long a season is hardly better");
        Assert.AreEqual(6, SeasonChoice.Choose([0, 1, 0.95, 0.5, 0.9, 0.95, 0.4], 10_000));
        Assert.AreEqual(3, SeasonChoice.Choose([0, 1, 0.95, 0.5, 0.9, 0.95, 0.4], 10), "ten windows cannot tell");
    }

    [TestMethod]
    public void What_the_options_say_goes_before_what_is_found()
    {
        var model = Fit(Weeks(400, 1),
            options => (options.Normalization.SeasonLength, options.Normalization.Window, options.Decoding.LinearSkip) =
                (0, WindowNormalization.None, false)).Model;
        Assert.AreEqual(0, model.Manifest.Forecast!.SeasonLength);
        Assert.AreEqual(WindowNormalization.None, model.Description.WindowNormalization);
        Assert.IsNull(model.Description.LinearSkip);
    }

    [TestMethod]
    public void A_model_that_is_trained_on_keeps_its_season_and_takes_windows_of_another_length()
    {
        var initial = Fit(Weeks(400, 1), options => options.Decoding.LinearSkip = false).Model;
        var longer = Fit(Weeks(400, 3), options => (options.Network.Initialization.Model, options.Input.WindowSize) = (initial, 40)).Model;
        Assert.AreEqual(7, longer.Manifest.Forecast!.SeasonLength);
        Assert.AreEqual(40, longer.Description.Time);
    }

    [TestMethod]
    public void Series_of_very_different_size_have_windows_on_scales_of_their_own()
    {
        var alike = Fit([.. Weeks(200, 1), .. Weeks(200, 2, 3, "b")]).Model;
        var different = Fit([.. Weeks(200, 1), .. Weeks(200, 2, 3000, "b"), .. Weeks(200, 3, 0.001f, "c")],
            options => options.Stopping.MaximumNumberOfEpochs = 10);
        Assert.AreEqual(WindowNormalization.LastValue, alike.Description.WindowNormalization);
        Assert.AreEqual(WindowNormalization.Standard, different.Model.Description.WindowNormalization);

        // The smallest is foreseen as well as the others.
        using var engine = different.CreateForecastEngine(Context);
        engine.Observe(Context.Data.LoadFromEnumerable(Weeks(203, 3, 0.001f, "c")));
        var truth = Weeks(209, 3, 0.001f, "c").Skip(203).ToArray();
        var forecast = engine.Predict("c").Values;
        for (var h = 0; h < 6; h++) Assert.AreEqual(truth[h].Value, forecast[h], 0.0012f, $"step {h}");
    }

    [TestMethod]
    public void Long_series_are_learned_in_strides_that_meet_all_hours_of_the_day()
    {
        SeriesTable Table(int rows) => SeriesTableOf(Enumerable.Range(0, rows).Select(i => new Row { Value = i % 5 }));
        Assert.AreEqual(1, SeriesScales.Stride(Table(5000).Lengths, 100, 10));
        Assert.AreEqual(5, SeriesScales.Stride(Table(300_000).Lengths, 100, 10));
        Assert.AreEqual(11, SeriesScales.Stride(Table(300_000).Lengths, 300, 10), "9 would, with a day of 24 hours, begin at every third alone");

        static SeriesTable SeriesTableOf(IEnumerable<Row> rows)
        {
            return SeriesTable.Read(Context.Data.LoadFromEnumerable(rows.ToArray()), ["Value"], null, null);
        }
    }

    [TestMethod]
    [DataRow(ForecastStrategy.Direct)]
    [DataRow(ForecastStrategy.EncoderDecoder)]
    public void A_linear_path_alone_foresees_what_is_linear(ForecastStrategy strategy)
    {
        // An autoregression of order 2 with a long memory; one epoch of four cells could not learn it by itself.
        var random = new Random(4);
        double before = 0, last = 0;
        var rows = Enumerable.Range(0, 3000).Select(_ =>
        {
            (before, last) = (last, 1.6 * last - 0.9 * before + Normal(random));
            return new Row { Value = (float)last };
        }).ToArray();
        double Error(bool path)
        {
            var model = Fit(rows[..2500], options =>
                (options.Decoding.LinearSkip, options.Horizon, options.Normalization.SeasonLength, options.Decoding.Strategy) = (path, 2, 0, strategy));
            var forecasts = model.Transform(Context.Data.LoadFromEnumerable(rows[2500..])).GetColumn<float[]>("Forecast").ToArray();
            return Enumerable.Range(29, 460).Average(t => Math.Pow(forecasts[t][0] - rows[2501 + t].Value, 2));
        }
        var (with, without) = (Error(true), Error(false));
        NumberAssert.IsLessThan(1.2, with, "the noise alone has 1");
        NumberAssert.IsGreaterThan(with, without);
    }

    [TestMethod]
    public void A_linear_path_beside_a_decoder_begins_as_the_one_beside_a_direct_forecaster()
    {
        var (direct, decoder) = (Path(ForecastStrategy.Direct), Path(ForecastStrategy.EncoderDecoder));
        CollectionAssert.AreEqual(direct.Weight, decoder.Weight);
        CollectionAssert.AreEqual(direct.Bias, decoder.Bias);

        static (float[] Weight, float[] Bias) Path(ForecastStrategy strategy)
        {
            // A rate at which nothing moves: what is left is the beginning.
            var model = Fit(Weeks(200, 1),
                options => (options.Decoding.Strategy, options.Optimizer.LearningRate, options.Normalization.SeasonLength) = (strategy, 1e-30f, 0)).Model;
            ForecastEquality.Check(model, network => new PointForecastHead(default, new(30, 6, 1), network));
            using var network = model.ToNetwork();
            Assert.AreEqual(strategy is ForecastStrategy.Direct, !network.Parameters.Any(parameter => parameter.Name == LinearSkip.BiasName));
            return (network[LinearSkip.WeightName].Value.Span.ToArray(),
                network[strategy is ForecastStrategy.Direct ? "head.bias" : LinearSkip.BiasName].Value.Span.ToArray());
        }
    }

    [TestMethod]
    public void A_recursive_forecaster_has_no_linear_path()
    {
        Assert.IsNull(Fit(Weeks(200, 1), options => options.Decoding.Strategy = ForecastStrategy.Recursive).Model.Description.LinearSkip);
        var recursive = new NetworkDescription
        {
            Features = 1, Time = 5, Outputs = 2, Horizon = 2, Layers = [.. SequenceNetwork.Create().Lstm(2).StepLayers()],
            LinearSkip = new(1, 0, 1), Decoder = new() { Steps = 2, Targets = 1 }
        };
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => new Network(recursive, 1)).Message, "single step");
    }

    [TestMethod]
    public void A_linear_path_stands_in_the_summary()
    {
        var summary = Fit(Weeks(200, 1)).Model.Summary();
        StringAssert.Contains(summary, "linear skip (Add)");
        StringAssert.Contains(summary, "180");
    }

    [TestMethod]
    public void A_linear_path_needs_windows_of_one_length()
    {
        var description = new NetworkDescription
        {
            Features = 1, Outputs = 2, Horizon = 2, Layers = [.. SequenceNetwork.Create().Lstm(2).Layers()],
            LinearSkip = new(1, 0, 1)
        };
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => new Network(description, 1)).Message, "fixed size");
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => new Network(description with { Time = 5, LinearSkip = new(1, 1, 1) }, 1)).Message,
            "does not fit");
    }
}
