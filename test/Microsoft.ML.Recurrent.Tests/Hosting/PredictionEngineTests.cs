using Microsoft.ML.Data;
using Microsoft.ML.Recurrent.Model;
using Microsoft.ML.Recurrent.Scoring;
using Microsoft.ML.Recurrent.Tests.Scoring;

namespace Microsoft.ML.Recurrent.Tests.Hosting;

[TestClass]
public sealed class PredictionEngineTests
{
    private readonly MLContext _context = new(1);

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public void An_engine_says_what_transform_says(bool varying)
    {
        using var transformer = HostedModels.Regression(_context, varying, seed: 51);
        var rows = HostedModels.Rows(40, varying).ToArray();
        var expected = HostedModels.Column<float>(transformer.Transform(HostedModels.Load(_context, rows, varying)), "Score");
        using var engine = Engine<ScoreRow>(transformer, varying);
        for (var i = 0; i < rows.Length; i++) Assert.AreEqual(expected[i], engine.Predict(rows[i]).Score, 1e-5f);
    }

    [TestMethod]
    public void One_prediction_is_one_run()
    {
        using var transformer = HostedModels.Binary(_context, seed: 52);
        using var engine = Engine<BinaryRow>(transformer);
        var rows = HostedModels.Rows(10).ToArray();
        foreach (var row in rows)
        {
            var answer = engine.Predict(row);
            Assert.AreEqual(answer.Score > 0, answer.PredictedLabel);
            Assert.AreEqual(1 / (1 + MathF.Exp(-answer.Score)), answer.Probability, 1e-6f);
        }
        Assert.AreEqual(10L, transformer.Runs);
    }

    [TestMethod]
    public void Keys_become_their_values_again()
    {
        using var transformer = HostedModels.Multiclass(_context, new(LabelKind.Text, ["low", "middle", "high"]), seed: 53);
        var data = HostedModels.Data(_context, 10);
        var back = _context.Transforms.Conversion.MapKeyToValue("PredictedLabel").Fit(transformer.Transform(data));
        using var engine = Engine<NamedRow>(new TransformerChain<ITransformer>(transformer, back));
        foreach (var row in HostedModels.Rows(10))
        {
            var answer = engine.Predict(row);
            Assert.AreEqual(1f, answer.Score.Sum(), 1e-5f);
            Assert.AreEqual(new[] { "low", "middle", "high" }[Array.IndexOf(answer.Score, answer.Score.Max())], answer.PredictedLabel);
        }
    }

    [TestMethod]
    public void Disposing_one_engine_leaves_the_others_working()
    {
        var transformer = HostedModels.Regression(_context, seed: 54);
        var rows = HostedModels.Rows(5).ToArray();
        var first = Engine<ScoreRow>(transformer);
        var second = Engine<ScoreRow>(transformer);
        var expected = rows.Select(row => first.Predict(row).Score).ToArray();
        first.Dispose();
        transformer.Dispose();
        CollectionAssert.AreEqual(expected, rows.Select(row => second.Predict(row).Score).ToArray());
        second.Dispose();
        transformer.Dispose();
        Assert.AreEqual(0, OnnxSessions.Leases(transformer.Model.Identity));
    }

    [TestMethod]
    public void Many_engines_may_predict_at_the_same_time()
    {
        using var transformer = HostedModels.Regression(_context, seed: 55);
        transformer.Scoring = new() { NumberOfThreads = 1 };
        var rows = HostedModels.Rows(50).ToArray();
        using var reference = Engine<ScoreRow>(transformer);
        var expected = rows.Select(row => reference.Predict(row).Score).ToArray();
        // Created before one of them disposes of the transformer.
        PredictionEngine<HostedModels.Row, ScoreRow>[] engines = [.. Enumerable.Range(0, 8).Select(_ => Engine<ScoreRow>(transformer))];
        Parallel.For(0, engines.Length, thread =>
        {
            var engine = engines[thread];
            for (var i = 0; i < rows.Length; i++)
            {
                if (thread % 2 == 0 && i == 25) transformer.Dispose();
                Assert.AreEqual(expected[i], engine.Predict(rows[i]).Score);
            }
        });
    }

    private PredictionEngine<HostedModels.Row, TResult> Engine<TResult>(ITransformer transformer, bool varying = false) where TResult : class, new() =>
        _context.Model.CreatePredictionEngine<HostedModels.Row, TResult>(transformer, inputSchemaDefinition: HostedModels.Definition(varying));

    private sealed class ScoreRow
    {
        public float Score { get; set; }
    }

    private sealed class BinaryRow
    {
        public bool PredictedLabel { get; set; }
        public float Score { get; set; }
        public float Probability { get; set; }
    }

    private sealed class NamedRow
    {
        public string PredictedLabel { get; set; } = "";
        public float[] Score { get; set; } = [];
    }
}
