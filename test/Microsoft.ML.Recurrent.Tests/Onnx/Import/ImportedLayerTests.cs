using Google.Protobuf;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.Recurrent.Autograd;
using Microsoft.ML.Recurrent.Networks;
using Microsoft.ML.Recurrent.Onnx;
using Microsoft.ML.Recurrent.Onnx.Import;

namespace Microsoft.ML.Recurrent.Tests.Onnx.Import;

/// <summary>Layers around a recurrent node of a foreign graph: the network made of it answers as ONNX Runtime does.</summary>
[TestClass]
public sealed class ImportedLayerTests
{
    private const int Rows = 5, Time = 6, Features = 3, Hidden = 4, Outputs = 2;

    private readonly Random _random = new(11);

    [TestMethod]
    [DataRow("Relu")]
    [DataRow("Tanh")]
    [DataRow("Softplus")]
    [DataRow("LeakyRelu")]
    [DataRow("Elu")]
    [DataRow("Gelu")]
    public void Activations_of_their_own_and_of_dense_layers(string operation) => Check(
        steps: (graph, x) => graph.Node(operation, [x]),
        last: (graph, x) => graph.Node(operation, [Dense(graph, graph.Node(operation, [x]), Hidden, 5)]), hidden: 5);

    [TestMethod]
    public void Layer_normalization_of_steps_and_of_the_last_state() => Check(
        steps: (graph,
            x) => graph.Node("LayerNormalization", [x, Numbers(graph, "gain", Hidden), Numbers(graph, "shift", Hidden)], ("axis", -1L), ("epsilon", 1e-3f)),
        last: (graph, x) => graph.Node("LayerNormalization", [x, Numbers(graph, "gain2", Hidden)], ("axis", 1L)));

    [TestMethod]
    public void Batch_normalization_of_steps_and_of_the_last_state() => Check(
        // ONNX has the channels second: [batch, features, time].
        steps: (graph, x) => graph.Transpose(Batch_norm(graph, graph.Transpose(x, 0, 2, 1), "a"), 0, 2, 1),
        last: (graph, x) => Batch_norm(graph, x, "b"));

    [TestMethod]
    public void Dense_layers_over_the_steps() =>
        Check(steps: (graph, x) => graph.Add(graph.MatMul(x, Numbers(graph, "w", Hidden, Hidden)), Numbers(graph, "b", Hidden)), last: (_, x) => x);

    private string Batch_norm(OnnxGraphBuilder graph, string x, string name) => graph.Node("BatchNormalization",
        [x, Numbers(graph, name + "_gain", Hidden), Numbers(graph, name + "_shift", Hidden), Numbers(graph, name + "_mean", Hidden),
            graph.Parameter(name + "_variance", [0.5f, 1, 2, 0.7f], Hidden)], ("epsilon", 1e-3f));

    private string Dense(OnnxGraphBuilder graph, string x, int features, int units) =>
        graph.Gemm(x, Numbers(graph, "dense", units, features), Numbers(graph, "dense_bias", units));

    private string Numbers(OnnxGraphBuilder graph, string name, params long[] shape) =>
        graph.Parameter(name, [.. Enumerable.Range(0, (int)shape.Aggregate(1L, (product, size) => product * size)).Select(_ => _random.NextSingle() - 0.3f)],
            shape);

    // [batch, time, features] to an LSTM, to "steps" [batch, time, hidden], to the last step, to "last" [batch, hidden], to a linear layer.
    private void Check(Func<OnnxGraphBuilder, string, string> steps, Func<OnnxGraphBuilder, string, string> last, int hidden = Hidden)
    {
        var graph = new OnnxModelBuilder(20, "layers", ["X", "answer"]);
        graph.Input("X", OnnxType.Single, "batch", Time, Features);
        var lstm = graph.Nodes("LSTM", [graph.Transpose("X", 1, 0, 2), Numbers(graph, "W", 1, 4 * Hidden, Features),
            Numbers(graph, "R", 1, 4 * Hidden, Hidden), Numbers(graph, "B", 1, 8 * Hidden)], 2, ("hidden_size", (long)Hidden));
        var batchFirst = graph.Transpose(graph.Squeeze(lstm[0], 1), 1, 0, 2);
        var vector = graph.Gather(steps(graph, batchFirst), graph.Scalar(-1L), 1);
        graph.Output("answer", graph.Gemm(last(graph, vector), Numbers(graph, "head", Outputs, hidden), Numbers(graph, "head_bias", Outputs)), OnnxType.Single,
            "batch", Outputs);

        float[] x = [.. Enumerable.Range(0, Rows * Time * Features).Select(_ => 2 * _random.NextSingle() - 1)];
        using var session = new InferenceSession(graph.Model.ToByteArray());
        using var input = OrtValue.CreateTensorValueFromMemory(x, [Rows, Time, Features]);
        using var options = new RunOptions();
        using var results = session.Run(options, ["X"], [input], ["answer"]);

        using var network = NetworkImporter.Import(graph.Model.Graph).Network;
        using var batch = new SequenceBatch();
        batch.Resize(Rows, Time, Features);
        for (var row = 0; row < Rows; row++)
            for (var t = 0; t < Time; t++) x.AsSpan((row * Time + t) * Features, Features).CopyTo(batch.Values!.Span[((t * Rows + row) * Features)..]);
        using var tape = new Tape { Recording = false };
        TestModels.AssertClose(results[0].GetTensorDataAsSpan<float>().ToArray(), network.Forward(tape, batch).Values.Span.ToArray(), "layers");
    }
}
