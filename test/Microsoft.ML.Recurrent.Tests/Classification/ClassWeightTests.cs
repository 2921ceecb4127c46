using Microsoft.ML.Data;
using static Microsoft.ML.Recurrent.Tests.Training.SequenceTasks;

namespace Microsoft.ML.Recurrent.Tests.Classification;

/// <summary>Classes that count differently, and smoothed labels, through the trainers.</summary>
[TestClass]
public sealed class ClassWeightTests
{
    private static readonly MLContext Context = new(1);

    private sealed class NoisyRow
    {
        [VectorType(4)] public float[] Features { get; set; } = [];
        public bool Label { get; set; }
    }

    /// <summary>One row in ten is positive, and no row says for sure: by the plain loss no row is called positive.</summary>
    private static NoisyRow[] Rare(int count, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ =>
        {
            var label = random.Next(10) == 0;
            return new NoisyRow { Label = label, Features = [.. Enumerable.Range(0, 4).Select(_ => (float)(random.NextDouble() - 0.5 + (label ? 0.1 : 0)))] };
        })];
    }

    [TestMethod]
    public void A_rare_class_is_found_where_it_counts_more()
    {
        double Recall(Action<RecurrentBinaryTrainer.Options> change)
        {
            var options = new RecurrentBinaryTrainer.Options
            {
                Network = { HiddenSize = 4 },
                Stopping = { MaximumNumberOfEpochs = 15 },
                Optimizer = { LearningRate = 0.01f },
                Loss = { LabelSmoothing = 0 },
                Seed = 5,
            };
            change(options);
            using var model = Context.BinaryClassification.Trainers.RecurrentNetwork(options).Fit(Context.Data.LoadFromEnumerable(Rare(1500, 1)));
            return Context.BinaryClassification.Evaluate(model.Transform(Context.Data.LoadFromEnumerable(Rare(600, 2)))).PositiveRecall;
        }

        NumberAssert.IsLessThan(0.2, Recall(_ => { }));
        NumberAssert.IsGreaterThan(0.4, Recall(options => options.Loss.BalanceClasses = true));
        NumberAssert.IsGreaterThan(0.4, Recall(options => options.Loss.WeightOfPositiveExamples = 9));
    }

    [TestMethod]
    public void Balanced_classes_count_by_their_share()
    {
        // Twice as many of one class as of each other.
        var rows = Words(240, 3);
        rows = [.. rows.Where(row => row.Class == "RED").Take(60), .. rows.Where(row => row.Class == "GREEN").Take(30),
            .. rows.Where(row => row.Class == "BLUE").Take(30)];
        double[] Losses(Action<RecurrentMulticlassTrainer.Options> change)
        {
            var options = new RecurrentMulticlassTrainer.Options
            {
                Network = { HiddenSize = 6 },
                Features = { EmbeddingSize = 4 },
                Stopping = { MaximumNumberOfEpochs = 3, ValidationFraction = 0 },
                Loss = { LabelSmoothing = 0 },
                Seed = 5,
            };
            change(options);
            using var model = Fit(rows, options);
            return [.. model.Model.History.Epochs.Select(epoch => epoch.Loss)];
        }

        var balanced = Losses(options => options.Loss.BalanceClasses = true);
        // Keys are in the order of their first appearance: red, green, blue.
        CollectionAssert.AreEqual(Losses(options => options.Loss.ClassWeights = [120f / (3 * 60), 120f / (3 * 30), 120f / (3 * 30)]), balanced);
        CollectionAssert.AreNotEqual(Losses(_ => { }), balanced);
        CollectionAssert.AreEqual(Losses(_ => { }), Losses(options => options.Loss.ClassWeights = [1, 1, 1]));
    }

    [TestMethod]
    public void Smoothed_labels_make_a_network_less_sure()
    {
        float Sureness(float smoothing)
        {
            using var model = Fit(Words(200, 3),
                new()
                {
                    Network = { HiddenSize = 8, Regularization = { DropoutRate = 0 } },
                    Features = { EmbeddingSize = 8 },
                    Stopping = { MaximumNumberOfEpochs = 25 },
                    Optimizer = { LearningRate = 0.02f },
                    Seed = 5,
                    Loss = { LabelSmoothing = smoothing },
                });
            return model.Transform(Data(Words(200, 3))).GetColumn<float[]>("Score").Average(scores => scores.Max());
        }

        var (plain, smooth) = (Sureness(0), Sureness(0.3f));
        NumberAssert.IsGreaterThan(0.95f, plain);
        // The sure class of a perfect network has 1 - 0.3 + 0.3 / 3.
        Assert.AreEqual(0.8f, smooth, 0.05f);

        using var binary = Context.BinaryClassification.Trainers.RecurrentNetwork(new RecurrentBinaryTrainer.Options
        {
            Network = { Cell = RecurrentCell.Gru, HiddenSize = 12 },
            Stopping = { MaximumNumberOfEpochs = 40 },
            Optimizer = { LearningRate = 0.01f },
            Seed = 5,
            Loss = { LabelSmoothing = 0.2f },
        }).Fit(Context.Data.LoadFromEnumerable(Firsts(600, 1)));
        var probabilities = binary.Transform(Context.Data.LoadFromEnumerable(Firsts(300, 2))).GetColumn<float>("Probability").ToArray();
        Assert.AreEqual(0.9f, probabilities.Where(p => p > 0.5f).Average(), 0.05f);
    }

    [TestMethod]
    public void Bad_weights_are_named()
    {
        foreach (var weights in new float[][] { [1, -1, 1], [1, float.NaN, 1], [0, 0, 0], [] })
            Assert.AreEqual("Loss.ClassWeights",
                Assert.Throws<ArgumentException>(() => Fit(Words(30, 3), new() { Loss = { ClassWeights = weights } })).ParamName);
        var count = Assert.Throws<ArgumentException>(() => Fit(Words(30, 3), new() { Loss = { ClassWeights = [1, 2] } }));
        Assert.AreEqual("Loss.ClassWeights", count.ParamName);
        StringAssert.Contains(count.Message, "2 numbers");
        StringAssert.Contains(count.Message, "3 keys");
        Assert.Throws<ArgumentException>(() => Fit(Words(30, 3), new() { Loss = { ClassWeights = [1, 1, 1], BalanceClasses = true } }));
        Assert.AreEqual("Loss.LabelSmoothing", Assert.Throws<ArgumentException>(() => Fit(Words(30, 3), new() { Loss = { LabelSmoothing = 1 } })).ParamName);
        foreach (var weight in new[] { 0, -1, float.NaN, float.PositiveInfinity })
            Assert.AreEqual("Loss.WeightOfPositiveExamples",
                Assert.Throws<ArgumentException>(() => Context.BinaryClassification.Trainers.RecurrentNetwork(
                    new RecurrentBinaryTrainer.Options { Loss = { WeightOfPositiveExamples = weight } })).ParamName);
        Assert.Throws<ArgumentException>(() =>
            Context.BinaryClassification.Trainers.RecurrentNetwork(new RecurrentBinaryTrainer.Options
            {
                Loss = { WeightOfPositiveExamples = 2, BalanceClasses = true },
            }));
    }

    private static IDataView Data(WordRow[] rows)
    {
        var data = Context.Data.LoadFromEnumerable(rows);
        return Context.Transforms.Conversion.MapValueToKey("Label", "Class").Append(Context.Transforms.Conversion.MapValueToKey("Features", "Words")).Fit(data)
            .Transform(data);
    }

    private static RecurrentMulticlassTransformer Fit(WordRow[] rows, RecurrentMulticlassTrainer.Options options) =>
        Context.MulticlassClassification.Trainers.RecurrentNetwork(options).Fit(Data(rows));
}
