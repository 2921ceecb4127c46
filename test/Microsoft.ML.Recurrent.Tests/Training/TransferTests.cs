using Microsoft.ML.Recurrent.Tests.Contract;

namespace Microsoft.ML.Recurrent.Tests.Training;

/// <summary>A model of one task starts the network of another: what fits by name and shape is taken, tokens by their values.</summary>
[TestClass]
public sealed class TransferTests
{
    private readonly MLContext _context = new(1);
    private readonly List<string> _lines = [];

    public TransferTests() => _context.Log += (_, line) => _lines.Add(line.RawMessage);

    private sealed class Sentence
    {
        public string[] Words { get; set; } = [];
        public string Class { get; set; } = "x";
        public string[] Tags => [.. Words.Select(word => word.Length > 3 ? "LONG" : "SHORT")];
    }

    private IDataView Keys(params string[] sentences)
    {
        var data = _context.Data.LoadFromEnumerable(sentences.Select((text, i) => new Sentence { Words = text.Split(' '), Class = i % 2 == 0 ? "a" : "b" }));
        return _context.Transforms.Conversion.MapValueToKey("Tokens", "Words").Append(_context.Transforms.Conversion.MapValueToKey("Label", "Class"))
            .Append(_context.Transforms.Conversion.MapValueToKey("Tag", "Tags")).Fit(data).Transform(data);
    }

    private RecurrentLanguageModelTransformer LanguageModel(IDataView data, int size = 6) =>
        _context.Transforms.Text.LanguageModelByRecurrentNetwork(new()
        {
            Network = { HiddenSize = size },
            Stopping = { MaximumNumberOfEpochs = 3 },
            Seed = 1,
        }).Fit(data);

    // A rate of almost nothing: the weights are those of the start.
    private static void Still(SequenceTrainerOptions options, RecurrentModel initial, params string[] frozen)
    {
        (options.FeatureColumnName, options.Seed, options.Stopping.MaximumNumberOfEpochs) = ("Tokens", 2, 1);
        (options.Network.HiddenSize, options.Features.EmbeddingSize, options.Optimizer.LearningRate) = (6, 6, 1e-30f);
        (options.Network.Initialization.Model, options.Network.Initialization.FrozenLayers) = (initial, frozen);
    }

    private RecurrentModel Classify(IDataView data, RecurrentModel initial, Action<RecurrentMulticlassTrainer.Options>? change = null)
    {
        // The form of a language model.
        var options = new RecurrentMulticlassTrainer.Options { Network = { Bidirectional = false } };
        Still(options, initial);
        change?.Invoke(options);
        using var transformer = _context.MulticlassClassification.Trainers.RecurrentNetwork(options).Fit(data);
        return transformer.Model;
    }

    private static float[] Weights(RecurrentModel model, string name)
    {
        using var network = model.ToNetwork();
        return network[name].Value.Span.ToArray();
    }

    [TestMethod]
    public void A_language_model_starts_a_classifier_by_the_values_of_tokens()
    {
        using var language = LanguageModel(Keys("the cat eats fish", "the dog eats meat", "a bird sings"));
        // Other words in another order: two are new, and those that are lacking stay.
        var model = Classify(Keys("meat the dog", "horse eats hay", "the dog"), language.Model);
        foreach (var name in new[] { "lstm_1.weight_ih", "lstm_1.weight_hh" })
            CollectionAssert.AreEqual(Weights(language.Model, name), Weights(model, name), name);
        string[] there = [.. language.Model.Manifest.Vocabulary!.Values], here = [.. model.Manifest.Vocabulary!.Values];
        CollectionAssert.AreEqual(new[] { "meat", "the", "dog", "horse", "eats", "hay", "cat", "fish", "a", "bird", "sings" }, here);
        var (old, table) = (Weights(language.Model, "embedding_1.weight"), Weights(model, "embedding_1.weight"));
        for (var i = 0; i < here.Length; i++)
        {
            var known = Array.IndexOf(there, here[i]);
            var row = table[((i + 1) * 6)..((i + 2) * 6)];
            if (known >= 0) CollectionAssert.AreEqual(old[((known + 1) * 6)..((known + 2) * 6)], row, here[i]);
            else Assert.IsTrue(row.All(value => Math.Abs(value) <= 0.05f), here[i]);
        }
        CollectionAssert.AreEqual(old[..6], table[..6]);

        var report = model.Transfer!;
        Assert.AreEqual("LanguageModel", report.Task);
        Assert.Contains("embedding_1.weight (9 of 11 tokens)", report.Taken);
        CollectionAssert.AreEqual(new[] { "head.weight", "head.bias" }, report.New.ToArray());
        CollectionAssert.AreEqual(new[] { "head.weight", "head.bias" }, report.Unused.ToArray());
        Assert.Contains(report.ToString(), _lines);
        StringAssert.Contains(model.Summary(), report.ToString());
        Assert.IsNull(language.Model.Transfer);
        // It is saved.
        using var file = new MemoryStream();
        model.ExportToOnnx(file);
        Assert.AreEqual(report.ToString(), RecurrentModel.Load(file.ToArray()).Transfer!.ToString());
    }

    private static string[] Names(RecurrentModel model)
    {
        using var network = model.ToNetwork();
        return [.. network.Parameters.Select(parameter => parameter.Name)];
    }

