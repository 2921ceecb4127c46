using Microsoft.ML.Data;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.Recurrent.Autograd;
using Microsoft.ML.Recurrent.Data;
using Microsoft.ML.Recurrent.Networks;
using Microsoft.ML.Recurrent.States;
using Microsoft.ML.Recurrent.Tests.Contract;
using Microsoft.ML.Recurrent.Tests.Onnx;

namespace Microsoft.ML.Recurrent.Tests.States;

/// <summary>The weights of attention pooling as a column: with them the states of the steps give the vector that the pooling gives.</summary>
[TestClass]
public sealed class AttentionWeightsTests
{
    private readonly MLContext _context = new(1);

    private static TrainerContract Find(string name) => TrainerContracts.All.Single(contract => contract.Name == name);

    [TestMethod]
    [DataRow("Multiclass of tokens", true)]
    [DataRow("Regression", false)]
    public void Weighted_states_are_the_pooled_vector(string name, bool tokens)
    {
        var contract = Find(name);
        var data = ContractRow.View(ContractRow.Draw(30, 2));
        using var trained = contract.Fit(_context, RecurrentCell.Gru, data, options =>
        {
            (options.Network.Pooling, options.Stopping.MaximumNumberOfEpochs, options.Optimizer.LearningRate) = (SequencePooling.Attention, 10, 0.02f);
            options.Network.Bidirectional = false;
            if (!tokens) contract.Columns["static"](options, "Static");
        });
        using var weights = _context.Transforms.AppendAttentionWeights("Weights", trained.Model).Fit(data);
        var rows = Answers.Read(weights, data)["Weights"];
        var lengths = Answers.Read(data, contract.Features).Select(row => row.Length).ToArray();
        for (var i = 0; i < rows.Length; i++)
        {
            Assert.HasCount(lengths[i], rows[i]);
            Assert.AreEqual(1, rows[i].Sum(), 1e-5f);
        }
        Assert.IsTrue(rows.Any(row => row.Max() > 1.02f * row.Average()));

        // The states of each step and the vector of the pooling, by name.
        var pooling = trained.Model.Description.Layers[^1].Name;
        using var pooled = _context.Transforms.AppendStateFeatures("Pooled", trained.Model, layerName: pooling).Fit(data);
        var expected = Answers.Read(pooled, data)["Pooled"];
        for (var i = 0; i < rows.Length; i++)
        {
            var sum = new float[6];
            for (var t = 0; t < lengths[i]; t++)
            {
                var states = StatesAt(trained, data, contract, i, t);
                for (var j = 0; j < 6; j++) sum[j] += rows[i][t] * states[j];
            }
            TestModels.AssertClose(expected[i], sum, $"row {i}", 1e-4f);
        }

        // As a graph, and on the tape.
        using var file = new MemoryStream();
        _context.Model.ConvertToOnnx(weights, ContractRow.Select(data, contract.Features), file);
        using var session = new InferenceSession(file.ToArray());
        using var run = new RunOptions();
        using var input = tokens
            ? OrtValue.CreateTensorValueFromMemory(data.GetColumn<uint[]>("Tokens").ElementAt(4), [1, lengths[4]])
            : OrtValue.CreateTensorValueFromMemory(data.GetColumn<float[]>("Fixed").ElementAt(4), [1, lengths[4]]);
        using var results = session.Run(run, [contract.Features], [input], ["Weights.output"]);
        TestModels.AssertClose(rows[4], results[0].GetTensorDataAsSpan<float>().ToArray(), "graph");
        var model = weights.Model;
        using var network = model.ToNetwork();
        using var head = new AttentionWeightsHead();
        using var tape = new Tape { Recording = false };
        var random = TestRows.Random(model.Description, 7);
        using var batch = random.ToBatch(model.Description);
        var tapes = head.Predict(tape, network.Forward(tape, batch))[0];
        using var exported = new MemoryStream();
        model.ExportToOnnx(exported);
        var graph = TestModels.RunBare(exported.ToArray(), model.Manifest, random)[0];
        for (var row = 0; row < 7; row++)
            for (var t = 0; t < random.Lengths[row]; t++) Assert.AreEqual(tapes[t * 7 + row], graph[row * random.Time + t], 1e-5f);
    }

    // The last state of the row cut after the step.
    private float[] StatesAt(RecurrentTransformer trained, IDataView data, TrainerContract contract, int row, int step)
    {
        using var network = trained.Model.ToNetwork();
        var observer = new Observer();
        using var tape = new Tape { Recording = false, Observer = observer };
        using var batch = new SequenceBatch();
        var names = new RecurrentRegressionTrainer.Options { FeatureColumnName = contract.Features, LabelColumnName = "Number" }.Columns(LabelRole.Number);
        if (trained.Model.Description.Statics > 0) names = names with { Statics = ["Static"] };
        RowExamples.Read(data, RowColumns.Resolve(data.Schema, names), "data", default).Fill(batch, [row]);
        network.Forward(tape, batch);
        return observer.Values.AsSpan(step * 6, 6).ToArray();
    }

    private sealed class Observer : ITapeObserver
    {
        public float[] Values { get; private set; } = [];

        public void LayerEnded(string name, Recurrent.Tensors.Tensor output, int[]? lengths)
        {
            if (name == "gru_1") Values = output.Span.ToArray();
        }

        public void GradientFlow(string layer, bool reverse, double share)
        {
        }
    }

    [TestMethod]
    public void A_model_without_attention_is_refused()
    {
        var data = ContractRow.View(ContractRow.Draw(20, 2));
        using var trained = Find("Regression").Fit(_context, RecurrentCell.Lstm, data);
        var error = Assert.ThrowsExactly<ArgumentException>(() => _context.Transforms.AppendAttentionWeights("Weights", trained.Model));
        Assert.AreEqual("model", error.ParamName);
        StringAssert.Contains(error.Message, "SequencePooling.Attention");
    }
}
