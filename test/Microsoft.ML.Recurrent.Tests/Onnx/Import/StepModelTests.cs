using Google.Protobuf;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.Recurrent.Onnx;
using Microsoft.ML.Recurrent.Onnx.Format;
using Microsoft.ML.Recurrent.Onnx.Import;

namespace Microsoft.ML.Recurrent.Tests.Onnx.Import;

/// <summary>Files of single steps, whose states are inputs and outputs: LoadRecurrentOnnx keeps them as the states of its network, or refuses.</summary>
[TestClass]
public sealed class StepModelTests
{
    private const int Hidden = 4, Features = 3, Layers = 2;

    private readonly MLContext _ml = new(seed: 1);

    [TestMethod]
    [DataRow("pytorch_dynamo_lstm_step")]
    [DataRow("pytorch_torchscript_lstm_step")]
    public void The_step_form_answers_from_given_states_as_the_framework(string name)
    {
        var model = _ml.Model.LoadRecurrentOnnx(SharedFolder.Find("onnx-models", name, "model.onnx"));
        using var stream = new MemoryStream();
        model.ExportToOnnx(stream, new() { Form = OnnxExportForm.SingleStep });
        TensorData[] given = [.. Enumerable.Range(0, 3).Select(i => Read(name, $"input_{i}.pb"))];
        using var session = new InferenceSession(stream.ToArray());
        OrtValue[] values = [.. given.Select(value => OrtValue.CreateTensorValueFromMemory(value.FloatValues!, value.Shape))];
        using var options = new RunOptions();
        var layer = model.Description.Layers[0].Name;
        string[] inputs = [model.Manifest.Inputs[0].Name, layer + ".h", layer + ".c"], outputs = ["Score", layer + ".h.next", layer + ".c.next"];
        List<string> names = [.. inputs];
        List<OrtValue> all = [.. values];
        if (session.InputMetadata.ContainsKey("sequence_length"))
        {
            names.Add("sequence_length");
            all.Add(OrtValue.CreateTensorValueFromMemory(Enumerable.Repeat(1L, (int)given[0].Shape[0]).ToArray(), [given[0].Shape[0]]));
        }
        using var results = session.Run(options, names, all, outputs);
        foreach (var value in all) value.Dispose();
        for (var i = 0; i < 3; i++)
            TestModels.AssertClose(Read(name, $"output_{i}.pb").FloatValues!, results[i].GetTensorDataAsSpan<float>().ToArray(), $"{name} {outputs[i]}");
    }

    [TestMethod]
    [DataRow("pytorch_dynamo_lstm_step")]
    [DataRow("pytorch_torchscript_lstm_step")]
    public void A_stream_carries_the_states_as_the_file_does(string name)
    {
        var path = SharedFolder.Find("onnx-models", name, "model.onnx");
        var model = _ml.Model.LoadRecurrentOnnx(path);
        StringAssert.Contains(model.Summary(), "with the states h, c: here they begin at zero, and a SequenceStream carries them");
        using var saved = new MemoryStream();
        model.ExportToOnnx(saved);
        Assert.AreEqual(model.Summary(), RecurrentModel.Load(saved.ToArray()).Summary());
        Streamed(model, new InferenceSession(path), 5, [("h", "hn", 6), ("c", "cn", 6)], layers: 1);
    }

    [TestMethod]
    public void Layers_share_an_input_of_states()
    {
        var bytes = Stack(states: 2, outputs: true).ToByteArray();
        var file = Path.GetTempFileName();
        try
        {
            File.WriteAllBytes(file, bytes);
            var model = _ml.Model.LoadRecurrentOnnx(file);
            StringAssert.Contains(model.Summary(), "with the states h:");
            Streamed(model, new InferenceSession(bytes), Features, [("h", "hn", Hidden)], Layers);
        }
        finally
        {
            File.Delete(file);
        }
    }

    [TestMethod]
    public void States_that_a_network_does_not_carry_so_are_refused()
    {
        StringAssert.Contains(Refusal(Stack(states: 2, outputs: false)), "begins with the states h, but has no outputs");
        StringAssert.Contains(Refusal(Stack(states: 1, outputs: true)), "Only some states of its layers are inputs of the graph (h)");
    }

    private static string Refusal(ModelProto model) => Assert.ThrowsExactly<NotSupportedException>(() => NetworkImporter.Import(model.Graph)).Message;

    // Two GRU layers, of which some have their states in one input [layers, batch, hidden].
    private static ModelProto Stack(int states, bool outputs)
    {
        var random = new Random(4);
        var graph = new OnnxModelBuilder(17, "step", ["X", "h", "answer", "hn"]);
        graph.Input("X", OnnxType.Single, "batch", 1, Features);
        graph.Input("h", OnnxType.Single, states, "batch", Hidden);
        var x = graph.Transpose("X", 1, 0, 2);
        List<string> last = [];
        for (var layer = 0; layer < Layers; layer++)
        {
            long size = layer == 0 ? Features : Hidden;
            string Numbers(string name, params long[] shape) => graph.Parameter($"{name}{layer}",
                [.. Enumerable.Range(0, (int)shape.Aggregate(1L, (product, size) => product * size)).Select(_ => random.NextSingle() - 0.5f)], shape);
            string w = Numbers("W", 1, 3 * Hidden, size), r = Numbers("R", 1, 3 * Hidden, Hidden), b = Numbers("B", 1, 6 * Hidden);
            string[] begin = layer < states ? ["", graph.Slice("h", layer, layer + 1, 0)] : [];
            var y = graph.Nodes("GRU", [x, w, r, b, .. begin], 2, ("hidden_size", (long)Hidden), ("linear_before_reset", 1L));
            x = graph.Squeeze(y[0], 1);
            last.Add(y[1]);
        }
        graph.Output("answer", graph.Squeeze(x, 0), OnnxType.Single, "batch", Hidden);
        if (outputs) graph.Output("hn", graph.Concat(0, [.. last]), OnnxType.Single, Layers, "batch", Hidden);
        return graph.Model;
    }

    // The stream, and the file with its states passed by hand.
    private static void Streamed(RecurrentModel model, InferenceSession session, int features, (string Input, string Output, int Size)[] states, int layers)
    {
        const int steps = 6, keys = 3;
        var random = new Random(8);
        using var stream = new SequenceStream<int>(model);
        using var options = new RunOptions();
        var now = states.Select(state => new float[layers * keys * state.Size]).ToArray();
        var answers = new float[keys * stream.OutputSize];
        for (var step = 0; step < steps; step++)
        {
            float[] x = [.. Enumerable.Range(0, keys * features).Select(_ => 2 * random.NextSingle() - 1)];
            stream.Step([1, 2, 3], x, answers);
            using var input = OrtValue.CreateTensorValueFromMemory(x, [keys, 1, features]);
            OrtValue[] before = [.. states.Select((state, i) => OrtValue.CreateTensorValueFromMemory(now[i], [layers, keys, state.Size]))];
            using var results = session.Run(options, [session.InputNames[0], .. states.Select(state => state.Input)], [input, .. before],
                [session.OutputNames[0], .. states.Select(state => state.Output)]);
            TestModels.AssertClose(results[0].GetTensorDataAsSpan<float>().ToArray(), answers, $"step {step}");
            now = [.. states.Select((_, i) => results[i + 1].GetTensorDataAsSpan<float>().ToArray())];
            foreach (var state in before) state.Dispose();
        }
        session.Dispose();
    }

    private static TensorData Read(string name, string file) =>
        TensorData.Read(TensorProto.Parser.ParseFrom(File.ReadAllBytes(SharedFolder.Find("onnx-models", name, file))));
}
