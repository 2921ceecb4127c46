using Microsoft.ML.Data;
using Microsoft.ML.Recurrent.Tests.Training;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using static Microsoft.ML.Recurrent.Tests.Training.SequenceTasks;

namespace Microsoft.ML.Recurrent.Tests.Regression;

[TestClass]
public sealed class RegressionTrainerTests
{
    private static readonly MLContext Context = new(1);
    private static RecurrentRegressionTransformer s_model = null!;

    private sealed class Prediction
    {
        public float Score { get; set; }
    }

    private static RecurrentRegressionTrainer.Options Options => new()
    {
        Network = { HiddenSize = 16 },
        Stopping = { MaximumNumberOfEpochs = 40 },
        Optimizer = { LearningRate = 1e-2f },
        Seed = 5,
    };

    [ClassInitialize]
    public static void Train(TestContext _) =>
        s_model = Context.Regression.Trainers.RecurrentNetwork(Options).Fit(Context.Data.LoadFromEnumerable(Sums(800, 1)));

    [TestMethod]
    public void Learns_the_sum_of_sequences_of_varying_length()
    {
        var metrics = Context.Regression.Evaluate(s_model.Transform(Context.Data.LoadFromEnumerable(Sums(300, 2))));
        NumberAssert.IsGreaterThan(0.98, metrics.RSquared);
        Assert.AreEqual(s_model.Model.History.Epochs[s_model.Model.History.BestEpoch - 1].ValidationLoss,
            s_model.Model.History.Epochs.Min(epoch => epoch.ValidationLoss));
    }

    [TestMethod]
    public void A_prediction_engine_gives_the_views_answers()
    {
        var rows = Sums(20, 3);
        var batch = s_model.Transform(Context.Data.LoadFromEnumerable(rows)).GetColumn<float>("Score").ToArray();
        using var engine = Context.Model.CreatePredictionEngine<SumRow, Prediction>(s_model, new PredictionEngineOptions { OwnsTransformer = false });
        for (var i = 0; i < rows.Length; i++) Assert.AreEqual(batch[i], engine.Predict(rows[i]).Score, 1e-3f);
    }

    [TestMethod]
    public void Saved_and_loaded_it_answers_the_same()
    {
        var data = Context.Data.LoadFromEnumerable(Sums(50, 4));
        using var file = new MemoryStream();
        Context.Model.Save(s_model, data.Schema, file);
        file.Position = 0;
        var loaded = new MLContext().Model.Load(file, out _);
        CollectionAssert.AreEqual(s_model.Transform(data).GetColumn<float>("Score").ToArray(), loaded.Transform(data).GetColumn<float>("Score").ToArray());
    }

    [TestMethod]
    public void Cross_validation_runs()
    {
        var options = Options;
        options.Stopping.MaximumNumberOfEpochs = 25;
        var results = Context.Regression.CrossValidate(Context.Data.LoadFromEnumerable(Sums(600, 6)), Context.Regression.Trainers.RecurrentNetwork(options),
            numberOfFolds: 3);
        NumberAssert.IsGreaterThan(0.9, results.Average(result => result.Metrics.RSquared));
    }

    [TestMethod]
    public void The_same_seed_gives_the_same_model_whatever_the_threads()
    {
        var data = Context.Data.LoadFromEnumerable(Sums(200, 7));
        string Hash(int seed, int threads) => Context.Regression.Trainers
            .RecurrentNetwork(new()
            {
                Network = { HiddenSize = 8, Regularization = { DropoutRate = 0.2f } },
                Stopping = { MaximumNumberOfEpochs = 3 },
                Seed = seed,
                NumberOfThreads = threads,
            }).Fit(data)
            .Transform(data).GetColumn<float>("Score").Aggregate("", (text, score) => text + BitConverter.SingleToInt32Bits(score).ToString("x8"));
        var first = Hash(3, 1);
        Assert.AreEqual(first, Hash(3, 2));
        Assert.AreNotEqual(first, Hash(4, 1));
    }

