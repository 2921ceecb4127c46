using Google.Protobuf;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.Recurrent.Autograd;
using Microsoft.ML.Recurrent.Layers;
using Microsoft.ML.Recurrent.Networks;
using Microsoft.ML.Recurrent.Onnx;
using Microsoft.ML.Recurrent.Onnx.Import;

namespace Microsoft.ML.Recurrent.Tests.Onnx.Import;

/// <summary>What exporters put around a recurrent node: branches, lengths, attributes of old opsets, tokens that count from the end.</summary>
[TestClass]
public sealed class ExporterHabitTests
{
    private const int Rows = 3, Time = 5, Features = 4, Hidden = 6;

    private readonly Random _random = new(17);

    [TestMethod]
    public void A_branch_that_is_always_taken_stands_for_its_node()
    {
        // PyTorch drops an axis of size one only if it has that size.
        var graph = Graph(17, out var steps, time: "time");
        var last = graph.Gather(graph.Transpose(steps, 1, 0, 2), graph.Constant(-1L), 1);
        var one = graph.Node("Equal", [graph.Size(last, 1), graph.Scalar(1L)]);
        OnnxBodyBuilder yes = new(graph, "yes"), no = new(graph, "no");
        yes.Output("squeezed", yes.Squeeze(last, 1), OnnxType.Single, null, null);
        no.Output("same", no.Node("Identity", [last]), OnnxType.Single, null, null, null);
        Finish(graph, graph.Node("If", [one], ("then_branch", yes.Graph), ("else_branch", no.Graph)));
        Compare(graph);
    }

    [TestMethod]
    public void A_branch_that_depends_on_the_input_is_refused()
    {
        var graph = Graph(17, out var steps, time: "time");
        var last = graph.Gather(steps, -1, 0);
        OnnxBodyBuilder yes = new(graph, "yes"), no = new(graph, "no");
        yes.Output("a", yes.Tanh(last), OnnxType.Single, null, null);
        no.Output("b", no.Relu(last), OnnxType.Single, null, null);
        var ofRows = graph.Node("Equal", [graph.Size("X", 0), graph.Scalar(1L)]);
        Finish(graph, graph.Node("If", [ofRows], ("then_branch", yes.Graph), ("else_branch", no.Graph)));
        StringAssert.Contains(Assert.ThrowsExactly<NotSupportedException>(() => NetworkImporter.Import(graph.Model.Graph)).Message,
            "(If) cannot be imported: which of its branches is taken depends on the number of rows or steps");
    }

    [TestMethod]
    public void The_last_valid_step_by_its_length_is_the_last()
    {
        var graph = Graph(17, out var steps, time: "time");
        graph.Input("lens", OnnxType.Int64, "batch");
        var index = graph.Reshape(graph.Node("Clip", [graph.Subtract("lens", graph.Scalar(1L)), graph.Scalar(0L), ""]), -1, 1, 1);
        var batchFirst = graph.Transpose(steps, 1, 0, 2);
        var places = graph.Node("Expand", [index, graph.Constant(1L, 1, Hidden)]);
        Finish(graph, graph.Squeeze(graph.Node("GatherElements", [batchFirst, places], ("axis", 1L)), 1));
        Compare(graph, [2, 5, 4]);

        // The step before it is not.
        graph = Graph(17, out steps, time: "time");
        graph.Input("lens", OnnxType.Int64, "batch");
        index = graph.Reshape(graph.Node("Clip", [graph.Subtract("lens", graph.Scalar(2L)), graph.Scalar(0L), ""]), -1, 1, 1);
        places = graph.Node("Expand", [index, graph.Constant(1L, 1, Hidden)]);
        Finish(graph, graph.Squeeze(graph.Node("GatherElements", [graph.Transpose(steps, 1, 0, 2), places], ("axis", 1L)), 1));
        StringAssert.Contains(Assert.ThrowsExactly<NotSupportedException>(() => NetworkImporter.Import(graph.Model.Graph)).Message, "not its last valid step");
    }

    [TestMethod]
    public void A_batch_of_one_is_not_taken_for_one_step()
    {
        // Time first with a fixed batch of one, and an answer at each step: its last answer alone would be another model.
        var graph = new OnnxModelBuilder(17, "steps", ["X", "answer"]);
        graph.Input("X", OnnxType.Single, Time, 1, Features);
        string w = Numbers(graph, "w", 1, 4 * Hidden, Features), r = Numbers(graph, "r", 1, 4 * Hidden, Hidden), b = Numbers(graph, "b", 1, 8 * Hidden);
        graph.Output("answer", graph.Squeeze(graph.Node("LSTM", ["X", w, r, b], ("hidden_size", (long)Hidden)), 1), OnnxType.Single, Time, 1, Hidden);
        StringAssert.Contains(Assert.ThrowsExactly<NotSupportedException>(() => NetworkImporter.Import(graph.Model.Graph)).Message, "time");
    }

