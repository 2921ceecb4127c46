using Microsoft.ML.Data;
using Microsoft.ML.Recurrent.Scoring;
using Microsoft.ML.Recurrent.Tests.Scoring;

namespace Microsoft.ML.Recurrent.Tests.Hosting;

/// <summary>ML.NET's own tools upon our columns: they find what they need by type and annotation alone.</summary>
[TestClass]
public sealed class MlNetToolsTests
{
    private readonly MLContext _context = new(1);

    [TestMethod]
    public void ConfusionMatricesNameTheClasses()
    {
        using var transformer = HostedModels.Multiclass(_context, new(LabelKind.Text, ["low", "middle", "high"]), seed: 81);
        var rows = HostedModels.Rows(90).Select((row, i) => new ClassRow { Features = row.Features, Label = new[] { "low", "middle", "high" }[i % 3] }).ToArray();
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
    public void BinaryMetricsUseTheProbability()
    {
        using var transformer = HostedModels.Binary(_context, seed: 82);
        var metrics = _context.BinaryClassification.Evaluate(transformer.Transform(HostedModels.Data(_context, 200)), "Flag");
        Assert.IsTrue(double.IsFinite(metrics.LogLoss) && metrics.AreaUnderRocCurve is >= 0 and <= 1);
    }

    [TestMethod]
    public void FeaturesThatMatterAreFoundByPermutation()
    {
        using var transformer = HostedModels.Regression(_context, seed: 83);
        var scored = transformer.Transform(HostedModels.Data(_context, 200));
        // The model's own answers are the labels, so that every number it reads matters.
        var labelled = _context.Data.LoadFromEnumerable(HostedModels.Rows(200).Zip(HostedModels.Column<float>(scored, "Score"), (row, score) => new NumberRow { Features = row.Features, Label = score }));
        var importance = _context.Regression.PermutationFeatureImportance(transformer, labelled, permutationCount: 1);
        Assert.HasCount(HostedModels.Steps * HostedModels.Features, importance);
        Assert.IsTrue(importance.All(metrics => metrics.RootMeanSquaredError.Mean > 0));
    }

    [TestMethod]
    public void AnEngineIsToldOfAnArrayOfTheWrongLength()
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
    public void RowsThatLookBackAreReadInOrderByOneCursor()
    {
        var rows = Enumerable.Range(0, 300).Select(i => new SeriesRow { Value = MathF.Sin(i * 0.3f), Number = i }).ToArray();
        var data = _context.Data.Cache(_context.Data.LoadFromEnumerable(rows));
        using var transformer = _context.Forecasting.ForecastByLstm("Forecast", "Value", windowSize: 4, horizon: 2, hiddenSize: 4, maximumNumberOfEpochs: 1).Fit(data);
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
