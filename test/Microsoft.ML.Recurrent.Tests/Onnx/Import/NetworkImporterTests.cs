using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.Recurrent.Autograd;
using Microsoft.ML.Recurrent.Layers;
using Microsoft.ML.Recurrent.Networks;
using Microsoft.ML.Recurrent.Onnx;
using Microsoft.ML.Recurrent.Onnx.Format;
using Microsoft.ML.Recurrent.Onnx.Import;
using Microsoft.ML.Recurrent.Tasks;

namespace Microsoft.ML.Recurrent.Tests.Onnx.Import;

/// <summary>Models that PyTorch and Keras wrote become networks of ours.</summary>
[TestClass]
public sealed class NetworkImporterTests
{
    [TestMethod]
    [DataRow("keras_bilstm_stacked_softmax")]
    [DataRow("keras_gru_reset_after")]
    [DataRow("keras_gru_reset_before")]
    [DataRow("keras_lstm_last")]
    [DataRow("pytorch_dynamo_gru_2layer_timefirst")]
    [DataRow("pytorch_dynamo_gru_last")]
    [DataRow("pytorch_dynamo_gru_lstm_mean_softmax")]
    [DataRow("pytorch_dynamo_lstm_2layer_bidirectional")]
    [DataRow("pytorch_dynamo_lstm_last")]
    [DataRow("pytorch_dynamo_lstm_step")]
    [DataRow("pytorch_dynamo_rnn_last")]
    [DataRow("pytorch_torchscript_gru_2layer_timefirst")]
    [DataRow("pytorch_torchscript_gru_last")]
    [DataRow("pytorch_torchscript_gru_lstm_mean_softmax")]
    [DataRow("pytorch_torchscript_lstm_2layer_bidirectional")]
    [DataRow("pytorch_torchscript_lstm_last")]
    [DataRow("pytorch_torchscript_lstm_step")]
    [DataRow("pytorch_torchscript_rnn_last")]
    public void Networks_answer_like_their_frameworks(string name)
    {
        var graph = Model(name).Graph;
        var imported = NetworkImporter.Import(graph);
        using var network = imported.Network;
        var input = Tensor(name, "input_0");
        var timeFirst = name.Contains("timefirst", StringComparison.Ordinal);
        int rows = (int)input.Shape[timeFirst ? 1 : 0], time = (int)input.Shape[timeFirst ? 0 : 1], features = (int)input.Shape[2];
        using var batch = new SequenceBatch();
        batch.Resize(rows, time, features);
        for (var t = 0; t < time; t++)
            for (var row = 0; row < rows; row++)
                input.FloatValues.AsSpan((timeFirst ? t * rows + row : row * time + t) * features, features)
                    .CopyTo(batch.Values!.Span[((t * rows + row) * features)..]);
        using var tape = new Tape { Recording = false };
        var values = network.Forward(tape, batch).Values.Span.ToArray();
        var outputs = network.Description.Outputs;
        if (imported.Activation is OutputActivation.Softmax)
            for (var row = 0; row < rows; row++)
                System.Numerics.Tensors.TensorPrimitives.SoftMax(values.AsSpan(row * outputs, outputs).ToArray(), values.AsSpan(row * outputs, outputs));
        // A model that is scored step by step was answered from the states of its further inputs; a network begins from zero, so the runtime does as well.
        var expected = name.EndsWith("_step", StringComparison.Ordinal) ? FromZeroStates(name, input) : Tensor(name, "output_0").FloatValues!;
        TestModels.AssertClose(expected, values, name);
    }

    [TestMethod]
    public void Our_own_exports_import_too()
    {
        foreach (var cell in Enum.GetValues<RecurrentCell>())
            foreach (var opset in new[] { 11, 17, 22, 26 })
                foreach (var pooling in Enum.GetValues<SequencePooling>().Where(pooling => pooling is not SequencePooling.Attention))
                {
                    var description = TestModels.Describe(
                        [new RecurrentDescription("a", cell, 5) { Bidirectional = true }, new RecurrentDescription("b", cell, 4),
                            new PoolingDescription("pool", pooling), new DenseDescription("d", 3, DenseActivation.Relu)],
                        features: 1) with
                    { Standardize = false };
                    using var network = TestModels.Network(description);
                    using var stream = new MemoryStream();
                    TestModels.Model(network).ExportToOnnx(stream, new() { Opset = opset });
                    using var imported = NetworkImporter.Import(ModelProto.Parser.ParseFrom(stream.ToArray()).Graph).Network;
                    var rows = TestRows.Random(description, 5);
                    TestModels.AssertClose(TestModels.Forward(network, rows)[0], TestModels.Forward(imported, rows)[0], $"{cell}, opset {opset}, {pooling}",
                        1e-6f);
                }
    }

    private static float[] FromZeroStates(string name, TensorData input)
    {
        using var session = new InferenceSession(SharedFolder.Find("onnx-models", name, "model.onnx"));
        using var x = OrtValue.CreateTensorValueFromMemory(input.FloatValues!, input.Shape);
        using var h = OrtValue.CreateTensorValueFromMemory(new float[18], [1, 3, 6]);
        using var c = OrtValue.CreateTensorValueFromMemory(new float[18], [1, 3, 6]);
        using var options = new RunOptions();
        using var results = session.Run(options, ["x", "h", "c"], [x, h, c], ["y"]);
        return results[0].GetTensorDataAsSpan<float>().ToArray();
    }

    private static ModelProto Model(string name) => ModelProto.Parser.ParseFrom(File.ReadAllBytes(SharedFolder.Find("onnx-models", name, "model.onnx")));

    private static TensorData Tensor(string name, string file) =>
        TensorData.Read(TensorProto.Parser.ParseFrom(File.ReadAllBytes(SharedFolder.Find("onnx-models", name, file + ".pb"))));
}
