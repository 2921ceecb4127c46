using Microsoft.ML.Data;
using Microsoft.ML.Recurrent.Networks;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using static Microsoft.ML.Recurrent.Tests.Training.SequenceTasks;

namespace Microsoft.ML.Recurrent.Tests.Training;

[TestClass]
public sealed class FineTuningTests
{
    private static readonly MLContext Context = new(1);
    private static RecurrentRegressionTransformer s_model = null!;

    private static RecurrentRegressionTrainer.Options Options => new()
    {
        Network = { HiddenSize = 12 },
        Stopping = { MaximumNumberOfEpochs = 15 },
        Optimizer = { LearningRate = 1e-2f },
        Seed = 5,
    };

    [ClassInitialize]
    public static void Train(TestContext _) =>
        s_model = Context.Regression.Trainers.RecurrentNetwork(Options).Fit(Context.Data.LoadFromEnumerable(Sums(600, 1)));

    private static double Error(RecurrentRegressionTransformer model, IEnumerable<SumRow> rows) =>
        Context.Regression.Evaluate(model.Transform(Context.Data.LoadFromEnumerable(rows))).RootMeanSquaredError;

    private static RecurrentRegressionTransformer FineTune(IEnumerable<SumRow> rows, Action<RecurrentRegressionTrainer.Options> change)
    {
        var options = Options;
        (options.Network.Initialization.Model, options.Stopping.MaximumNumberOfEpochs) = (s_model.Model, 5);
        change(options);
        return Context.Regression.Trainers.RecurrentNetwork(options).Fit(Context.Data.LoadFromEnumerable(rows));
    }

    [TestMethod]
    public void Training_goes_on_where_it_ended()
    {
        // The same task with another offset, and few rows of it.
        SumRow[] Shifted(int count, int seed) => [.. Sums(count, seed).Select(row => new SumRow { Features = row.Features, Label = row.Label + 20 })];
        var tuned = FineTune(Shifted(100, 2), _ => { });
        var options = Options;
        options.Stopping.MaximumNumberOfEpochs = 5;
        var fresh = Context.Regression.Trainers.RecurrentNetwork(options).Fit(Context.Data.LoadFromEnumerable(Shifted(100, 2)));
        var test = Shifted(200, 3);
        NumberAssert.IsLessThan(0.5 * Error(fresh, test), Error(tuned, test));
    }

    [TestMethod]
    public void Frozen_layers_keep_their_weights_and_others_change()
    {
        var tuned = FineTune(Sums(100, 4), options => options.Network.Initialization.FrozenLayers = ["lstm_1"]);
        using var before = s_model.Model.ToNetwork();
        using var after = tuned.Model.ToNetwork();
        foreach (var parameter in before.Parameters)
        {
            var same = parameter.Value.Span.SequenceEqual(after[parameter.Name].Value.Span);
            Assert.AreEqual(!parameter.Name.StartsWith("head.", StringComparison.Ordinal), same, parameter.Name);
        }
    }

    /// <summary>Keys in the order of the rows, with their texts or without.</summary>
    private static IDataView Keyed(WordRow[] rows, bool values = true)
    {
        var data = Context.Data.LoadFromEnumerable(rows);
        if (values) return Context.Transforms.Conversion.MapValueToKey("Label", "Class")
            .Append(Context.Transforms.Conversion.MapValueToKey("Features", "Words")).Fit(data).Transform(data);
        // ML.NET takes an object's number 0 for the first key.
        string[] classes = [.. rows.Select(row => row.Class).Distinct()], words = [.. rows.SelectMany(row => row.Words).Distinct()];
        var definition = SchemaDefinition.Create(typeof(KeyRow));
        definition["Label"].ColumnType = new KeyDataViewType(typeof(uint), classes.Length);
        definition["Features"].ColumnType = new VectorDataViewType(new KeyDataViewType(typeof(uint), words.Length));
        return Context.Data.LoadFromEnumerable(rows.Select(row => new KeyRow
        {
            Label = (uint)Array.IndexOf(classes, row.Class),
            Features = [.. row.Words.Select(word => (uint)Array.IndexOf(words, word))]
        }).ToArray(), definition);
    }

    private sealed class KeyRow
    {
        public uint Label { get; set; }
        public uint[] Features { get; set; } = [];
    }

    private static RecurrentMulticlassTransformer Tune(IDataView data, RecurrentModel? initial, Action<RecurrentMulticlassTrainer.Options>? change = null)
    {
        var options = new RecurrentMulticlassTrainer.Options
        {
            Network = { HiddenSize = 8, Initialization = { Model = initial } },
            Features = { EmbeddingSize = 6 },
            Stopping = { MaximumNumberOfEpochs = 25 },
            Optimizer = { LearningRate = 0.02f },
            Seed = 5,
        };
        change?.Invoke(options);
        return Context.MulticlassClassification.Trainers.RecurrentNetwork(options).Fit(data);
    }

