using System.Globalization;
using Google.Protobuf;
using Microsoft.ML.Data;
using Microsoft.ML.Recurrent.Onnx;
using Microsoft.ML.Recurrent.Onnx.Format;
using Microsoft.ML.Recurrent.Tests.Onnx;

namespace Microsoft.ML.Recurrent.Tests.Foreign;

/// <summary>Models that people use, and ONNX's own tests of loops: they answer as ONNX Runtime does on the same numbers.</summary>
[TestClass]
public sealed class RealModelTests
{
    // Debian's libonnx-testdata.
    private const string Backend = "/usr/share/libonnx-testdata/data/node";

    private const float Tolerance = 1e-6f;

    private readonly MLContext _ml = new(seed: 1);
    private readonly Random _random = new(11);

    public TestContext TestContext { get; set; } = null!;

    [TestMethod]
    [DataRow(16000L)]
    [DataRow(8000L)]
    public void Silero_v5_scores_with_its_rate_as_a_constant_and_its_state_as_a_column(long rate)
    {
        var path = SharedFolder.Find("onnx-real", "silero_vad_v5.onnx");
        var samples = rate == 16000 ? 576 : 288;
        ForeignRow[] rows = [.. Enumerable.Range(0, 7).Select(_ => new ForeignRow { X = Numbers(samples), H = Numbers(256), Rate = rate })];
        var data = ForeignTable.Create(_ml, rows, ("X", [samples]), ("H", [256]));
        using var file = Read(path);
        var expected = file.Run(["output", "stateN"], GraphFile.Tensor("input", ForeignTable.Join(rows.Select(row => row.X)), 7, samples),
            GraphFile.Tensor("state", ForeignTable.Swap(ForeignTable.Join(rows.Select(row => row.H)), 7, 2), 2, 7, 128),
            GraphFile.Tensor("sr", new[] { rate }));
        var model = _ml.Transforms.ApplyRecurrentOnnx(["output", "stateN"], ["X", "H"], path, batchSize: 4, constants: new() { ["sr"] = rate }).Fit(data);
        Compare(expected, model.Transform(data));
        using var stream = new MemoryStream();
        _ml.Model.Save(model, data.Schema, stream);
        stream.Position = 0;
        Compare(expected, _ml.Model.Load(stream, out _).Transform(data));
        // The rate as a column, and zeros for the state.
        Compare(expected, _ml.Transforms.ApplyRecurrentOnnx(["output", "stateN"], ["X", "H", "Rate"], path).Fit(data).Transform(data));
        var zeros = file.Run(["output"], GraphFile.Tensor("input", ForeignTable.Join(rows.Select(row => row.X)), 7, samples),
            GraphFile.Tensor("state", new float[7 * 256], 2, 7, 128), GraphFile.Tensor("sr", new[] { rate }))[0];
        Close(zeros,
            [.. _ml.Transforms.ApplyRecurrentOnnx(["output"], ["X"], path, constants: new() { ["sr"] = rate, ["state"] = 0f }).Fit(data).Transform(data)
            .GetColumn<float>("output")], "zeros");

        void Compare(float[][] wanted, IDataView scored)
        {
            Close(wanted[0], [.. scored.GetColumn<float>("output")], "output");
            Close(ForeignTable.Swap(wanted[1], 2, 7), ForeignTable.Join(scored.GetColumn<float[]>("stateN")), "stateN");
        }
    }

