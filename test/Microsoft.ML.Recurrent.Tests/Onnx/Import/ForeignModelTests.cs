using Microsoft.ML.Data;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.Recurrent.Layers;
using Microsoft.ML.Recurrent.Model;
using Microsoft.ML.Recurrent.Networks;
using Microsoft.ML.Recurrent.Onnx;
using Microsoft.ML.Recurrent.Onnx.Format;
using Microsoft.ML.Recurrent.Onnx.Import;

namespace Microsoft.ML.Recurrent.Tests.Onnx.Import;

/// <summary>
/// Every model of ../shared/onnx-models through LoadRecurrentOnnx: the network of ours answers as the framework did, whether the file names the cell or writes
/// it out as a loop or step after step.
/// </summary>
[TestClass]
public sealed class ForeignModelTests
{
    private readonly MLContext _ml = new(seed: 1);

    [TestMethod]
    [DataRow("keras_bilstm_stacked_softmax")]
    [DataRow("keras_embedding_simplernn")]
    [DataRow("keras_gru_reset_after")]
    [DataRow("keras_gru_reset_before")]
    [DataRow("keras_lstm_last")]
    [DataRow("pytorch_dynamo_gru_2layer_timefirst")]
    [DataRow("pytorch_dynamo_gru_last")]
    [DataRow("pytorch_dynamo_gru_lstm_mean_softmax")]
    [DataRow("pytorch_dynamo_gru_tagger_embedding_layernorm")]
    [DataRow("pytorch_dynamo_lstm_2layer_bidirectional")]
    [DataRow("pytorch_dynamo_lstm_last")]
    [DataRow("pytorch_dynamo_lstm_step")]
    [DataRow("pytorch_dynamo_rnn_last")]
    [DataRow("pytorch_torchscript_gru_2layer_timefirst")]
    [DataRow("pytorch_torchscript_gru_last")]
    [DataRow("pytorch_torchscript_gru_lstm_mean_softmax")]
    [DataRow("pytorch_torchscript_gru_tagger_embedding_layernorm")]
    [DataRow("pytorch_torchscript_lstm_2layer_bidirectional")]
    [DataRow("pytorch_torchscript_lstm_last")]
    [DataRow("pytorch_torchscript_lstm_step")]
    [DataRow("pytorch_torchscript_rnn_last")]
    public void Answers_as_its_framework(string name)
    {
        var path = SharedFolder.Find("onnx-models", name, "model.onnx");
        var model = _ml.Model.LoadRecurrentOnnx(path);
        var graph = ModelProto.Parser.ParseFrom(File.ReadAllBytes(path)).Graph;
        var x = Read(name, "input_0.pb");
        var timeFirst = x.Rank == 3 && GraphImporter.TimeFirst(graph, graph.Input[0]);
        long rows = x.Shape[timeFirst ? 1 : 0], steps = x.Shape[timeFirst ? 0 : 1];
        var numbers = x.FloatValues is null ? [] : timeFirst ? Swap(x.FloatValues, (int)steps, (int)rows) : x.FloatValues;

        using var stream = new MemoryStream();
        model.ExportToOnnx(stream);
        using var session = new InferenceSession(stream.ToArray());
        List<string> names = [model.Manifest.Inputs[0].Name];
        // Keras passes tokens as floats.
        List<OrtValue> values = [x.Rank == 2
            ? OrtValue.CreateTensorValueFromMemory(x.IntegerValues ?? Array.ConvertAll(x.FloatValues!, token => (long)token), [rows, steps])
            : OrtValue.CreateTensorValueFromMemory(numbers, [rows, steps, x.Shape[2]])];
        if (model.Manifest.HasLengths)
        {
            names.Add(ModelManifest.LengthInput);
            values.Add(OrtValue.CreateTensorValueFromMemory(Enumerable.Repeat(steps, (int)rows).ToArray(), [rows]));
        }
        using var options = new RunOptions();
        using var results = session.Run(options, names, values, [model.Manifest.Task is ModelTask.Binary ? "Probability" : "Score"]);
        foreach (var value in values) value.Dispose();
        float[] actual = results[0].GetTensorDataAsSpan<float>().ToArray(), expected = Read(name, "output_0.pb").FloatValues!;
        // A model of states that begin at zero; the file's own began elsewhere.
        if (name.EndsWith("lstm_step", StringComparison.Ordinal)) expected = Zero(path, x);
        // A classifier of ours gives probabilities.
        if (model.Manifest.Task is ModelTask.Multiclass && graph.Node.Any(node => node.OpType is "LogSoftmax")) actual = Array.ConvertAll(actual, MathF.Log);
        TestModels.AssertClose(expected, actual, name);
    }