    [TestMethod]
    public void The_environments_seed_is_used_where_none_is_given()
    {
        float[] Scores(MLContext context)
        {
            var data = context.Data.LoadFromEnumerable(Sums(100, 7));
            return [.. context.Regression.Trainers.Gru(hiddenSize: 4, maximumNumberOfEpochs: 2).Fit(data).Transform(data).GetColumn<float>("Score")];
        }
        CollectionAssert.AreEqual(Scores(new(11)), Scores(new(11)));
        CollectionAssert.AreNotEqual(Scores(new(11)), Scores(new(12)));
    }

    [TestMethod]
    public void A_row_of_no_weight_teaches_nothing()
    {
        var rows = Sums(600, 8);
        // A third of the rows lies, and weighs nothing: neither in the loss nor in the scale of the label.
        for (var i = 0; i < rows.Length; i += 3) (rows[i].Label, rows[i].Weight) = (-1e6f, 0);
        var options = Options;
        options.ExampleWeightColumnName = "Weight";
        var model = Context.Regression.Trainers.RecurrentNetwork(options).Fit(Context.Data.LoadFromEnumerable(rows));
        NumberAssert.IsGreaterThan(0.9, Context.Regression.Evaluate(model.Transform(Context.Data.LoadFromEnumerable(Sums(200, 9)))).RSquared);
    }

    [TestMethod]
    public void Channels_and_statics_are_joined()
    {
        var random = new Random(3);
        var rows = Enumerable.Range(0, 600).Select(_ =>
        {
            float[] a = [.. Enumerable.Range(0, 6).Select(_ => (float)random.NextDouble())],
                b = [.. Enumerable.Range(0, 6).Select(_ => (float)random.NextDouble())];
            var s = (float)random.NextDouble();
            return new Channels { A = a, B = b, S = s, Label = a.Sum() - 2 * b.Sum() + 5 * s };
        }).ToArray();
        var options = Options;
        (options.FeatureColumnName, options.Features.AdditionalColumnNames, options.Features.StaticColumnNames) = ("A", ["B"], ["S"]);
        var data = Context.Data.LoadFromEnumerable(rows);
        var model = Context.Regression.Trainers.RecurrentNetwork(options).Fit(data);
        NumberAssert.IsGreaterThan(0.95, Context.Regression.Evaluate(model.Transform(data)).RSquared);
        Assert.AreEqual("A", model.FeatureColumnName);
    }

    [TestMethod]
    public void Truncated_gradients_learn_what_lies_within_their_steps()
    {
        var data = Context.Data.LoadFromEnumerable(Sums(600, 11));
        // Rows have 3 to 8 steps.
        var whole = Scores(null, SequencePooling.Last).Scores;
        CollectionAssert.AreEqual(whole, Scores(8, SequencePooling.Last).Scores);
        CollectionAssert.AreNotEqual(whole, Scores(2, SequencePooling.Last).Scores);
        NumberAssert.IsGreaterThan(0.9, Scores(2, SequencePooling.Mean).RSquared);
        var options = Options;
        (options.TruncatedBpttSteps, options.Optimizer.Gradients.CheckpointSteps) = (4, 4);
        Assert.Contains("Optimizer.Gradients.CheckpointSteps",
            Assert.Throws<ArgumentException>(() => Context.Regression.Trainers.RecurrentNetwork(options)).Message);

        (float[] Scores, double RSquared) Scores(int? steps, SequencePooling pooling)
        {
            var options = Options;
            (options.TruncatedBpttSteps, options.Network.Pooling, options.Stopping.MaximumNumberOfEpochs) =
                (steps, pooling, pooling is SequencePooling.Last ? 3 : 30);
            using var model = Context.Regression.Trainers.RecurrentNetwork(options).Fit(data);
            var scored = model.Transform(data);
            return ([.. scored.GetColumn<float>("Score")], Context.Regression.Evaluate(scored).RSquared);
        }
    }

    private sealed class Channels
    {
        [VectorType(6)] public float[] A { get; set; } = [];
        [VectorType(6)] public float[] B { get; set; } = [];
        public float S { get; set; }
        public float Label { get; set; }
    }
}