    /// <summary>
    /// Two classes learned, then three, the known ones in another order and with further words: what is known keeps its weights by its key's value.
    /// </summary>
    [TestMethod]
    public void Classes_and_tokens_may_be_more()
    {
        var all = Words(400, 3);
        WordRow[] two = [.. all.Where(row => row.Class != "BLUE")];
        WordRow[] three = [new() { Class = "BLUE", Words = ["blue", "new", "e"] }, two.First(row => row.Class != two[0].Class), .. Words(120, 4)];
        using var first = Tune(Keyed(two), null);
        var data = Keyed(three);
        using var still = Tune(data, first.Model,
            options => (options.Network.Initialization.FrozenLayers, options.Stopping.MaximumNumberOfEpochs) = (["embedding_1", "lstm_1", "head"], 1));
        var (oldClasses, newClasses) = (first.Model.Manifest.Label!.Values, still.Model.Manifest.Label!.Values);
        var (oldWords, newWords) = (first.Model.Manifest.Vocabulary!.Values, still.Model.Manifest.Vocabulary!.Values);
        CollectionAssert.AreEquivalent(new[] { "RED", "GREEN", "BLUE" }, newClasses.ToArray());
        CollectionAssert.AreNotEqual(oldClasses.ToArray(), newClasses.Where(oldClasses.Contains).ToArray(), "the test is about another order");
        using (Network before = first.Model.ToNetwork(), after = still.Model.ToNetwork())
        {
            foreach (var name in new[] { "lstm_1.weight_ih", "lstm_1.weight_hh", "lstm_1.bias_ih" })
                CollectionAssert.AreEqual(before[name].Value.Span.ToArray(), after[name].Value.Span.ToArray());
            Same("embedding_1.weight", oldWords, newWords, 1);
            Same("head.weight", oldClasses, newClasses, 0);
            Same("head.bias", oldClasses, newClasses, 0);
            CollectionAssert.AreEqual(Row(before, "embedding_1.weight", 0), Row(after, "embedding_1.weight", 0), "what stands for a missing word");

            void Same(string name, IReadOnlyList<string> old, IReadOnlyList<string> fresh, int offset)
            {
                for (var i = 0; i < fresh.Count; i++)
                    if (old.Contains(fresh[i]))
                        CollectionAssert.AreEqual(Row(before, name, offset + old.ToList().IndexOf(fresh[i])), Row(after, name, offset + i),
                            $"{name} of {fresh[i]}");
                    else if (name == "embedding_1.weight") Assert.IsTrue(Row(after, name, offset + i).Any(value => value != 0), fresh[i]);
            }

            static float[] Row(Network network, string name, int row)
            {
                var value = network[name].Value;
                return value.Span.Slice(row * (value.Shape.Rank > 1 ? value.Shape.Columns : 1), value.Shape.Rank > 1 ? value.Shape.Columns : 1).ToArray();
            }
        }

        using var tuned = Tune(data, first.Model, options => options.Stopping.MaximumNumberOfEpochs = 15);
        NumberAssert.IsGreaterThan(0.97, Context.MulticlassClassification.Evaluate(tuned.Transform(data)).MicroAccuracy);
    }

    /// <summary>Where keys do not say what they stand for, the first ones are those that the model knows.</summary>
    [TestMethod]
    public void Keys_without_values_go_by_their_numbers()
    {
        WordRow[] two = [.. Words(200, 3).Where(row => row.Class != "BLUE")];
        // The same order of first appearance, and one class and one word more at the end.
        WordRow[] three = [.. two, new() { Class = "BLUE", Words = ["blue"] }];
        using var first = Tune(Keyed(two, values: false), null, options => options.Stopping.MaximumNumberOfEpochs = 3);
        Assert.IsNull(first.Model.Manifest.Vocabulary);
        using var wider = Tune(Keyed(three, values: false), first.Model,
            options => (options.Network.Initialization.FrozenLayers, options.Stopping.MaximumNumberOfEpochs) = (["embedding_1", "lstm_1", "head"], 1));
        using (Network before = first.Model.ToNetwork(), after = wider.Model.ToNetwork())
            foreach (var name in new[] { "embedding_1.weight", "head.weight", "head.bias" })
                CollectionAssert.AreEqual(before[name].Value.Span.ToArray(), after[name].Value.Span[..before[name].Value.Length].ToArray(), name);
        var fewer = Assert.ThrowsExactly<ArgumentException>(() => Tune(Keyed(two, values: false), wider.Model));
        Assert.AreEqual("Network.Initialization.Model", fewer.ParamName);
        StringAssert.Contains(fewer.Message, "values");
    }

    [TestMethod]
    public void Another_vocabulary_is_refused()
    {
        using var first = Tune(Keyed(Words(60, 3)), null, options => options.Stopping.MaximumNumberOfEpochs = 1);
        WordRow[] other = [.. Words(60, 3).Select(row => new WordRow { Class = row.Class, Words = [.. row.Words.Select(word => word + "!")] })];
        var error = Assert.ThrowsExactly<ArgumentException>(() => Tune(Keyed(other), first.Model));
        Assert.AreEqual("Network.Initialization.Model", error.ParamName);
        StringAssert.Contains(error.Message, "another vocabulary");
    }

    [TestMethod]
    public void What_does_not_fit_is_named()
    {
        void Says(Action fit, string name, params string[] parts)
        {
            var error = Assert.ThrowsExactly<ArgumentException>(fit);
            Assert.AreEqual(name, error.ParamName);
            foreach (var part in parts) StringAssert.Contains(error.Message, part);
        }
        Says(() => FineTune(Sums(50, 1), options => options.Network.Initialization.FrozenLayers = ["gru_7"]), "Network.Initialization.FrozenLayers", "'gru_7'",
            "lstm_1, head");
        Says(() => FineTune(Sums(50, 1), options => (options.Network.Initialization.Model, options.Network.Initialization.FrozenLayers) = (null, ["lstm_1"])),
            "Network.Initialization.FrozenLayers",
            "needs a trained model: set Network.Initialization.Model");
        var data = Context.Transforms.Conversion.ConvertType("Label", outputKind: DataKind.Single).Fit(Context.Data.LoadFromEnumerable(Firsts(50, 1)))
            .Transform(Context.Data.LoadFromEnumerable(Firsts(50, 1)));
        Says(() => Context.Regression.Trainers.RecurrentNetwork(new()
        {
            Network = { Initialization = { Model = s_model.Model } },
        }).Fit(data), "Network.Initialization.Model",
            "1 numbers per step", "need 2");
    }
}
