using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.Recurrent.Autograd;
using Microsoft.ML.Recurrent.Layers;
using Microsoft.ML.Recurrent.Networks;
using Microsoft.ML.Recurrent.Onnx;
using Microsoft.ML.Recurrent.Onnx.Format;
using Microsoft.ML.Recurrent.Onnx.Import;

namespace Microsoft.ML.Recurrent.Tests.Onnx.Import;

/// <summary>Single LSTM, GRU and RNN nodes through our importer and network: those of ONNX's backend tests, and ours against ONNX Runtime.</summary>
[TestClass]
public sealed class RecurrentNodeTests
{
    // Debian's libonnx-testdata. What is not there is said in the output; our own nodes are tested anyway.
    private const string Backend = "/usr/share/libonnx-testdata/data/node";

    public TestContext TestContext { get; set; } = null!;

    [TestMethod]
    [DataRow("gru_batchwise")]
    [DataRow("gru_defaults")]
    [DataRow("gru_seq_length")]
    [DataRow("gru_with_initial_bias")]
    [DataRow("lstm_batchwise")]
    [DataRow("lstm_defaults")]
    [DataRow("lstm_with_initial_bias")]
    [DataRow("lstm_with_peepholes")]
    [DataRow("rnn_seq_length")]
    [DataRow("simple_rnn_batchwise")]
    [DataRow("simple_rnn_defaults")]
    [DataRow("simple_rnn_with_initial_bias")]
    public void Backend_tests_pass(string name)
    {
        var folder = Path.Combine(Backend, "test_" + name);
        if (!Directory.Exists(folder))
        {
            TestContext.WriteLine($"{folder} (Debian's libonnx-testdata) is not there.");
            return;
        }
        var graph = ModelProto.Parser.ParseFrom(File.ReadAllBytes(Path.Combine(folder, "model.onnx"))).Graph;
        TensorData Data(string file) => TensorData.Read(TensorProto.Parser.ParseFrom(File.ReadAllBytes(Path.Combine(folder, "test_data_set_0", file))));
        // The backend tests feed the weights as inputs.
        for (var i = graph.Input.Count - 1; i > 0; i--)
        {
            if (graph.Input[i].Name == "sequence_lens") continue;
            graph.Initializer.Add(Data($"input_{i}.pb").ToProto(graph.Input[i].Name));
        }
        var last = graph.Output.Count - 1;
        Assert.AreEqual("Y_h", graph.Output[last].Name);
        if (last > 0) graph.Output.RemoveAt(0);
        var x = Data("input_0.pb");
        var batchFirst = graph.Node[0].Integer("layout") == 1;
        var (rows, time) = batchFirst ? (x.Shape[0], x.Shape[1]) : (x.Shape[1], x.Shape[0]);
        using var network = NetworkImporter.Import(graph).Network;
        var steps = batchFirst ? BatchToTimeFirst(x) : x.FloatValues!;
        TestModels.AssertClose(Data($"output_{last}.pb").FloatValues!, Forward(network, steps, (int)time, (int)rows, null), name);
    }

    public static IEnumerable<object[]> Nodes =>
        from cell in new[] { RecurrentCell.SimpleRnn, RecurrentCell.Lstm, RecurrentCell.Gru }
        from bidirectional in new[] { false, true }
        from bias in new[] { false, true }
        from lengths in new[] { false, true }
        select new object[] { cell, bidirectional, bias, lengths };

    [TestMethod]
    [DynamicData(nameof(Nodes))]
    public void Nodes_agree_with_Onnx_runtime(RecurrentCell cell, bool bidirectional, bool bias, bool lengths)
    {
        foreach (var linearBeforeReset in cell is RecurrentCell.Gru ? new long[] { 0, 1 } : [0])
        {
            // Without a bias ONNX Runtime's GRU that resets after the product has been wrong before: no reference there.
            if (linearBeforeReset == 1 && !bias) continue;
            Compare(cell, bidirectional, bias, lengths, cell is RecurrentCell.Gru ? [("linear_before_reset", linearBeforeReset)] : []);
        }
    }

    [TestMethod]
    [DataRow("Relu")]
    [DataRow("Sigmoid")]
    [DataRow("LeakyRelu")]
    [DataRow("Elu")]
    public void Activations_agree_with_Onnx_runtime(string activation)
    {
        Compare(RecurrentCell.SimpleRnn, false, true, false, [("activations", new[] { activation })]);
        Compare(RecurrentCell.SimpleRnn, true, true, true, [("activations", new[] { activation, activation })]);
    }

    /// <summary>ONNX Runtime's kernel does what the equations say: P, and input_forget, with which it ignores the forget block.</summary>
    [TestMethod]
    [DataRow(false, true)]
    [DataRow(true, false)]
    [DataRow(true, true)]
    public void Peepholes_and_coupled_gates_agree_with_Onnx_runtime(bool isCoupled, bool hasPeepholes)
    {
        foreach (var bidirectional in new[] { false, true })
        {
            OnnxAttribute[] attributes = isCoupled ? [("input_forget", 1L)] : [];
            var layer = Compare(RecurrentCell.Lstm, bidirectional, bias: !isCoupled || bidirectional, lengths: bidirectional, attributes, hasPeepholes);
            Assert.AreEqual(isCoupled ? hasPeepholes ? RecurrentCell.CoupledPeepholeLstm : RecurrentCell.CoupledLstm : RecurrentCell.PeepholeLstm, layer.Cell);
        }
    }

