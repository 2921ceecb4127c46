using Microsoft.ML.Data;
using Microsoft.ML.Recurrent.Tests.Training;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using static Microsoft.ML.Recurrent.Tests.Training.SequenceTasks;

namespace Microsoft.ML.Recurrent.Tests.Classification;

[TestClass]
public sealed class ClassificationTrainerTests
{
    private static readonly MLContext Context = new(1);

    private sealed class BinaryPrediction
    {
        public bool PredictedLabel { get; set; }
        public float Score { get; set; }
        public float Probability { get; set; }
    }

    private sealed class ClassPrediction
    {
        public string PredictedClass { get; set; } = "";
        public float[] Score { get; set; } = [];
    }

    private static RecurrentBinaryTrainer.Options Binary =>
        new()
        {
            Network = { Cell = RecurrentCell.Gru, HiddenSize = 16 },
            Stopping = { MaximumNumberOfEpochs = 40 },
            Optimizer = { LearningRate = 1e-2f },
            Seed = 5,
        };

    [TestMethod]
    public void Binary_remembers_the_first_step()
    {
        var model = Context.BinaryClassification.Trainers.RecurrentNetwork(Binary).Fit(Context.Data.LoadFromEnumerable(Firsts(800, 1)));
        var rows = Firsts(300, 2);
        var scored = model.Transform(Context.Data.LoadFromEnumerable(rows));
        var metrics = Context.BinaryClassification.Evaluate(scored);
        NumberAssert.IsGreaterThan(0.95, metrics.Accuracy);
        NumberAssert.IsGreaterThan(0.98, metrics.AreaUnderRocCurve);
        using var engine = Context.Model.CreatePredictionEngine<FirstRow, BinaryPrediction>(model);
        var expected = Context.Data.CreateEnumerable<BinaryPrediction>(scored, false).ToArray();
        for (var i = 0; i < 20; i++)
        {
            var answer = engine.Predict(rows[i]);
            Assert.AreEqual(expected[i].PredictedLabel, answer.PredictedLabel);
            Assert.AreEqual(expected[i].Probability, answer.Probability, 1e-5f);
            Assert.AreEqual(1 / (1 + MathF.Exp(-answer.Score)), answer.Probability, 1e-5f);
            Assert.AreEqual(answer.Score > 0, answer.PredictedLabel);
        }
    }

    [TestMethod]
    public void Binary_cross_validation_runs()
    {
        var options = Binary;
        options.Stopping.MaximumNumberOfEpochs = 30;
        var results = Context.BinaryClassification.CrossValidate(Context.Data.LoadFromEnumerable(Firsts(900, 3)),
            Context.BinaryClassification.Trainers.RecurrentNetwork(options), numberOfFolds: 3);
        NumberAssert.IsGreaterThan(0.85, results.Average(result => result.Metrics.Accuracy));
    }

    [TestMethod]
    public void Tokens_go_through_an_embedding_and_key_values_come_back()
    {
        var data = Context.Data.LoadFromEnumerable(Words(300, 1));
        var pipeline = Context.Transforms.Conversion.MapValueToKey("Words").Append(Context.Transforms.Conversion.MapValueToKey("Label", "Class"))
            .Append(Context.MulticlassClassification.Trainers.RecurrentNetwork(new()
            {
                FeatureColumnName = "Words",
                Network = { HiddenSize = 16 },
                Features = { EmbeddingSize = 8 },
                Stopping = { MaximumNumberOfEpochs = 20 },
                Optimizer = { LearningRate = 1e-2f },
            }))
            .Append(Context.Transforms.Conversion.MapKeyToValue("PredictedClass", "PredictedLabel"));
        var model = pipeline.Fit(data);
        var rows = Words(100, 2);
        var scored = model.Transform(Context.Data.LoadFromEnumerable(rows));
        NumberAssert.IsGreaterThan(0.97, Context.MulticlassClassification.Evaluate(scored).MicroAccuracy);
        VBuffer<ReadOnlyMemory<char>> names = default;
        scored.Schema["Score"].GetSlotNames(ref names);
        CollectionAssert.AreEquivalent(new[] { "RED", "GREEN", "BLUE" }, names.DenseValues().Select(name => name.ToString()).ToArray());

        using var file = new MemoryStream();
        Context.Model.Save(model, data.Schema, file);
        file.Position = 0;
        var loaded = new MLContext().Model.Load(file, out var schema);
        using var engine = Context.Model.CreatePredictionEngine<WordRow, ClassPrediction>(loaded, schema);
        foreach (var row in rows.Take(20))
        {
            var answer = engine.Predict(row);
            Assert.AreEqual(1, answer.Score.Sum(), 1e-5f);
            Assert.AreEqual(row.Class, answer.PredictedClass);
        }
        // A word that training did not see is the missing key.
        Assert.AreEqual("RED", engine.Predict(new() { Words = ["red", "unheard"] }).PredictedClass);
    }

    [TestMethod]
    public void Multiclass_cross_validation_runs_inside_a_pipeline()
    {
        var pipeline = Context.Transforms.Conversion.MapValueToKey("Words").Append(Context.Transforms.Conversion.MapValueToKey("Label", "Class"))
            .Append(Context.MulticlassClassification.Trainers.SimpleRnn("Label", "Words", hiddenSize: 16, maximumNumberOfEpochs: 15));
        var results = Context.MulticlassClassification.CrossValidate(Context.Data.LoadFromEnumerable(Words(600, 4)), pipeline, numberOfFolds: 3);
        NumberAssert.IsGreaterThan(0.9, results.Average(result => result.Metrics.MicroAccuracy));
    }

    [TestMethod]
    public void An_own_network_is_used()
    {
        var network = SequenceNetwork.Create().Lstm(8, bidirectional: true, name: "reader").Pool(SequencePooling.Max).Dense(6);
        var options = Binary;
        (options.Network.Custom, options.Stopping.MaximumNumberOfEpochs) = (network, 2);
        var model = Context.BinaryClassification.Trainers.RecurrentNetwork(options).Fit(Context.Data.LoadFromEnumerable(Firsts(100, 1)));
        StringAssert.Contains(model.Model.Summary(), "reader");
    }
}
