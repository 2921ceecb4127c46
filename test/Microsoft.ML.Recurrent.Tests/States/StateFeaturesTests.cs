using System.Globalization;
using Microsoft.ML.Data;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.Recurrent.Autograd;
using Microsoft.ML.Recurrent.Data;
using Microsoft.ML.Recurrent.Networks;
using Microsoft.ML.Recurrent.Tests.Contract;
using Microsoft.ML.Recurrent.Tests.Hosting;
using Microsoft.ML.Recurrent.Tests.Onnx;
using Microsoft.ML.Recurrent.Tests.Text;

namespace Microsoft.ML.Recurrent.Tests.States;

/// <summary>States of a trained network as features: those of the tape, in every form in which a transformer of ML.NET is used.</summary>
[TestClass]
public sealed class StateFeaturesTests
{
    private readonly MLContext _context = new(1);

    public static IEnumerable<object[]> Contracts => TrainerContracts.All.Select(contract => new object[] { contract.Name });

    private static TrainerContract Find(string name) => TrainerContracts.All.Single(contract => contract.Name == name);

    /// <summary>A layer's output on the tape of the whole network, pooled here: an independent way to the same numbers.</summary>
    private sealed class Observer(string layer) : ITapeObserver
    {
        public float[]? Values { get; private set; }

        public void LayerEnded(string name, Recurrent.Tensors.Tensor output, int[]? lengths)
        {
            if (name == layer) Values = output.Span.ToArray();
        }

        public void GradientFlow(string name, bool reverse, double norm)
        {
        }
    }

    [TestMethod]
    [DataRow(SequencePooling.Last)]
    [DataRow(SequencePooling.Mean)]
    [DataRow(SequencePooling.Max)]
    public void States_are_those_of_the_tape(SequencePooling pooling)
    {
        var contract = Find("Regression of tokens");
        var data = ContractRow.View(ContractRow.Draw(30, 2));
        using var trained = contract.Fit(_context, RecurrentCell.Gru, data);
        using var transformer = _context.Transforms.AppendStateFeatures("States", trained.Model, pooling).Fit(data);
        var states = transformer.Transform(data).GetColumn<float[]>("States").ToArray();

        using var network = trained.Model.ToNetwork();
        var options = new RecurrentRegressionTrainer.Options { FeatureColumnName = "Tokens", LabelColumnName = "Number" };
        var examples = RowExamples.Read(data, RowColumns.Resolve(data.Schema, options.Columns(LabelRole.Number)), "data", default);
        using var batch = new SequenceBatch();
        examples.Fill(batch, [.. Enumerable.Range(0, 30)]);
        var observer = new Observer("gru_1");
        using var tape = new Tape { Recording = false, Observer = observer };
        network.Forward(tape, batch);
        for (var row = 0; row < 30; row++)
        {
            var steps = Enumerable.Range(0, examples.Length(row)).Select(t => observer.Values!.AsSpan((t * 30 + row) * 6, 6).ToArray()).ToArray();
            float[] expected = [.. Enumerable.Range(0, 6).Select(i => pooling is SequencePooling.Last ? steps[^1][i]
                : pooling is SequencePooling.Mean ? steps.Average(step => step[i]) : steps.Max(step => step[i]))];
            TestModels.AssertClose(expected, states[row], $"row {row}", 1e-5f);
        }
    }

    /// <summary>Every trainer of the contract: its columns, its rows, its odd rows, saved, and as a graph.</summary>
    [TestMethod]
    [DynamicData(nameof(Contracts))]
    public void Every_trainers_model_gives_states(string name)
    {
        var contract = Find(name);
        var data = ContractRow.View(ContractRow.Draw(30, 2));
        using var trained = contract.Fit(_context, RecurrentCell.Lstm, data);
        var estimator = _context.Transforms.AppendStateFeatures("States", trained.Model);
        using var transformer = estimator.Fit(data);
        var type = (VectorDataViewType)transformer.Transform(data).Schema["States"].Type;
        // Of taggers, classifiers and translations, those of both directions.
        var bidirectional = name.Split(' ')[0] is "Tagging" or "Multiclass" or "Binary" or "Translation";
        Assert.AreEqual(bidirectional ? 12 : 6, type.Size);
        Assert.IsTrue(estimator.GetOutputSchema(Data.SchemaShapes.Create(data.Schema)).Any(column =>
            column.Name == "States" && column.Kind is SchemaShape.Column.VectorKind.Vector));
        var expected = Answers.Read(transformer, data);
        var first = contract.IsSeries ? ContractRow.Steps - 1 : 0;
        for (var i = 0; i < 30; i++) Assert.AreEqual(i >= first, expected["States"][i].All(float.IsFinite), $"row {i}");
        Assert.AreNotEqual(expected["States"][^1][0], expected["States"][^2][0]);

        var lines = SecondProcess.Run(_context, transformer, data, ["States"]);
        Answers.AssertEqual(expected["States"], [.. lines.Select(line =>
            line.Split(' ').Select(text => float.Parse(text, CultureInfo.InvariantCulture)).ToArray())], "States");

        if (contract.IsSeries || contract.Sequences.Contains("Numbers")) return;
        using var engine = _context.Model.CreatePredictionEngine<Row, Features>(transformer, new PredictionEngineOptions { OwnsTransformer = false });
        var rows = ContractRow.Draw(30, 2);
        TestModels.AssertClose(expected["States"][5], engine.Predict(new Row { Fixed = rows[5].Fixed, Tokens = Tokens(data)[5] }).States, "engine", 1e-6f);

        using var file = new MemoryStream();
        _context.Model.ConvertToOnnx(transformer, ContractRow.Select(data, contract.Features), file);
        using var session = new InferenceSession(file.ToArray());
        using var options = new RunOptions();
        var input = contract.Features == "Tokens"
            ? OrtValue.CreateTensorValueFromMemory(Tokens(data)[5], [1, Tokens(data)[5].Length])
            : OrtValue.CreateTensorValueFromMemory(rows[5].Fixed, [1, ContractRow.Steps]);
        using var results = session.Run(options, new Dictionary<string, OrtValue> { [contract.Features] = input }, ["States.output"]);
        input.Dispose();
        TestModels.AssertClose(expected["States"][5], results[0].GetTensorDataAsSpan<float>().ToArray(), "graph");
    }

