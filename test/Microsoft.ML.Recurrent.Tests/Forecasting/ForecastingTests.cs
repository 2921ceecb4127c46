using Microsoft.ML.Data;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Recurrent.Tests.Forecasting;

[TestClass]
public sealed class ForecastingTests
{
    private const int Window = 12, Horizon = 4;
    private static readonly MLContext Context = new(1);
    private static RecurrentForecastingTransformer s_model = null!;

    internal sealed class Point
    {
        public string Series { get; set; } = "";
        public float Time { get; set; }
        public float Value { get; set; }
    }

    private sealed class Answer
    {
        public string Series { get; set; } = "";
        public float Time { get; set; }
        public float Value { get; set; }
        public float[] Forecast { get; set; } = [];
        public float[] Lower { get; set; } = [];
        public float[] Upper { get; set; } = [];
    }

    private static RecurrentForecastingEstimator.Options Options => new()
    {
        Input = new SeriesInputOptions { InputColumnName = "Value", WindowSize = Window, SeriesColumnNames = ["Series"], TimeColumnName = "Time" },
        Horizon = Horizon,
        Network = { HiddenSize = 24 },
        Optimizer = { LearningRate = 5e-3f },
        Stopping = { MaximumNumberOfEpochs = 30, ValidationFraction = 0.2f },
        Output = { ConfidenceLowerBoundColumn = "Lower", ConfidenceUpperBoundColumn = "Upper", ConfidenceLevel = 0.9f },
        Seed = 3,
    };

