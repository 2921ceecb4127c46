using Google.Protobuf;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.Recurrent.Autograd;
using Microsoft.ML.Recurrent.Layers;
using Microsoft.ML.Recurrent.Networks;
using Microsoft.ML.Recurrent.Onnx;
using Microsoft.ML.Recurrent.Onnx.Import;

namespace Microsoft.ML.Recurrent.Tests.Onnx.Import;

/// <summary>
/// Cells that a graph writes out, as a loop, a scan or step after step: those with the equations of a cell become a layer that answers as ONNX Runtime does,
/// others are refused in words.
/// </summary>
[TestClass]
public sealed class WrittenCellTests
{
    private static IEnumerable<object[]> Cells =>
        from name in WrittenCells.All.Keys
        from writing in Enum.GetValues<CellWriting>()
        from perStep in new[] { false, true }
        select new object[] { name, writing, perStep };

    [TestMethod]
    [DynamicData(nameof(Cells))]
    public void Becomes_a_layer(string name, CellWriting writing, bool perStep)
    {
        var (states, step) = WrittenCells.All[name];
        var graph = WrittenCells.Graph(writing, states, step, perStep);
        using var network = NetworkImporter.Import(graph.Model.Graph).Network;
        var layer = network.Description.Layers.OfType<RecurrentDescription>().Single();
        Assert.AreEqual(name.Split(' ') switch
        {
            ["rnn", ..] => RecurrentCell.SimpleRnn,
            ["gru", ..] => RecurrentCell.Gru,
            ["coupled", ..] => RecurrentCell.CoupledLstm,
            ["peephole", ..] => RecurrentCell.PeepholeLstm,
            _ => RecurrentCell.Lstm,
        }, layer.Cell);
        Assert.AreEqual(perStep, network.Description.PerStep);
        Compare(graph, network);
    }

    [TestMethod]
    [DataRow(CellWriting.Loop)]
    [DataRow(CellWriting.Scan)]
    public void The_number_of_steps_may_be_free(CellWriting writing)
    {
        var (states, step) = WrittenCells.All["gru after"];
        var graph = WrittenCells.Graph(writing, states, step, perStep: false, freeTime: true);
        using var network = NetworkImporter.Import(graph.Model.Graph).Network;
        Assert.IsNull(network.Description.Time);
        Compare(graph, network);
    }

    [TestMethod]
    [DataRow(CellWriting.Loop)]
    [DataRow(CellWriting.Scan)]
    [DataRow(CellWriting.Unrolled)]
    public void Several_cells_of_a_step_become_layers(CellWriting writing)
    {
        foreach (var perStep in new[] { false, true })
        {
            var graph = WrittenCells.Graph(writing, WrittenCells.Stack.States, WrittenCells.Stack.Step, perStep);
            using var network = NetworkImporter.Import(graph.Model.Graph).Network;
            CollectionAssert.AreEqual(new[] { RecurrentCell.Gru, RecurrentCell.Lstm },
                network.Description.Layers.OfType<RecurrentDescription>().Select(layer => layer.Cell).ToArray());
            Compare(graph, network);
        }
    }

    [TestMethod]
    [DataRow(CellWriting.Loop)]
    [DataRow(CellWriting.Scan)]
    [DataRow(CellWriting.Unrolled)]
    public void Products_that_are_computed_before_become_weights(CellWriting writing)
    {
        var graph = WrittenCells.Graph(writing, 1, WrittenCells.OfProducts, perStep: true, projected: true);
        using var network = NetworkImporter.Import(graph.Model.Graph).Network;
        Assert.IsInstanceOfType<RecurrentDescription>(network.Description.Layers.Single());
        Compare(graph, network);
    }