    [TestMethod]
    [DataRow(16000L)]
    [DataRow(8000L)]
    public void Silero_legacy_scores_with_two_states(long rate)
    {
        var path = SharedFolder.Find("onnx-real", "silero_vad_legacy.onnx");
        var samples = rate == 16000 ? 1536 : 768;
        ForeignRow[] rows = [.. Enumerable.Range(0, 5).Select(_ => new ForeignRow { X = Numbers(samples), H = Numbers(128), C = Numbers(128) })];
        var data = ForeignTable.Create(_ml, rows, ("X", [samples]), ("H", [128]), ("C", [128]));
        using var file = Read(path);
        float[] Turned(Func<ForeignRow, float[]> state) => ForeignTable.Swap(ForeignTable.Join(rows.Select(state)), 5, 2);
        var expected = file.Run(["output", "hn", "cn"], GraphFile.Tensor("input", ForeignTable.Join(rows.Select(row => row.X)), 5, samples),
            GraphFile.Tensor("sr", new[] { rate }),
            GraphFile.Tensor("h", Turned(row => row.H), 2, 5, 64), GraphFile.Tensor("c", Turned(row => row.C), 2, 5, 64));
        var scored = _ml.Transforms.ApplyRecurrentOnnx(["output", "hn", "cn"], ["X", "H", "C"], path, constants: new() { ["sr"] = rate }).Fit(data)
            .Transform(data);
        Close(expected[0], [.. scored.GetColumn<float>("output")], "output");
        Close(ForeignTable.Swap(expected[1], 2, 5), ForeignTable.Join(scored.GetColumn<float[]>("hn")), "hn");
        Close(ForeignTable.Swap(expected[2], 2, 5), ForeignTable.Join(scored.GetColumn<float[]>("cn")), "cn");
    }

    [TestMethod]
    public void Gtcrn_scores_row_by_row_with_three_states()
    {
        var path = SharedFolder.Find("onnx-real", "gtcrn_simple.onnx");
        var (conv, tra, inter) = (2 * 16 * 16 * 33, 2 * 3 * 16, 2 * 33 * 16);
        ForeignRow[] rows =
            [.. Enumerable.Range(0, 4).Select(_ => new ForeignRow { X = Numbers(514), H = Numbers(conv), C = Numbers(tra), More = Numbers(inter) })];
        var data = ForeignTable.Create(_ml, rows, ("X", [257, 1, 2]), ("H", [conv]), ("C", [tra]), ("More", [inter]));
        using var file = Read(path);
        string[] outputs = ["enh", "conv_cache_out", "tra_cache_out", "inter_cache_out"];
        var scored = _ml.Transforms.ApplyRecurrentOnnx(outputs, ["X", "H", "C", "More"], path).Fit(data).Transform(data);
        for (var output = 0; output < outputs.Length; output++)
        {
            float[][] actual = [.. scored.GetColumn<float[]>(outputs[output])];
            for (var row = 0; row < rows.Length; row++)
                Close(file.Run(outputs, GraphFile.Tensor("mix", rows[row].X, 1, 257, 1, 2), GraphFile.Tensor("conv_cache", rows[row].H, 2, 1, 16, 16, 33),
                    GraphFile.Tensor("tra_cache", rows[row].C, 2, 3, 1, 1, 16), GraphFile.Tensor("inter_cache", rows[row].More, 2, 1, 33, 16))[output],
                        actual[row],
                    $"{outputs[output]}, row {row}");
        }
        // Zeros as constants.
        var constants = new Dictionary<string, object> { ["conv_cache"] = 0f, ["tra_cache"] = 0f, ["inter_cache"] = 0f };
        var first = _ml.Transforms.ApplyRecurrentOnnx(["enh"], ["X"], path, constants: constants).Fit(data).Transform(data).GetColumn<float[]>("enh").First();
        Close(file.Run(["enh"], GraphFile.Tensor("mix", rows[0].X, 1, 257, 1, 2), GraphFile.Tensor("conv_cache", new float[conv], 2, 1, 16, 16, 33),
            GraphFile.Tensor("tra_cache", new float[tra], 2, 3, 1, 1, 16), GraphFile.Tensor("inter_cache", new float[inter], 2, 1, 33, 16))[0], first, "zeros");
    }