    [TestMethod]
    public void Peepholes_of_zero_are_none()
    {
        var model = Graph(RecurrentCell.Lstm, false, true, false, [], hasPeepholes: true);
        var peepholes = model.Graph.Initializer.Single(tensor => tensor.Name == "P");
        model.Graph.Initializer[model.Graph.Initializer.IndexOf(peepholes)] = TensorData.Create([1, 12], new float[12]).ToProto("P");
        using var network = NetworkImporter.Import(model.Graph).Network;
        Assert.AreEqual(RecurrentCell.Lstm, network.Description.Layers.OfType<RecurrentDescription>().Single().Cell);
    }

    [TestMethod]
    public void What_our_layers_do_not_do_is_named()
    {
        void Refused(RecurrentCell cell, OnnxAttribute attribute, string reason)
        {
            var error = Assert.ThrowsExactly<NotSupportedException>(() => NetworkImporter.Import(Graph(cell, false, true, false, [attribute]).Graph));
            StringAssert.Contains(error.Message, reason);
            StringAssert.Contains(error.Message, "node_");
        }
        Refused(RecurrentCell.Lstm, ("clip", 1f), "clips");
        Refused(RecurrentCell.Lstm, ("activations", new[] { "Sigmoid", "Relu", "Tanh" }), "activations sigmoid, relu, tanh");
        Refused(RecurrentCell.SimpleRnn, ("activations", new[] { "Softsign" }), "does not support the activation softsign");
        Refused(RecurrentCell.SimpleRnn, ("direction", "reverse"), "backward only");
    }

    private static RecurrentDescription Compare(RecurrentCell cell, bool bidirectional, bool bias, bool lengths, OnnxAttribute[] attributes,
        bool hasPeepholes = false)
    {
        const int time = 6, rows = 5, features = 3;
        var model = Graph(cell, bidirectional, bias, lengths, attributes, hasPeepholes);
        var random = new Random(5);
        float[] x = [.. Enumerable.Range(0, time * rows * features).Select(_ => 2 * random.NextSingle() - 1)];
        int[] steps = [1, 6, 3, 2, 5];
        using var session = new InferenceSession(Google.Protobuf.MessageExtensions.ToByteArray(model));
        using var input = OrtValue.CreateTensorValueFromMemory(x, [time, rows, features]);
        using var lens = OrtValue.CreateTensorValueFromMemory(steps, [rows]);
        using var options = new RunOptions();
        using var results = session.Run(options, lengths ? ["X", "lens"] : ["X"], lengths ? [input, lens] : [input], ["answer"]);
        using var network = NetworkImporter.Import(model.Graph).Network;
        TestModels.AssertClose(results[0].GetTensorDataAsSpan<float>().ToArray(), Forward(network, x, time, rows, lengths ? steps : null),
            $"{cell} {bidirectional} {bias} {lengths}");
        return network.Description.Layers.OfType<RecurrentDescription>().Single();
    }

    private static ModelProto Graph(RecurrentCell cell, bool bidirectional, bool bias, bool lengths, OnnxAttribute[] attributes, bool hasPeepholes = false)
    {
        const int hidden = 4, features = 3;
        long directions = bidirectional ? 2 : 1, gates = cell switch { RecurrentCell.Lstm => 4, RecurrentCell.Gru => 3, _ => 1 };
        var random = new Random(9);
        float[] Numbers(long size) => [.. Enumerable.Range(0, (int)size).Select(_ => random.NextSingle() - 0.5f)];
        var graph = new OnnxModelBuilder(17, "node", ["X", "lens", "answer"]);
        graph.Input("X", OnnxType.Single, lengths ? "time" : 6, "batch", features);
        if (lengths) graph.Input("lens", OnnxType.Int32, "batch");
        var w = graph.Parameter("W", Numbers(directions * gates * hidden * features), directions, gates * hidden, features);
        var r = graph.Parameter("R", Numbers(directions * gates * hidden * hidden), directions, gates * hidden, hidden);
        var b = bias ? graph.Parameter("B", Numbers(directions * 2 * gates * hidden), directions, 2 * gates * hidden) : "";
        string[] peepholes = hasPeepholes ? ["", "", graph.Parameter("P", Numbers(directions * 3 * hidden), directions, 3 * hidden)] : [];
        List<OnnxAttribute> all = [("hidden_size", (long)hidden)];
        if (!attributes.Any(attribute => attribute.Name == "direction")) all.Add(("direction", bidirectional ? "bidirectional" : "forward"));
        var outputs = graph.Nodes(cell switch { RecurrentCell.Lstm => "LSTM", RecurrentCell.Gru => "GRU", _ => "RNN" },
            ["X", w, r, b, lengths ? "lens" : "", .. peepholes], 2, [.. all, .. attributes]);
        graph.Output("answer", graph.Reshape(graph.Transpose(outputs[1], 1, 0, 2), 0, -1), OnnxType.Single, "batch", directions * hidden);
        return graph.Model;
    }

    private static float[] Forward(Network network, float[] timeFirst, int time, int rows, int[]? lengths)
    {
        using var batch = new SequenceBatch();
        batch.Resize(rows, time, network.Description.Features, lengths: lengths is not null);
        timeFirst.CopyTo(batch.Values!.Span);
        lengths?.CopyTo(batch.Lengths!, 0);
        using var tape = new Tape { Recording = false };
        return network.Forward(tape, batch).Values.Span.ToArray();
    }

    private static float[] BatchToTimeFirst(TensorData x)
    {
        var (rows, time, features) = ((int)x.Shape[0], (int)x.Shape[1], (int)x.Shape[2]);
        var turned = new float[x.Length];
        for (var row = 0; row < rows; row++)
            for (var t = 0; t < time; t++)
                x.FloatValues.AsSpan((row * time + t) * features, features).CopyTo(turned.AsSpan((t * rows + row) * features));
        return turned;
    }
}