    /// <summary>Two series of waves with noise, their rows alternating.</summary>
    internal static Point[] Waves(int length, int seed = 1, float noise = 0.1f)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, length).SelectMany(t => new[]
        {
            new Point { Series = "a", Time = t, Value = 50 + 10 * MathF.Sin(t * 0.5f) + noise * 10 * (float)(random.NextDouble() - 0.5) },
            new Point { Series = "b", Time = t, Value = -20 + 5 * MathF.Cos(t * 0.7f) + noise * 5 * (float)(random.NextDouble() - 0.5) },
        })];
    }

    [ClassInitialize]
    public static void Train(TestContext _) =>
        s_model = Context.Forecasting.ForecastByRecurrentNetwork(Options).Fit(Context.Data.LoadFromEnumerable(Waves(400)));

    private static Answer[] Answers(ITransformer model, IEnumerable<Point> rows) =>
        [.. Context.Data.CreateEnumerable<Answer>(model.Transform(Context.Data.LoadFromEnumerable(rows)), false)];

    [TestMethod]
    public void Forecasts_beat_the_last_value_by_far_and_keep_rows_in_order()
    {
        var rows = Waves(500);
        var answers = Answers(s_model, rows);
        Assert.AreEqual(NumberDataViewType.Single, s_model.FeatureColumnType);
        Assert.AreEqual(rows.Length, answers.Length);
        double error = 0, last = 0;
        var inside = 0;
        var count = 0;
        for (var i = 0; i < rows.Length; i++)
        {
            Assert.AreEqual(rows[i].Value, answers[i].Value);
            if (rows[i].Time < 400 || rows[i].Time >= 500 - Horizon) continue;
            for (var h = 0; h < Horizon; h++)
            {
                var truth = rows[i + 2 * (h + 1)].Value;
                error += Math.Abs(answers[i].Forecast[h] - truth);
                last += Math.Abs(rows[i].Value - truth);
                if (truth >= answers[i].Lower[h] && truth <= answers[i].Upper[h]) inside++;
                count++;
            }
        }
        NumberAssert.IsLessThan(0.3 * last, error);
        NumberAssert.IsGreaterThan(0.75, inside / (double)count);
    }

    [TestMethod]
    public void Rows_without_a_whole_window_hold_NaN()
    {
        var answers = Answers(s_model, Waves(30));
        foreach (var answer in answers)
        {
            Assert.AreEqual(answer.Time < Window - 1, float.IsNaN(answer.Forecast[0]));
            Assert.AreEqual(answer.Time < Window - 1, float.IsNaN(answer.Upper[Horizon - 1]));
        }
    }

    [TestMethod]
    public void What_comes_later_or_in_another_series_changes_nothing()
    {
        var rows = Waves(60);
        var before = Answers(s_model, rows);
        const int changed = 80;
        rows[changed].Value += 1000;
        var after = Answers(s_model, rows);
        for (var i = 0; i < rows.Length; i++)
        {
            var affected = i >= changed && rows[i].Series == rows[changed].Series && rows[i].Time < rows[changed].Time + Window;
            Assert.AreEqual(affected,
                !before[i].Forecast.SequenceEqual(after[i].Forecast) && !(float.IsNaN(before[i].Forecast[0]) && float.IsNaN(after[i].Forecast[0])), $"row {i}");
        }
    }

    [TestMethod]
    public void A_missing_value_silences_the_rows_that_would_look_at_it()
    {
        var rows = Waves(60);
        rows[60].Value = float.NaN;
        var answers = Answers(s_model, rows);
        for (var i = 0; i < rows.Length; i++)
        {
            var silent = rows[i].Time < Window - 1
                || rows[i].Series == rows[60].Series && rows[i].Time >= rows[60].Time && rows[i].Time < rows[60].Time + Window;
            Assert.AreEqual(silent, float.IsNaN(answers[i].Forecast[0]), $"row {i}");
        }
    }

    [TestMethod]
    public void Training_sorts_by_time_and_scoring_refuses_disorder()
    {
        var options = Options;
        options.Stopping.MaximumNumberOfEpochs = 2;
        var rows = Waves(100);
        var shuffled = rows.ToArray();
        new Random(2).Shuffle(shuffled);
        var sorted = Context.Forecasting.ForecastByRecurrentNetwork(options).Fit(Context.Data.LoadFromEnumerable(rows.OrderBy(row => row.Series)));
        // Series are numbered as they are met: in the shuffled rows "a" has to come first too.
        var mixed = Context.Forecasting.ForecastByRecurrentNetwork(options)
            .Fit(Context.Data.LoadFromEnumerable(shuffled.SkipWhile(row => row.Series != "a").Concat(shuffled.TakeWhile(row => row.Series != "a"))));
        CollectionAssert.AreEqual(Answers(sorted, rows)[^1].Forecast, Answers(mixed, rows)[^1].Forecast);
        var error = Assert.ThrowsExactly<ArgumentException>(() => Answers(sorted, [.. rows.Take(50), rows[3]]));
        StringAssert.Contains(error.Message, "'Time'");
        StringAssert.Contains(error.Message, "sort them by time first");
    }

    [TestMethod]
    public void Saved_and_loaded_it_forecasts_the_same()
    {
        var rows = Waves(40);
        using var file = new MemoryStream();
        Context.Model.Save(s_model, Context.Data.LoadFromEnumerable(rows).Schema, file);
        file.Position = 0;
        var loaded = new MLContext().Model.Load(file, out _);
        CollectionAssert.AreEqual(Answers(s_model, rows)[^1].Forecast, Answers(loaded, rows)[^1].Forecast);
        CollectionAssert.AreEqual(Answers(s_model, rows)[^1].Lower, Answers(loaded, rows)[^1].Lower);
    }

    [TestMethod]
    public void Rows_that_are_series_have_no_prediction_engine_and_say_why()
    {
        var error = Assert.Throws<Exception>(() => Context.Model.CreatePredictionEngine<Point, Answer>(s_model));
        Assert.IsNotNull(error.Message);
    }

    [TestMethod]
    [DataRow(WindowNormalization.None)]
    [DataRow(WindowNormalization.LastValue)]
    [DataRow(WindowNormalization.Standard)]
    public void Several_targets_and_covariates_in_every_normalisation(WindowNormalization normalization)
    {
        var rows = Enumerable.Range(0, 400)
            .Select(t => new Vector { Values = [20 + 3 * MathF.Sin(t * 0.4f), -5 + 2 * MathF.Cos(t * 0.3f)], Hint = MathF.Sin(t * 0.4f) }).ToArray();
        var options = new RecurrentForecastingEstimator.Options
        {
            Input = { InputColumnName = "Values", PastCovariateColumnNames = ["Hint"], WindowSize = 10 },
            Horizon = 3,
            Normalization = { Window = normalization },
            Network = { HiddenSize = 24 },
            Optimizer = { LearningRate = 5e-3f },
            Stopping = { MaximumNumberOfEpochs = 30 },
            Seed = 2,
        };
        var data = Context.Data.LoadFromEnumerable(rows);
        var view = Context.Forecasting.ForecastByRecurrentNetwork(options).Fit(data).Transform(data);
        VBuffer<ReadOnlyMemory<char>> names = default;
        view.Schema["Forecast"].GetSlotNames(ref names);
        Assert.AreEqual(6, names.Length);
        var forecasts = view.GetColumn<float[]>("Forecast").ToArray();
        double error = 0;
        for (var t = 9; t < 397; t++)
        {
            for (var i = 0; i < 6; i++) error += Math.Abs(forecasts[t][i] - rows[t + 1 + i / 2].Values[i % 2]) / (388 * 6);
        }
        NumberAssert.IsLessThan(0.5, error);
    }

    [TestMethod]
    public void A_season_is_carried_on_before_anything_is_learned()
    {
        // A pattern of seven steps that repeats exactly, at a level that differs from series to series and rises.
        float[] pattern = [5, -3, 8, 0, 2, -6, 1];
        var rows = Enumerable.Range(0, 140).Select(t => new Point { Series = "a", Time = t, Value = 100 + pattern[t % 7] }).ToArray();
        var options = new RecurrentForecastingEstimator.Options
        {
            Input = new SeriesInputOptions { InputColumnName = "Value", WindowSize = 14, TrainingStride = 3 },
            Horizon = 10,
            Normalization = { SeasonLength = 7 },
            Network = { HiddenSize = 4 },
            Stopping = { MaximumNumberOfEpochs = 20 },
            Optimizer = { LearningRate = 1e-2f },
            Seed = 1,
        };
        var answers = Forecasts(Context.Forecasting.ForecastByRecurrentNetwork(options).Fit(Context.Data.LoadFromEnumerable(rows)), rows);
        for (var t = 13; t < 120; t++)
        {
            for (var h = 0; h < 10; h++) Assert.AreEqual(rows[t + 1 + h].Value, answers[t][h], 1f);
        }

        static float[][] Forecasts(ITransformer model, Point[] rows) =>
            [.. model.Transform(Context.Data.LoadFromEnumerable(rows)).GetColumn<float[]>("Forecast")];
    }

    private sealed class Vector
    {
        [VectorType(2)] public float[] Values { get; set; } = [];
        public float Hint { get; set; }
    }
}