    private static uint[][] Tokens(IDataView data) => [.. data.GetColumn<uint[]>("Tokens")];

    private sealed class Row
    {
        [VectorType(ContractRow.Steps)] public float[] Fixed { get; set; } = [];
        [KeyType(5)] public uint[] Tokens { get; set; } = [];
    }

    private sealed class Features
    {
        public float[] States { get; set; } = [];
    }

    [TestMethod]
    public void A_named_layer_and_what_is_refused()
    {
        var data = ContractRow.View(ContractRow.Draw(30, 2));
        using var trained = Find("Regression").Fit(_context, RecurrentCell.Lstm, data, options =>
            options.Network.Custom = SequenceNetwork.Create().Gru(5, bidirectional: true, name: "below").Lstm(4, name: "above").Pool(SequencePooling.Mean)
                .Dense(3, DenseActivation.Relu, "dense"));
        Assert.AreEqual(4, Size(null));
        Assert.AreEqual(10, Size("below"));
        Assert.AreEqual(3, Size("dense"));
        Says("layerName", "'beside'", () => Size("beside"), "below, above");
        Says("pooling", "attention", () => _context.Transforms.AppendStateFeatures("States", trained.Model, SequencePooling.Attention));
        var error = Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => _context.Transforms.AppendStateFeatures("States", trained.Model)
            .Fit(ContractRow.Select(data, "Words")));
        StringAssert.Contains(error.Message, "'Fixed'");

        int Size(string? layer) => ((VectorDataViewType)_context.Transforms.AppendStateFeatures("States", trained.Model, layerName: layer).Fit(data)
            .Transform(data).Schema["States"].Type).Size;

        static void Says(string parameter, string part, Action act, string other = "")
        {
            var error = Assert.Throws<ArgumentException>(act);
            Assert.AreEqual(parameter, error.ParamName);
            StringAssert.Contains(error.Message, part);
            StringAssert.Contains(error.Message, other);
        }
    }

    private sealed class Meal
    {
        public string[] Tokens { get; set; } = [];
        public bool Label { get; set; }
    }

    /// <summary>What a language model has read decides, by trees behind it, which animal eats: of words that trees alone cannot read.</summary>
    [TestMethod]
    public void Trees_behind_a_language_model_learn_from_its_states()
    {
        IDataView Draw(int count, int seed) => _context.Data.LoadFromEnumerable(SmallTexts.Draw(count, seed).Select(sentence => new Meal
        {
            // Without the food, which would say it once more.
            Tokens = sentence.Tokens[..^1],
            Label = sentence.Tokens.Any(token => token is "cat" or "horse"),
        }));
        var texts = _context.Data.LoadFromEnumerable(SmallTexts.Draw(300, 1));
        var mapping = _context.Transforms.Conversion.MapValueToKey("Tokens").Fit(texts);
        var options = SmallTexts.Options();
        options.Stopping.MaximumNumberOfEpochs = 8;
        using var language = _context.Transforms.Text.LanguageModelByRecurrentNetwork(options).Fit(mapping.Transform(texts));

        var trees = _context.Transforms.AppendStateFeatures("States", language.Model)
            .Append(_context.BinaryClassification.Trainers.FastTree("Label", "States", numberOfTrees: 20, minimumExampleCountPerLeaf: 2));
        var model = trees.Fit(mapping.Transform(Draw(60, 2)));
        var metrics = _context.BinaryClassification.Evaluate(model.Transform(mapping.Transform(Draw(200, 3))));
        NumberAssert.IsGreaterThan(0.97, metrics.Accuracy);

        // A pipeline of words, keys, states and trees, saved and loaded.
        using var file = new MemoryStream();
        _context.Model.Save(mapping.Append(model), Draw(1, 1).Schema, file);
        file.Position = 0;
        var loaded = _context.Model.Load(file, out _);
        CollectionAssert.AreEqual(model.Transform(mapping.Transform(Draw(20, 4))).GetColumn<float>("Score").ToArray(),
            loaded.Transform(Draw(20, 4)).GetColumn<float>("Score").ToArray());
    }
}
