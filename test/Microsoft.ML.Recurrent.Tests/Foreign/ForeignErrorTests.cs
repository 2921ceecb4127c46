using System.Runtime.InteropServices;
using Microsoft.ML.Data;
using Microsoft.ML.Recurrent.Onnx;

namespace Microsoft.ML.Recurrent.Tests.Foreign;

/// <summary>What stands in the way of a model is said in one sentence, with the way past it.</summary>
[TestClass]
[DoNotParallelize]
public sealed partial class ForeignErrorTests
{
    private readonly MLContext _ml = new(seed: 1);

    [TestMethod]
    public void A_column_of_no_size_for_a_fixed_number_of_steps_says_what_to_declare()
    {
        using var file = new GraphFile().Input("x", OnnxType.Single, null, 30, 17).Node("Transpose", "x", "xt", ("perm", new[] { 1L, 0, 2 })).Lstm("xt", 17)
            .Output("last", OnnxType.Single, 1, null, 4);
        var error = Refused(file, "last", "X");
        StringAssert.Contains(error.Message, "The model takes 30 steps of 17 numbers: declare [VectorType(30, 17)].");
        Assert.AreEqual("inputColumnNames", error.ParamName);
        using var flat = new GraphFile().Input("x", OnnxType.Single, null, 17).Node("Tanh", "x", "y").Output("y", OnnxType.Single, null, 17);
        StringAssert.Contains(Refused(flat, "y", "X").Message, "The model takes 17 numbers: declare [VectorType(17)].");
    }

    [TestMethod]
    public void Layout_1_an_opset_and_an_operator_that_the_runtime_lacks_are_named()
    {
        using var layout = new GraphFile().Input("x", OnnxType.Single, "batch", "time", 2).Weight("W", 1, 12, 2).Weight("R", 1, 12, 4)
            .Node("GRU", "x W R", "all last", ("hidden_size", 4L), ("layout", 1L)).Output("last", OnnxType.Single, "batch", 1, 4);
        layout.Model.Graph.Node[0].Name = "encoder";
        foreach (var part in new[] { "'encoder' (GRU)", "layout 1", "layout 0", "LoadRecurrentOnnx" })
            StringAssert.Contains(NotSupported(layout, "last").Message, part);

        using var opset = Plain(opset: 99);
        foreach (var part in new[] { "opset 99", "runs up to 2", "lower opset" }) StringAssert.Contains(NotSupported(opset, "y").Message, part);

        using var unknown = new GraphFile().Input("x", OnnxType.Single, "batch", 2).Node("Levitate", "x", "y").Output("y", OnnxType.Single, "batch", 2);
        foreach (var part in new[] { "Levitate", "opset 17" }) StringAssert.Contains(NotSupported(unknown, "y").Message, part);
    }

    [TestMethod]
    public void What_the_runtime_says_goes_to_the_log_of_the_context()
    {
        // An id beyond the table fails in the run.
        using var file = new GraphFile().Input("id", OnnxType.Int64, "batch").Weight("table", 3, 2).Node("Gather", "table id", "y").Output("y", OnnxType.Single,
            "batch", 2);
        var lines = new List<string>();
        _ml.Log += (_, args) =>
        {
            lock (lines) lines.Add(args.Message);
        };
        ForeignRow[] rows = [.. Enumerable.Range(0, 6).Select(i => new ForeignRow { Length = i == 4 ? 1000 : i % 3 })];
        var data = _ml.Data.LoadFromEnumerable(rows);
        ArgumentException? error = null;
        var printed = StandardError(() =>
        {
            var scored = _ml.Transforms.ApplyRecurrentOnnx(["y"], ["Length"], file.Path).Fit(data).Transform(data);
            error = Assert.ThrowsExactly<ArgumentException>(() => scored.GetColumn<float[]>("y").ToArray());
        });
        StringAssert.Contains(error!.Message, "Row 4");
        Assert.IsTrue(lines.Exists(line => line.Contains("ONNX Runtime", StringComparison.Ordinal) && line.Contains("Gather", StringComparison.Ordinal)),
            string.Join('\n', lines));
        Assert.DoesNotContain("onnxruntime", printed);
    }

    [TestMethod]
    public void Trials_that_fail_print_nothing()
    {
        using var file = new GraphFile().Input("x", OnnxType.Single, "batch", "time").Integers("pads", 0, 64, 0, 64)
            .Node("Pad", "x pads", "padded", ("mode", "reflect"))
            .Node("ReduceMean", "padded", "y", ("axes", new[] { 1L })).Output("y", OnnxType.Single, "batch", 1);
        var data = _ml.Data.LoadFromEnumerable([new ForeignRow { X = new float[100] }]);
        Assert.DoesNotContain("onnxruntime", StandardError(() => _ml.Transforms.ApplyRecurrentOnnx(["y"], ["X"], file.Path).Fit(data)));
        using var opset = Plain(opset: 99);
        Assert.DoesNotContain("onnxruntime", StandardError(() => NotSupported(opset, "y")));
    }

    private static GraphFile Plain(int opset) =>
        new GraphFile(opset).Input("x", OnnxType.Single, "batch", 2).Node("Tanh", "x", "y").Output("y", OnnxType.Single, "batch", 2);

    private ArgumentException Refused(GraphFile file, string output, string column) => Assert.ThrowsExactly<ArgumentException>(
        () => _ml.Transforms.ApplyRecurrentOnnx([output], [column], file.Path).Fit(_ml.Data.LoadFromEnumerable([new ForeignRow()])));

    private NotSupportedException NotSupported(GraphFile file, string output)
    {
        int[] sizes = file.Model.Graph.Input[0].Type.TensorType.Shape.Dim.Count == 3 ? [2, 2] : [2];
        var data = ForeignTable.Create(_ml, [new ForeignRow()], ("X", sizes));
        return Assert.ThrowsExactly<NotSupportedException>(() => _ml.Transforms.ApplyRecurrentOnnx([output], ["X"], file.Path).Fit(data));
    }

    // What native code prints on the standard error stream of the process meanwhile; nothing where that cannot be read.
    private static string StandardError(Action action)
    {
        if (!OperatingSystem.IsLinux())
        {
            action();
            return "";
        }
        const int stream = 2, writeNewReadBoth = 0x242;
        var path = Path.GetTempFileName();
        int saved = dup(stream), file = open(path, writeNewReadBoth, 0x180);
        try
        {
            Assert.AreEqual(stream, dup2(file, stream));
            action();
        }
        finally
        {
            _ = dup2(saved, stream);
            _ = close(saved);
            _ = close(file);
        }
        var text = File.ReadAllText(path);
        File.Delete(path);
        return text;
    }

    [LibraryImport("libc")]
    private static partial int dup(int descriptor);

    [LibraryImport("libc")]
    private static partial int dup2(int from, int to);

    [LibraryImport("libc")]
    private static partial int close(int descriptor);

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int open(string path, int flags, int mode);
}
