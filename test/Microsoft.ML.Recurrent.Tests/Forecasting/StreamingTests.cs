using Microsoft.ML.Data;
using Microsoft.ML.Recurrent.Data;
using Microsoft.ML.Recurrent.Networks;

namespace Microsoft.ML.Recurrent.Tests.Forecasting;

/// <summary>Rows that are read some series at a time.</summary>
[TestClass]
public sealed class StreamingTests
{
    private const int Window = 12, Horizon = 3;
    private static readonly ForecasterFixture<Row, Answer> Forecaster = new(() => Options);

    private sealed class Row
    {
        public int Series { get; set; }
        public float Time { get; set; }
        public float Value { get; set; }
        public string Kind { get; set; } = "";
    }

    private sealed class Answer
    {
        public float[] Forecast { get; set; } = [];
    }

    private static RecurrentForecastingEstimator.Options Options => new()
    {
        Input = new SeriesInputOptions
        {
            InputColumnName = "Value", StaticColumnNames = ["Kind"], SeriesColumnNames = ["Series"], TimeColumnName = "Time", WindowSize = Window,
        },
        Horizon = Horizon,
        Network = { HiddenSize = 12 },
        Optimizer = { LearningRate = 1e-2f },
        Stopping = { MaximumNumberOfEpochs = 3, ValidationFraction = 0.2f },
        Seed = 3,
        Output = { ConfidenceLowerBoundColumn = "Lower", ConfidenceUpperBoundColumn = "Upper" },
        Normalization = { SeasonLength = 0 },
    };

    private static Row[] Rows(int series = 40, int length = 100) =>
        [.. from s in Enumerable.Range(0, series)
            from t in Enumerable.Range(0, length + s % 7)
            select new Row { Series = s, Time = t, Value = 10 + s % 3 + MathF.Sin(t * 0.5f + s), Kind = s % 2 == 0 ? "even" : "odd" }];

    private static float[][] Forecasts(ITransformer model, Row[] rows) =>
        [.. Forecaster.Forecast(model, rows).Select(answer => answer.Forecast)];

    [TestMethod]
    public void Chunks_hold_whole_series()
    {
        var data = Forecaster.Load(Rows(series: 10));
        var layout = SeriesLayout.Resolve(data.Schema, "Value", [], [], ["Kind"], []);
        var whole = SeriesTable.Read(data, layout.Inputs, ["Series"], "Time");
        var (row, series) = (0, 0);
        var chunks = SeriesTable.ReadChunks(data, layout.Inputs, ["Series"], "Time", 250, default).ToArray();
        Assert.HasCount(4, chunks);
        foreach (var chunk in chunks)
        {
            CollectionAssert.AreEqual(whole.Values(row, chunk.Rows).ToArray(), chunk.Values(0, chunk.Rows).ToArray());
            CollectionAssert.AreEqual(whole.SourceRows[row..(row + chunk.Rows)], chunk.SourceRows);
            for (var i = 0; i < chunk.Series; i++, series++)
                Assert.AreEqual(whole.Starts[series + 1] - whole.Starts[series], chunk.Starts[i + 1] - chunk.Starts[i]);
            row += chunk.Rows;
        }
        Assert.AreEqual((whole.Rows, whole.Series), (row, series));
    }

    [TestMethod]
    public void All_windows_come_in_each_epoch_and_the_seed_tells_their_order()
    {
        var options = Options;
        options.Series.MaximumRowsInMemory = 1000;
        var data = Forecaster.Load(Rows());
        var held = Recurrent.Forecasting.ForecastData.FromSeries(Options, data, null);
        var streamed = Recurrent.Forecasting.ForecastData.FromSeries(options, data, null);
        Assert.AreEqual((held.Train.Count, held.Validation!.Count), (streamed.Train.Count, streamed.Validation!.Count));
        CollectionAssert.AreEqual(Sorted(held.Train.Batches(64), 5), Sorted(streamed.Train.Batches(64), 5));
        CollectionAssert.AreEqual(Targets(held.Validation.Batches(64), null), Targets(streamed.Validation.Batches(64), null));
        var batches = streamed.Train.Batches(64);
        var first = Targets(batches, 5);
        Assert.HasCount(streamed.Train.Count * Horizon, first);
        CollectionAssert.AreEqual(first, Targets(batches, 5));
        CollectionAssert.AreNotEqual(first, Targets(batches, 6));
        CollectionAssert.AreNotEqual(first, Targets(batches, null));
        for (var i = 0; i < 2; i++)
            Assert.AreEqual(i == 0 ? held.FeatureMoments().Mean(0) : held.FeatureMoments().Scale(0),
                i == 0 ? streamed.FeatureMoments().Mean(0) : streamed.FeatureMoments().Scale(0), 1e-4f);

        static float[] Sorted(Recurrent.Training.IBatchSource source, ulong? seed) => [.. Targets(source, seed).Order()];

        static float[] Targets(Recurrent.Training.IBatchSource source, ulong? seed)
        {
            using var batch = new SequenceBatch();
            var (targets, count) = (new List<float>(), 0);
            for (source.Begin(seed); source.Next(batch); count++) targets.AddRange(batch.Targets!.Span);
            Assert.AreEqual(source.Batches, count);
            return [.. targets];
        }
    }

    [TestMethod]
    public void A_streamed_model_is_as_good_and_the_same_seed_gives_the_same()
    {
        var options = Options;
        options.Series.MaximumRowsInMemory = 1000;
        var rows = Rows();
        var (first, second) = (Forecaster.Fit(rows, options), Forecaster.Fit(rows, options));
        using (Network one = first.Model.ToNetwork(), other = second.Model.ToNetwork())
        {
            foreach (var parameter in one.Parameters)
                CollectionAssert.AreEqual(parameter.Value.Span.ToArray(), other[parameter.Name].Value.Span.ToArray(), parameter.Name);
        }
        var (forecasts, again) = (Forecasts(first, rows), Forecasts(second, rows));
        CollectionAssert.AreEqual(forecasts[^1], again[^1]);
        double error = 0, count = 0;
        for (var i = Window; i < rows.Length - Horizon; i++)
        {
            if (rows[i].Series != rows[i + Horizon].Series || rows[i].Time < Window) continue;
            for (var h = 0; h < Horizon; h++, count++) error += Math.Abs(forecasts[i][h] - rows[i + h + 1].Value);
        }
        NumberAssert.IsLessThan(0.15, error / count);
        CollectionAssert.AreEqual(new[] { "even", "odd" }, first.Model.Manifest.Forecast!.Categories[0].Values.ToArray());
    }

    [TestMethod]
    public void Series_that_are_mixed_and_options_out_of_range_are_named()
    {
        var options = Options;
        options.Series.MaximumRowsInMemory = 1000;
        var error = Assert.ThrowsExactly<ArgumentException>(() => Forecaster.Fit(Rows().OrderBy(row => row.Time), options));
        StringAssert.Contains(error.Message, "streaming needs rows sorted by series");
        options.Series.MaximumRowsInMemory = 10;
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => Forecaster.Fit(Rows(), options)).Message,
            "MaximumRowsInMemory must be at least 1,000");
        (options.Series.MaximumRowsInMemory, options.Series.SeriesColumnNames) = (1000, []);
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => Forecaster.Fit(Rows(), options)).Message, "Input.SeriesColumnNames");
    }
}