    [TestMethod]
    [DataRow("scan_sum", "2", "3 2")]
    [DataRow("scan9_sum", "2", "3 2")]
    public void Scans_of_the_backend_tests_score(string name, string first, string second)
    {
        var (graph, inputs, outputs) = Load(name, 2, 2);
        if (graph is null) return;
        static int[] Sizes(string text) => [.. text.Split(' ').Select(size => int.Parse(size, CultureInfo.InvariantCulture))];
        ForeignRow[] rows = [new() { H = inputs[0], X = inputs[1] }, new() { H = inputs[0], X = inputs[1] }];
        var data = ForeignTable.Create(_ml, rows, ("H", Sizes(first)), ("X", Sizes(second)));
        using var file = graph;
        var scored = _ml.Transforms.ApplyRecurrentOnnx(["y", "z"], ["H", "X"], graph.Path).Fit(data).Transform(data);
        foreach (var row in scored.GetColumn<float[]>("y")) Close(outputs[0], row, "y");
        foreach (var row in scored.GetColumn<float[]>("z")) Close(outputs[1], row, "z");
    }

    [TestMethod]
    public void The_loop_of_the_backend_tests_scores()
    {
        var (graph, inputs, outputs) = Load("loop11", 3, 2);
        if (graph is null) return;
        ForeignRow[] rows =
            [.. Enumerable.Range(0, 3).Select(_ => new ForeignRow { Length = (long)inputs[0][0], Flag = inputs[1][0] != 0, Gain = inputs[2][0] })];
        using var file = graph;
        var data = _ml.Data.LoadFromEnumerable(rows);
        var scored = _ml.Transforms.ApplyRecurrentOnnx(["res_y", "res_scan"], ["Length", "Flag", "Gain"], graph.Path).Fit(data).Transform(data);
        foreach (var row in scored.GetColumn<float>("res_y")) Close(outputs[0], [row], "res_y");
        foreach (var row in scored.GetColumn<float[]>("res_scan")) Close(outputs[1], row, "res_scan");
        // Trip count and condition as constants.
        var constants = new Dictionary<string, object> { ["trip_count"] = 5, ["cond"] = true };
        scored = _ml.Transforms.ApplyRecurrentOnnx(["res_y"], ["Gain"], graph.Path, constants: constants).Fit(data).Transform(data);
        foreach (var row in scored.GetColumn<float>("res_y")) Close(outputs[0], [row], "constants");
    }

    private (GraphFile? File, float[][] Inputs, float[][] Outputs) Load(string name, int inputs, int outputs)
    {
        var folder = Path.Combine(Backend, "test_" + name);
        if (!Directory.Exists(folder))
        {
            TestContext.WriteLine($"{folder} (Debian's libonnx-testdata) is not there.");
            return (null, [], []);
        }
        float[] Numbers(string file)
        {
            var data = TensorData.Read(TensorProto.Parser.ParseFrom(File.ReadAllBytes(Path.Combine(folder, "test_data_set_0", file + ".pb"))));
            return data.FloatValues ?? Array.ConvertAll(data.IntegerValues!, value => (float)value);
        }
        return (Read(Path.Combine(folder, "model.onnx")), [.. Enumerable.Range(0, inputs).Select(i => Numbers($"input_{i}"))],
            [.. Enumerable.Range(0, outputs).Select(i => Numbers($"output_{i}"))]);
    }

    private static GraphFile Read(string path)
    {
        var file = new GraphFile();
        file.Model.OpsetImport.Clear();
        file.Model.Graph = null;
        file.Model.MergeFrom(ModelProto.Parser.ParseFrom(File.ReadAllBytes(path)));
        return file;
    }

    private float[] Numbers(int count) => Array.ConvertAll(ForeignTable.Numbers(_random, count), value => 0.2f * value);

    private static void Close(float[] expected, float[] actual, string what)
    {
        Assert.HasCount(expected.Length, actual, what);
        for (var i = 0; i < expected.Length; i++)
            Assert.AreEqual(expected[i], actual[i], Tolerance * Math.Max(1, Math.Abs(expected[i])), $"{what}, number {i}");
    }
}
