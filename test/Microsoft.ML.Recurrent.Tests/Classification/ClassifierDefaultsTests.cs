using Microsoft.ML.Recurrent.Layers;
using static Microsoft.ML.Recurrent.Tests.Training.SequenceTasks;

namespace Microsoft.ML.Recurrent.Tests.Classification;

/// <summary>Options of classifiers that are null are chosen by the data; those that are set stay.</summary>
[TestClass]
public sealed class ClassifierDefaultsTests
{
    private static readonly MLContext Context = new(1);

    [TestMethod]
    public void Tokens()
    {
        CollectionAssert.AreEqual(new[] { "embedding", "recurrent, two directions", "dropout 0.3", "pooling Max" }, Layers(FitWords(_ => { })));
        // Words, which are more than characters.
        CollectionAssert.AreEqual(new[] { "embedding", "dropout 0.5", "recurrent, two directions", "dropout 0.5", "pooling Max" },
            Layers(FitWords(_ => { }, more: 250)));
        CollectionAssert.AreEqual(new[] { "embedding", "dropout 0.1", "recurrent, two directions", "dropout 0.1", "pooling Max" },
            Layers(FitWords(options => options.Network.Regularization.DropoutRate = 0.1f)));
        CollectionAssert.AreEqual(new[] { "embedding", "dropout 0.2", "recurrent, two directions", "pooling Max" },
            Layers(FitWords(options => (options.Network.Regularization.DropoutRate, options.Network.Regularization.EmbeddingDropoutRate) = (0, 0.2f))));
    }

    [TestMethod]
    public void Numbers() => CollectionAssert.AreEqual(new[] { "recurrent, two directions", "dropout 0.2", "pooling Max" }, Layers(FitNumbers(100, _ => { })));

    [TestMethod]
    public void What_is_set_stays()
    {
        CollectionAssert.AreEqual(new[] { "embedding", "recurrent", "pooling Mean" }, Layers(FitWords(options =>
        {
            (options.Network.Bidirectional, options.Network.Pooling) = (false, SequencePooling.Mean);
            options.Network.Regularization.DropoutRate = 0;
        })));
        // One direction, for scoring step by step or for truncated gradients, ends in the last state.
        foreach (var change in new Action<RecurrentBinaryTrainer.Options>[] { options => options.Network.Bidirectional = false,
            options => options.TruncatedBpttSteps = 5 })
            CollectionAssert.AreEqual(new[] { "recurrent", "dropout 0.2", "pooling Last" }, Layers(FitNumbers(100, change)));
    }

    [TestMethod]
    public void Few_rows_are_all_learned_at_a_rate_that_falls()
    {
        Assert.AreEqual((false, true), Held(FitNumbers(499, _ => { })));
        Assert.AreEqual((true, false), Held(FitNumbers(500, _ => { })));
        // Early stopping needs a part to stop by.
        Assert.AreEqual((true, false), Held(FitNumbers(100, options => options.Stopping.Patience = 5)));
        Assert.AreEqual((true, false), Held(FitNumbers(100, options => options.Stopping.Metric = ValidationMetric.Accuracy)));
        Assert.AreEqual((true, false), Held(FitNumbers(100, options => options.Stopping.ValidationFraction = 0.2f)));
        Assert.AreEqual((false, true), Held(FitNumbers(600, options => options.Stopping.ValidationFraction = 0)));
        Assert.AreEqual((false, false), Held(FitNumbers(100, options => options.Optimizer.LearningRateSchedule = LearningRateSchedule.Constant())));

        var trainer = Trainer(_ => { });
        using var given = trainer.Fit(Data(100), Data(30));
        Assert.AreEqual((true, false), Held(given));
        // Each fit chooses anew.
        using var few = trainer.Fit(Data(100));
        using var many = trainer.Fit(Data(600));
        Assert.AreEqual(((false, true), (true, false)), (Held(few), Held(many)));
    }

    [TestMethod]
    public void Words_of_a_regression_keep_the_last_state()
    {
        var keys = Context.Transforms.Conversion.MapValueToKey("Words").Append(Context.Transforms.Conversion.ConvertType("Label", "Class"));
        var rows = Context.Data.LoadFromEnumerable(Words(40, 1).Select(row => new WordRow { Words = row.Words, Class = "1" }).ToArray());
        using var model = Context.Regression.Trainers.RecurrentNetwork(new RecurrentRegressionTrainer.Options
        {
            FeatureColumnName = "Words",
            Network = { HiddenSize = 4 },
            Stopping = { MaximumNumberOfEpochs = 1 },
        }).Fit(keys.Fit(rows).Transform(rows));
        CollectionAssert.AreEqual(new[] { "embedding", "recurrent", "pooling Last" }, model.Model.Description.Layers.Select(Describe).ToArray());
    }

    // Whether rows were held out, and whether the last learning rate was lower than the first.
    private static (bool Held, bool Falls) Held(RecurrentBinaryTransformer model)
    {
        var epochs = model.Model.History.Epochs;
        return (epochs[0].ValidationLoss is not null, epochs[^1].LearningRate < epochs[0].LearningRate);
    }

    private static IDataView Data(int rows) => Context.Data.LoadFromEnumerable(Firsts(rows, 1));

    private static RecurrentBinaryTransformer FitNumbers(int rows, Action<RecurrentBinaryTrainer.Options> change) => Trainer(change).Fit(Data(rows));

    private static RecurrentBinaryTrainer Trainer(Action<RecurrentBinaryTrainer.Options> change)
    {
        var options = new RecurrentBinaryTrainer.Options { Network = { HiddenSize = 4 }, Stopping = { MaximumNumberOfEpochs = 2 } };
        change(options);
        return Context.BinaryClassification.Trainers.RecurrentNetwork(options);
    }

    private static RecurrentMulticlassTransformer FitWords(Action<RecurrentMulticlassTrainer.Options> change, int more = 0)
    {
        var options = new RecurrentMulticlassTrainer.Options
        {
            FeatureColumnName = "Words",
            Network = { HiddenSize = 4 },
            Stopping = { MaximumNumberOfEpochs = 1 },
        };
        change(options);
        var drawn = Words(40, 1);
        drawn[0].Words = [.. drawn[0].Words, .. Enumerable.Range(0, more).Select(i => $"word {i}")];
        var rows = Context.Data.LoadFromEnumerable(drawn);
        var keys = Context.Transforms.Conversion.MapValueToKey("Words").Append(Context.Transforms.Conversion.MapValueToKey("Label", "Class"));
        return Context.MulticlassClassification.Trainers.RecurrentNetwork(options).Fit(keys.Fit(rows).Transform(rows));
    }

    private static string[] Layers(RecurrentBinaryTransformer model) => [.. model.Model.Description.Layers.Select(Describe)];

    private static string[] Layers(RecurrentMulticlassTransformer model) => [.. model.Model.Description.Layers.Select(Describe)];

    private static string Describe(LayerDescription layer) => layer switch
    {
        EmbeddingDescription => "embedding",
        DropoutDescription dropout => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"dropout {dropout.Rate}"),
        RecurrentDescription recurrent => recurrent.Bidirectional ? "recurrent, two directions" : "recurrent",
        PoolingDescription pooling => $"pooling {pooling.Pooling}",
        _ => layer.Name,
    };
}