    [TestMethod]
    public void Attributes_of_old_opsets_are_read()
    {
        // PyTorch 1.3 cuts and joins the gates of its weights in opset 9, whose Slice has attributes.
        var graph = new OnnxModelBuilder(9, "old", ["X", "answer"]);
        graph.Input("X", OnnxType.Single, Time, Rows, Features);
        string Gates(string weight, int axis) => graph.Unsqueeze(graph.Node("Concat",
            [Part(weight, 0, 1), Part(weight, 3, 4), Part(weight, 1, 3)], ("axis", (long)axis)), 0);
        string Part(string x, long from, long to) => graph.Node("Slice", [x], ("axes", new[] { 0L }), ("starts", new[] { from * Hidden }),
            ("ends", new[] { to * Hidden }));
        string w = Numbers(graph, "w", 4 * Hidden, Features), r = Numbers(graph, "r", 4 * Hidden, Hidden), b = Numbers(graph, "b", 4 * Hidden);
        var bias = graph.Unsqueeze(graph.Node("Concat", [graph.Squeeze(Gates(b, 0), 0), graph.Squeeze(Gates(b, 0), 0)], ("axis", 0L)), 0);
        var lstm = graph.Nodes("LSTM", ["X", Gates(w, 0), Gates(r, 0), bias], 2, ("hidden_size", (long)Hidden));
        var all = graph.Squeeze(lstm[0], 1);
        Finish(graph, graph.Squeeze(graph.Node("Slice", [all], ("axes", new[] { 0L }), ("starts", new[] { -1L }), ("ends", new[] { long.MaxValue })), 0));
        Compare(graph, timeFirst: true);
    }

    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public void Tokens_are_computed_before_they_are_looked_up(bool wraps)
    {
        // Keras counts negative tokens from the end; others shift them.
        const int vocabulary = 9;
        var graph = new OnnxModelBuilder(17, "tokens", ["X", "answer"]);
        graph.Input("X", OnnxType.Int64, "batch", Time);
        var tokens = wraps
            ? graph.Where(graph.Less("X", graph.Scalar(0L)), graph.Add("X", graph.Scalar((long)vocabulary)), "X")
            : graph.Minimum(graph.Add("X", graph.Scalar(2L)), graph.Scalar(vocabulary - 1L));
        var x = graph.Transpose(graph.Gather(Numbers(graph, "table", vocabulary, Features), tokens, 0), 1, 0, 2);
        Finish(graph, graph.Squeeze(Cell(graph, x)[1], 0));
        using var network = NetworkImporter.Import(graph.Model.Graph).Network;
        Assert.AreEqual(vocabulary, network.Description.Vocabulary);
        long[] ids = [.. Enumerable.Range(0, Rows * Time).Select(i => (long)(i * 5 % vocabulary))];
        using var batch = new SequenceBatch();
        batch.Resize(Rows, Time, 0, tokens: true);
        for (var row = 0; row < Rows; row++)
            for (var t = 0; t < Time; t++) batch.Tokens![t * Rows + row] = (int)ids[row * Time + t];
        using var input = OrtValue.CreateTensorValueFromMemory(ids, [Rows, Time]);
        TestModels.AssertClose(Run(graph, [("X", input)]), Forward(network, batch), "tokens");
    }

    private string[] Cell(OnnxModelBuilder graph, string x) => graph.Nodes("GRU", [x, Numbers(graph, "W", 1, 3 * Hidden, Features),
        Numbers(graph, "R", 1, 3 * Hidden, Hidden), Numbers(graph, "B", 1, 6 * Hidden)], 2, ("hidden_size", (long)Hidden), ("linear_before_reset", 1L));

    // [batch, time, features] to the steps of a GRU, [time, batch, hidden].
    private OnnxModelBuilder Graph(int opset, out string steps, object time)
    {
        var graph = new OnnxModelBuilder(opset, "habits", ["X", "lens", "answer"]);
        graph.Input("X", OnnxType.Single, "batch", time, Features);
        steps = graph.Squeeze(Cell(graph, graph.Transpose("X", 1, 0, 2))[0], 1);
        return graph;
    }

    private void Finish(OnnxModelBuilder graph, string vector) =>
        graph.Output("answer", graph.Gemm(vector, Numbers(graph, "head", 2, Hidden), Numbers(graph, "head_bias", 2)), OnnxType.Single, "batch", 2);

    private string Numbers(OnnxModelBuilder graph, string name, params long[] shape) => graph.Parameter(name,
        [.. Enumerable.Range(0, (int)shape.Aggregate(1L, (product, size) => product * size)).Select(_ => _random.NextSingle() - 0.5f)], shape);

    private void Compare(OnnxModelBuilder graph, long[]? lengths = null, bool timeFirst = false)
    {
        float[] steps = [.. Enumerable.Range(0, Rows * Time * Features).Select(_ => 2 * _random.NextSingle() - 1)], x = [.. steps];
        // The network's batches are time-first.
        for (var i = 0; !timeFirst && i < x.Length; i++)
            x[((i / Features % Rows * Time) + i / Features / Rows) * Features + i % Features] = steps[i];
        using var network = NetworkImporter.Import(graph.Model.Graph).Network;
        using var batch = new SequenceBatch();
        batch.Resize(Rows, Time, Features, lengths: lengths is not null);
        steps.CopyTo(batch.Values!.Span);
        for (var row = 0; row < lengths?.Length; row++) batch.Lengths![row] = (int)lengths[row];
        using var input = OrtValue.CreateTensorValueFromMemory(x, timeFirst ? [Time, Rows, Features] : [Rows, Time, Features]);
        using var lens = OrtValue.CreateTensorValueFromMemory(lengths ?? [Rows], [lengths?.Length ?? 1]);
        TestModels.AssertClose(Run(graph, lengths is null ? [("X", input)] : [("X", input), ("lens", lens)]), Forward(network, batch), "habits");
    }

    private static float[] Run(OnnxModelBuilder graph, (string Name, OrtValue Value)[] inputs)
    {
        using var session = new InferenceSession(graph.Model.ToByteArray());
        using var options = new RunOptions();
        using var results = session.Run(options, [.. inputs.Select(input => input.Name)], [.. inputs.Select(input => input.Value)], ["answer"]);
        return results[0].GetTensorDataAsSpan<float>().ToArray();
    }

    private static float[] Forward(Network network, SequenceBatch batch)
    {
        using var tape = new Tape { Recording = false };
        return network.Forward(tape, batch).Values.Span.ToArray();
    }
}