    [TestMethod]
    public void Other_equations_are_refused_in_words()
    {
        foreach (var writing in Enum.GetValues<CellWriting>())
        {
            // A leaky integrator, a GRU with another activation, an LSTM whose memory is shown without a tanh.
            Refused(writing, 1, (_, body, x, s) => [body.Add(body.Multiply(s[0], 0.9f), body.Multiply(body.Tanh(body.MatMul(x, "w")), 0.1f))], "equations");
            Refused(writing, 1, (_, body, x, s) =>
            {
                string z = body.Sigmoid(body.Add(body.MatMul(x, "w"), s[0])), n = body.Relu(body.MatMul(x, "w"));
                return [body.Add(n, body.Multiply(z, body.Subtract(s[0], n)))];
            }, "equations");
            Refused(writing, 2, (_, body, x, s) =>
            {
                var c = body.Add(body.Multiply(body.Sigmoid(body.MatMul(x, "w")), s[1]), body.Tanh(body.MatMul(x, "w")));
                return [body.Multiply(body.Sigmoid(s[0]), c), c];
            }, "equations");
        }
    }

    [TestMethod]
    public void Loops_that_are_not_once_over_the_steps_are_refused()
    {
        var (states, step) = WrittenCells.All["gru after"];
        void Refuses(OnnxModelBuilder graph, string words)
        {
            var error = Assert.ThrowsExactly<NotSupportedException>(() => NetworkImporter.Import(graph.Model.Graph));
            StringAssert.Contains(error.Message, words);
            StringAssert.Contains(error.Message, "(Loop)");
            StringAssert.Contains(error.Message, "ApplyRecurrentOnnx");
        }
        Refuses(WrittenCells.Graph(CellWriting.Loop, states, step, perStep: false, iterations: WrittenCells.Time - 1), "once for each step");
        Refuses(WrittenCells.Graph(CellWriting.Loop, states, step, perStep: false,
            place: (body, at) => body.Subtract(body.Scalar(WrittenCells.Time - 1L), at)), "from the first to the last");
        Refuses(WrittenCells.Graph(CellWriting.Loop, states, step, perStep: false, begin: "numbers"), "initial state is not zero");
    }

    [TestMethod]
    public void Unrolled_steps_that_begin_elsewhere_than_at_zero_are_refused()
    {
        var (states, step) = WrittenCells.All["gru after"];
        var graph = WrittenCells.Graph(CellWriting.Unrolled, states, step, perStep: false, begin: "numbers");
        StringAssert.Contains(Assert.ThrowsExactly<NotSupportedException>(() => NetworkImporter.Import(graph.Model.Graph)).Message, "equations");
    }

    private static void Refused(CellWriting writing, int states, WrittenCells.StepOf step, string words)
    {
        var graph = WrittenCells.Graph(writing, states, (cells, body, x, s) =>
        {
            cells.Weight(body, "w", WrittenCells.Features, WrittenCells.Hidden);
            return step(cells, body, x, s);
        }, perStep: false);
        StringAssert.Contains(Assert.ThrowsExactly<NotSupportedException>(() => NetworkImporter.Import(graph.Model.Graph)).Message, words);
    }

    internal static void Compare(OnnxModelBuilder graph, Network network)
    {
        var random = new Random(3);
        const int rows = WrittenCells.Rows, time = WrittenCells.Time, features = WrittenCells.Features;
        float[] x = [.. Enumerable.Range(0, rows * time * features).Select(_ => 2 * random.NextSingle() - 1)];
        using var session = new InferenceSession(graph.Model.ToByteArray());
        using var input = OrtValue.CreateTensorValueFromMemory(x, [rows, time, features]);
        using var options = new RunOptions();
        using var results = session.Run(options, ["X"], [input], ["answer"]);
        using var batch = new SequenceBatch();
        batch.Resize(rows, time, features);
        for (var row = 0; row < rows; row++)
            for (var t = 0; t < time; t++) x.AsSpan((row * time + t) * features, features).CopyTo(batch.Values!.Span[((t * rows + row) * features)..]);
        using var tape = new Tape { Recording = false };
        float[] expected = results[0].GetTensorDataAsSpan<float>().ToArray(), actual = network.Forward(tape, batch).Values.Span.ToArray();
        if (network.Description.PerStep)
        {
            // The network's answers are step by step.
            var size = expected.Length / (rows * time);
            actual = [.. Enumerable.Range(0, rows).SelectMany(row => Enumerable.Range(0, time).SelectMany(t =>
                actual[((t * rows + row) * size)..((t * rows + row + 1) * size)]))];
        }
        TestModels.AssertClose(expected, actual, "cell");
    }
}
