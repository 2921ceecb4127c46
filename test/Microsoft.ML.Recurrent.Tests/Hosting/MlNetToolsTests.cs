using Microsoft.ML.Data;
using Microsoft.ML.Recurrent.Model;
using Microsoft.ML.Recurrent.Scoring;
using Microsoft.ML.Recurrent.Tests.Scoring;

namespace Microsoft.ML.Recurrent.Tests.Hosting;

/// <summary>ML.NET's own tools upon our columns: they find what they need by type and annotation alone.</summary>
[TestClass]
public sealed class MlNetToolsTests
{
    private readonly MLContext _context = new(1);

    [TestMethod]
    public void Confusion_matrices_name_the_classes()
    {
        using var transformer = HostedModels.Multiclass(_context, new(LabelKind.Text, ["low", "middle", "high"]), seed: 81);
        var rows = HostedModels.Rows(90).Select((row, i) => new ClassRow { Features = row.Features, Label = new[] { "low", "middle", "high" }[i % 3] })
            .ToArray();
        var data = _context.Data.LoadFromEnumerable(rows);
        data = _context.Transforms.Conversion.MapValueToKey("Label").Fit(data).Transform(data);
        var metrics = _context.MulticlassClassification.Evaluate(transformer.Transform(data));
        Assert.AreEqual(3, metrics.ConfusionMatrix.NumberOfClasses);
        Assert.AreEqual(90.0, metrics.ConfusionMatrix.Counts.Sum(counts => counts.Sum()));
        var table = metrics.ConfusionMatrix.GetFormattedConfusionTable();
        foreach (var name in new[] { "low", "middle", "high" }) StringAssert.Contains(table, name);
        Assert.IsTrue(double.IsFinite(metrics.LogLoss));
    }

    [TestMethod]
    public void Binary_metrics_use_the_probability()
    {
        using var transformer = HostedModels.Binary(_context, seed: 82);
        var metrics = _context.BinaryClassification.Evaluate(transformer.Transform(HostedModels.Data(_context, 200)), "Flag");
        Assert.IsTrue(double.IsFinite(metrics.LogLoss) && metrics.AreaUnderRocCurve is >= 0 and <= 1);
    }

    [TestMethod]
    public void Features_that_matter_are_found_by_permutation()
    {
        using var transformer = HostedModels.Regression(_context, seed: 83);
        var scored = transformer.Transform(HostedModels.Data(_context, 200));
        // The model's own answers are the labels, so that every number it reads matters.
        var labelled = _context.Data.LoadFromEnumerable(HostedModels.Rows(200).Zip(HostedModels.Column<float>(scored, "Score"),
            (row, score) => new NumberRow { Features = row.Features, Label = score }));
        var importance = _context.Regression.PermutationFeatureImportance(transformer, labelled, permutationCount: 1);
        Assert.HasCount(HostedModels.Steps * HostedModels.Features, importance);
        Assert.IsTrue(importance.All(metrics => metrics.RootMeanSquaredError.Mean > 0));
    }

    [TestMethod]
    public void An_engine_is_told_of_an_array_of_the_wrong_length()
    {
        using var transformer = HostedModels.Regression(_context, seed: 84);
        using var engine = _context.Model.CreatePredictionEngine<NumberRow, ScoreRow>(transformer);
        Assert.IsTrue(float.IsFinite(engine.Predict(new() { Features = new float[10] }).Score));
        var error = Assert.Throws<Exception>(() => engine.Predict(new() { Features = new float[8] }));
        Assert.IsTrue(error is ArgumentException or InvalidOperationException, error.ToString());
        // And goes on working.
        Assert.IsTrue(float.IsFinite(engine.Predict(new() { Features = new float[10] }).Score));
    }

    [TestMethod]
    public void Scored_data_is_saved_previewed_and_cached()
    {
        using var transformer = HostedModels.Multiclass(_context, new(LabelKind.Text, ["low", "middle", "high"]), seed: 85);
        var scored = transformer.Transform(HostedModels.Data(_context, 600));
        var expected = HostedModels.Column<float[]>(scored, "Score").SelectMany(values => values).ToArray();
        using var binary = new MemoryStream();
        _context.Data.SaveAsBinary(scored, binary, keepHidden: false);
        var file = Path.GetTempFileName();
        try
        {
            File.WriteAllBytes(file, binary.ToArray());
            var loaded = _context.Data.LoadFromBinary(file);
            CollectionAssert.AreEqual(expected, HostedModels.Column<float[]>(loaded, "Score").SelectMany(values => values).ToArray());
            Assert.AreEqual(scored.Schema["PredictedLabel"].Type, loaded.Schema["PredictedLabel"].Type);
        }
        finally
        {
            File.Delete(file);
        }
        using var text = new MemoryStream();
        _context.Data.SaveAsText(scored, text);
        NumberAssert.IsGreaterThan(600, System.Text.Encoding.UTF8.GetString(text.ToArray()).Count(character => character == '\n'));
        Assert.HasCount(5, scored.Preview(5).RowView);
        CollectionAssert.AreEqual(expected, HostedModels.Column<float[]>(_context.Data.Cache(scored), "Score").SelectMany(values => values).ToArray());
        CollectionAssert.AreEqual(expected[..30],
            HostedModels.Column<float[]>(_context.Data.TakeRows(scored, 10), "Score").SelectMany(values => values).ToArray());
    }