    /// <summary>The forward direction of a tagger is that of the language model; the backward one is new.</summary>
    [TestMethod]
    public void A_language_model_starts_one_direction_of_a_tagger()
    {
        var data = Keys("the cat eats fish", "the dog eats meat", "a bird sings");
        using var language = LanguageModel(data);
        var options = new RecurrentTaggingTrainer.Options { LabelColumnName = "Tag" };
        Still(options, language.Model);
        using var tagger = _context.MulticlassClassification.Trainers.SequenceTagging(options).Fit(data);
        var shared = Names(language.Model).Where(name => name.StartsWith("lstm_1.", StringComparison.Ordinal)).ToArray();
        NumberAssert.IsGreaterThan(2, shared.Length);
        foreach (var name in shared) CollectionAssert.AreEqual(Weights(language.Model, name), Weights(tagger.Model, name), name);
        Assert.IsTrue(tagger.Model.Transfer!.New.Any(name => name.StartsWith("lstm_1.", StringComparison.Ordinal)), tagger.Model.Transfer.ToString());
    }

    [TestMethod]
    public void Frozen_layers_stay_and_the_others_learn()
    {
        var data = Keys("the cat eats fish", "the dog eats meat", "a bird sings");
        using var language = LanguageModel(data);
        var model = Classify(data, language.Model, options =>
        {
            (options.Optimizer.LearningRate, options.Stopping.MaximumNumberOfEpochs) = (0.05f, 3);
            options.Network.Initialization.FrozenLayers = ["embedding_1"];
        });
        CollectionAssert.AreEqual(Weights(language.Model, "embedding_1.weight")[..^6], Weights(model, "embedding_1.weight"));
        CollectionAssert.AreNotEqual(Weights(language.Model, "lstm_1.weight_hh"), Weights(model, "lstm_1.weight_hh"));
        // Of a layer that is new, nothing is there to be kept.
        var error = Assert.ThrowsExactly<ArgumentException>(() => Classify(data, language.Model, options =>
            (options.Network.Cell, options.Network.Initialization.FrozenLayers) = (RecurrentCell.Gru, ["gru_1"])));
        Assert.AreEqual("Network.Initialization.FrozenLayers", error.ParamName);
        StringAssert.Contains(error.Message, "'gru_1'");
    }

    [TestMethod]
    public void What_does_not_fit_is_listed_with_both_shapes_and_nothing_at_all_is_an_error()
    {
        var data = Keys("the cat eats fish", "the dog eats meat", "a bird sings");
        using var language = LanguageModel(data);
        var model = Classify(data, language.Model, options => options.Network.HiddenSize = 7);
        StringAssert.Contains(string.Join(' ', model.Transfer!.New), "lstm_1.weight_hh ([24, 6] there, [28, 7] here)");
        CollectionAssert.AreEqual(new[] { "embedding_1.weight (9 of 9 tokens)" }, model.Transfer.Taken.ToArray());
        Says(() => Classify(data, language.Model, options => (options.Features.EmbeddingSize, options.Network.HiddenSize) = (5, 7)),
            "nothing fits this network", "EmbeddingSize", "LanguageModel");
        Says(() => Classify(Keys("x y", "z"), language.Model), "knows none of the 3 tokens");

        static void Says(Action fit, params string[] parts)
        {
            var error = Assert.ThrowsExactly<ArgumentException>(fit);
            Assert.AreEqual("Network.Initialization.Model", error.ParamName);
            foreach (var part in parts) StringAssert.Contains(error.Message, part);
        }
    }

    /// <summary>Every pair of tasks on the same columns: from each trainer of the contract table to each other one.</summary>
    [TestMethod]
    public void Each_task_on_numbers_starts_each_other_one()
    {
        var data = ContractRow.View(ContractRow.Draw(40, 2));
        var trainers = TrainerContracts.All.Where(contract => contract.Features == "Fixed" && !contract.Name.StartsWith("Fore", StringComparison.Ordinal))
            .ToArray();
        foreach (var from in trainers)
        {
            using var first = from.Fit(_context, RecurrentCell.Gru, data);
            foreach (var to in trainers)
            {
                using var second = to.Fit(_context, RecurrentCell.Gru, ContractRow.View(ContractRow.Draw(30, 3)), options =>
                {
                    (options.Network.Initialization.Model, options.Optimizer.LearningRate) = (first.Model, 1e-30f);
                });
                CollectionAssert.AreEqual(Weights(first.Model, "gru_1.weight_hh"), Weights(second.Model, "gru_1.weight_hh"), $"{from} to {to}");
                CollectionAssert.AreEqual(Weights(first.Model, "input.mean"), Weights(second.Model, "input.mean"), $"{from} to {to}");
                Assert.AreEqual(from == to, second.Model.Transfer is null);
            }
        }
        NumberAssert.IsGreaterThan(2, trainers.Length);
    }

    /// <summary>A forecaster's layers read another space, but of the same shape: they are taken, its statistics are not.</summary>
    [TestMethod]
    public void A_forecaster_starts_a_regression_and_the_other_way()
    {
        var data = ContractRow.View(ContractRow.Draw(60, 2));
        TrainerContract regression = TrainerContracts.All.Single(contract => contract.Name == "Regression"),
            windows = TrainerContracts.All.Single(contract => contract.Name == "Forecasting of windows"),
            series = TrainerContracts.All.Single(contract => contract.Name == "Forecasting of series");
        foreach (var (from, to) in new[] { (windows, regression), (regression, windows), (regression, series), (series, regression) })
        {
            using var first = from.Fit(_context, RecurrentCell.Lstm, data);
            using var second = to.Fit(_context, RecurrentCell.Lstm, data, options =>
                (options.Network.Initialization.Model, options.Optimizer.LearningRate) = (first.Model, 1e-30f));
            CollectionAssert.AreEqual(Weights(first.Model, "lstm_1.weight_hh"), Weights(second.Model, "lstm_1.weight_hh"), $"{from} to {to}");
            Assert.IsNotNull(second.Model.Transfer);
        }
    }
}