    [TestMethod]
    [DataRow("pytorch_torchscript_gru_tagger_embedding_layernorm")]
    [DataRow("pytorch_dynamo_gru_tagger_embedding_layernorm")]
    public void A_tagger_is_trained_further_as_a_classifier(string name)
    {
        var initial = _ml.Model.LoadRecurrentOnnx(SharedFolder.Find("onnx-models", name, "model.onnx"));
        Assert.IsTrue(initial.Description.PerStep);
        var random = new Random(5);
        // Five classes, of which the last token tells.
        Words[] rows = [.. Enumerable.Range(0, 400).Select(i =>
            new Words { Tokens = [.. Enumerable.Range(0, 6).Select(_ => (uint)random.Next(1, 20)), (uint)(1 + i % 5)], Label = "abcde"[i % 5].ToString() })];
        var source = _ml.Data.LoadFromEnumerable(rows);
        var data = _ml.Transforms.Conversion.MapValueToKey("Label").Fit(source).Transform(source);
        using var transformer = _ml.MulticlassClassification.Trainers.RecurrentNetwork(new()
        {
            LabelColumnName = "Label",
            FeatureColumnName = "Tokens",
            Network = { Initialization = { Model = initial } },
            Stopping = { MaximumNumberOfEpochs = 15 },
            Optimizer = { LearningRate = 0.02f },
            Seed = 3,
        }).Fit(data);
        NumberAssert.IsGreaterThan(0.9, _ml.MulticlassClassification.Evaluate(transformer.Transform(data)).MicroAccuracy);
        Assert.IsInstanceOfType<LayerNormDescription>(transformer.Model.Description.Layers.Single(layer => layer.Name == "layer_norm_1"));
    }

    // The file itself, with states of zero.
    private static float[] Zero(string path, TensorData x)
    {
        using var session = new InferenceSession(path);
        using var options = new RunOptions();
        using var input = OrtValue.CreateTensorValueFromMemory(x.FloatValues!, x.Shape);
        using var state = OrtValue.CreateTensorValueFromMemory(new float[x.Shape[0] * 6], [1, x.Shape[0], 6]);
        using var results = session.Run(options, ["x", "h", "c"], [input, state, state], ["y"]);
        return results[0].GetTensorDataAsSpan<float>().ToArray();
    }

    private static float[] Swap(float[] timeFirst, int steps, int rows)
    {
        var size = timeFirst.Length / (steps * rows);
        var batchFirst = new float[timeFirst.Length];
        for (var t = 0; t < steps; t++)
            for (var row = 0; row < rows; row++)
                timeFirst.AsSpan((t * rows + row) * size, size).CopyTo(batchFirst.AsSpan((row * steps + t) * size));
        return batchFirst;
    }

    private static TensorData Read(string name, string file) =>
        TensorData.Read(TensorProto.Parser.ParseFrom(File.ReadAllBytes(SharedFolder.Find("onnx-models", name, file))));

    private sealed class Words
    {
        [VectorType(7), KeyType(19)]
        public uint[] Tokens { get; set; } = [];

        public string Label { get; set; } = "";
    }
}