    [TestMethod]
    public void Further_steps_may_read_in_parallel()
    {
        using var transformer = HostedModels.Regression(_context, seed: 86);
        transformer.Scoring = new() { BatchSize = 32, NumberOfThreads = 1 };
        var data = _context.Data.Cache(HostedModels.Data(_context, 3000));
        var expected = HostedModels.Column<float>(transformer.Transform(data), "Score");
        // A step of ML.NET's that maps rows asks its source for several cursors and puts their rows in order again.
        var chain = new TransformerChain<ITransformer>(transformer, _context.Transforms.Concatenate("Both", "Score", "Score").Fit(transformer.Transform(data)));
        var view = chain.Transform(data);
        CollectionAssert.AreEqual(expected.SelectMany(score => new[] { score, score }).ToArray(),
            HostedModels.Column<float[]>(view, "Both").SelectMany(values => values).ToArray());
        CollectionAssert.AreEqual(Enumerable.Range(0, 3000).ToArray(), HostedModels.Column<int>(view, "Number"));
    }

    [TestMethod]
    public void The_cpu_in_the_gpus_place_is_warned_of()
    {
        var context = new MLContext(1);
        List<string> messages = [];
        context.Log += (_, message) => messages.Add(message.Message);
        using var transformer = HostedModels.Regression(context, seed: 89);
        transformer.Scoring = new() { GpuDeviceId = 99, FallbackToCpu = true };
        Assert.HasCount(3, HostedModels.Column<float>(transformer.Transform(HostedModels.Data(context, 3)), "Score"));
        Assert.HasCount(3, HostedModels.Column<float>(transformer.Transform(HostedModels.Data(context, 3)), "Score"));
        var warning = messages.Single(message => message.Contains("on the CPU instead", StringComparison.Ordinal));
        StringAssert.Contains(warning, "Kind=Warning");
    }

    [TestMethod]
    public void The_contexts_device_holds_where_the_transformer_names_none()
    {
        var context = new MLContext(1) { GpuDeviceId = 99, FallbackToCpu = false };
        using var transformer = HostedModels.Regression(context, seed: 87);
        Assert.ThrowsExactly<ScoringDeviceException>(() => HostedModels.Column<float>(transformer.Transform(HostedModels.Data(context, 3)), "Score"));
        context.FallbackToCpu = true;
        using var other = HostedModels.Regression(context, seed: 88);
        Assert.HasCount(3, HostedModels.Column<float>(other.Transform(HostedModels.Data(context, 3)), "Score"));
    }

    [TestMethod]
    public void Rows_that_look_back_are_read_in_order_by_one_cursor()
    {
        var rows = Enumerable.Range(0, 300).Select(i => new SeriesRow { Value = MathF.Sin(i * 0.3f), Number = i }).ToArray();
        var data = _context.Data.Cache(_context.Data.LoadFromEnumerable(rows));
        using var transformer = _context.Forecasting.ForecastByLstm("Forecast", "Value", windowSize: 4, horizon: 2, hiddenSize: 4, maximumNumberOfEpochs: 1)
            .Fit(data);
        var scored = transformer.Transform(data);
        Assert.IsFalse(scored.CanShuffle);
        var expected = HostedModels.Column<float[]>(scored, "Forecast");
        using var cursor = scored.GetRowCursorSet([scored.Schema["Number"], scored.Schema["Forecast"]], 4, new Random(1)).Single();
        var number = cursor.GetGetter<int>(scored.Schema["Number"]);
        var forecast = cursor.GetGetter<VBuffer<float>>(scored.Schema["Forecast"]);
        var (n, f) = (0, default(VBuffer<float>));
        for (var i = 0; cursor.MoveNext(); i++)
        {
            number(ref n);
            forecast(ref f);
            Assert.AreEqual(i, n);
            CollectionAssert.AreEqual(expected[i], f.DenseValues().ToArray());
            Assert.AreEqual(i < 3, f.DenseValues().All(float.IsNaN));
        }
        Assert.AreEqual(300, n + 1);
        Assert.AreEqual(2, OnnxSessions.Leases(transformer.Model.Identity), "the transformer's own and the cursor's");
    }

    private sealed class ClassRow
    {
        [VectorType(HostedModels.Steps, HostedModels.Features)]
        public float[] Features = [];

        public string Label = "";
    }

    private sealed class NumberRow
    {
        [VectorType(HostedModels.Steps, HostedModels.Features)]
        public float[] Features = [];

        public float Label;
    }

    private sealed class ScoreRow
    {
        public float Score { get; set; }
    }

    private sealed class SeriesRow
    {
        public float Value;
        public int Number;
    }
}
