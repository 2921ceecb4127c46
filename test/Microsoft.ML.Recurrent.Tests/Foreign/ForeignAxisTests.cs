using Microsoft.ML.Data;
using Microsoft.ML.Recurrent.Onnx;
using Microsoft.ML.Recurrent.Onnx.Format;
using Microsoft.ML.Recurrent.Tests.Onnx;

namespace Microsoft.ML.Recurrent.Tests.Foreign;

/// <summary>Which axis of an input is the batch and which the time.</summary>
[TestClass]
public sealed class ForeignAxisTests
{
    private readonly MLContext _ml = new(seed: 1);
    private readonly Random _random = new(5);

    [TestMethod]
    [DataRow("s0 s1 2", false)]
    [DataRow("s0 s1 2", true)]
    [DataRow("* * 2", true)]
    [DataRow("3 3 2", true)]
    [DataRow("3 3 2", false)]
    public void The_recurrent_node_tells_them_apart(string shape, bool timeFirst)
    {
        using var file = Lstm(shape, timeFirst);
        CheckRows(file, timeFirst, shape.StartsWith('3') ? [3, 2] : null);
        CheckRows(file, timeFirst, [3, 2]);
    }

    [TestMethod]
    public void The_axes_are_followed_through_the_nodes_before_it()
    {
        // Split off an axis, cast, add, project, and join it again.
        using var file = new GraphFile().Input("x", OnnxType.Single, "s0", "s1", 2).Integers("split", 0, 0, 1, 2).Integers("one", 2).Number("half", 0.5f)
            .Weight("P", 2, 3)
            .Node("Reshape", "x split", "x4").Node("Squeeze", "x4 one", "x3").Node("Add", "x3 half", "added").Node("MatMul", "added P", "projected")
            .Lstm("projected", 3)
            .Output("last", OnnxType.Single, 1, "s1", 4);
        CheckRows(file, timeFirst: true, [3, 2]);
        CheckRows(file, timeFirst: true, null);
    }

    [TestMethod]
    public void Tokens_are_followed_through_their_embedding()
    {
        using var file = new GraphFile().Input("x", OnnxType.Int64, "s0", "s1").Weight("table", 9, 3).Node("Gather", "table x", "embedded").Lstm("embedded", 3)
            .Output("last", OnnxType.Single, 1, "s1", 4);
        ForeignRow[] rows = [.. Enumerable.Range(0, 5).Select(i => new ForeignRow { Ids = [.. Enumerable.Range(0, 4).Select(step => (long)(i + step) % 9)] })];
        var data = _ml.Data.LoadFromEnumerable(rows);
        var answers = ForeignTable.Join(_ml.Transforms.ApplyRecurrentOnnx(["last"], ["Ids"], file.Path).Fit(data).Transform(data).GetColumn<float[]>("last"));
        long[] turned = [.. Enumerable.Range(0, 4).SelectMany(step => rows.Select(row => row.Ids[step]))];
        TestModels.AssertClose(file.Run(["last"], GraphFile.Tensor("x", turned, 4, 5))[0], answers, "tokens [time, batch]");
    }

    [TestMethod]
    public void Loops_over_the_steps_tell_them_too()
    {
        var body = new GraphProto { Name = "body" };
        body.Input.Add(OnnxModelBuilder.Value("sum", OnnxType.Single, ["n", 2]));
        body.Input.Add(OnnxModelBuilder.Value("step", OnnxType.Single, ["n", 2]));
        body.Node.Add(OnnxModelBuilder.Node("Add", ["sum", "step"], ["next"], []));
        body.Output.Add(OnnxModelBuilder.Value("next", OnnxType.Single, ["n", 2]));
        foreach (var axis in new[] { 0L, 1 })
        {
            using var file = new GraphFile().Input("x", OnnxType.Single, 3, 3, 2).Weight("zero", 3, 2)
                .Node("Scan", "zero x", "sums", ("body", body), ("num_scan_inputs", 1L), ("scan_input_axes", new[] { axis })).Output("sums", OnnxType.Single, 3,
                    2);
            CheckRows(file, timeFirst: axis == 0, [3, 2], output: "sums");
        }
    }

    [TestMethod]
    [DataRow("batch time 2", false)]
    [DataRow("time batch 2", true)]
    [DataRow("seq_len N 2", true)]
    [DataRow("B T 2", false)]
    [DataRow("* 3 2", false)]
    [DataRow("3 * 2", true)]
    public void Where_the_graph_does_not_tell_names_and_sizes_do(string shape, bool timeFirst)
    {
        using var file = Elementwise(shape);
        CheckRows(file, timeFirst, [3, 2], output: "y");
    }

    [TestMethod]
    [DataRow("* * 2", true)]
    [DataRow("* * 2", false)]
    [DataRow("3 3 2", true)]
    [DataRow("s0 s1 2", false)]
    public void Two_readings_that_fit_are_offered_and_an_option_says_which(string shape, bool timeFirst)
    {
        using var file = Elementwise(shape);
        foreach (var sizes in shape.StartsWith('3') ? new int[]?[] { [3, 2] } : [[3, 2], null])
        {
            var data = Table(3, sizes);
            var error = Assert.ThrowsExactly<ArgumentException>(() => _ml.Transforms.ApplyRecurrentOnnx(["y"], ["X"], file.Path).Fit(data));
            foreach (var part in new[] { "'x'", "axis 0 is the batch and axis 1 the time", "axis 1 is the batch and axis 0 the time", "[\"x\"] = 1",
                "TimeAxes" })
                StringAssert.Contains(error.Message, part);
            CheckRows(file, timeFirst, sizes, output: "y", timeAxes: new() { ["x"] = timeFirst ? 0 : 1 });
        }
        Assert.AreEqual("TimeAxes", Assert.ThrowsExactly<ArgumentException>(() => _ml.Transforms.ApplyRecurrentOnnx(new()
        {
            ModelFile = file.Path,
            InputColumnNames = ["X"],
            TimeAxes = { ["x"] = 3 },
        }).Fit(Table(3, [3, 2]))).ParamName);
    }

    [TestMethod]
    public void What_the_runtime_refuses_is_no_reading()
    {
        // The graph adds a state of [2, rows, 4], so that the rows of x must be as many.
        using var file = new GraphFile().Input("x", OnnxType.Single, null, null).Input("h", OnnxType.Single, 2, null, 4).Integers("axes", 0).Weight("w", 6, 4)
            .Node("ReduceSum", "h axes", "state", ("keepdims", 0L)).Node("Mul", "x x", "squares").Integers("whole", 0, -1)
            .Node("Reshape", "squares whole", "flat")
            .Node("Slice", "flat from to along", "some").Integers("from", 0).Integers("to", 4).Integers("along", 1).Node("Add", "some state", "y").Output("y",
                OnnxType.Single, null, 4);
        ForeignRow[] rows =
            [.. Enumerable.Range(0, 5).Select(_ => new ForeignRow { X = ForeignTable.Numbers(_random, 6), H = ForeignTable.Numbers(_random, 8) })];
        var data = ForeignTable.Create(_ml, rows, ("X", [6]), ("H", [8]));
        var answers = ForeignTable.Join(_ml.Transforms.ApplyRecurrentOnnx(["y"], ["X", "H"], file.Path).Fit(data).Transform(data).GetColumn<float[]>("y"));
        TestModels.AssertClose(file.Run(["y"], GraphFile.Tensor("x", ForeignTable.Join(rows.Select(row => row.X)), 5, 6),
            GraphFile.Tensor("h", ForeignTable.Swap(ForeignTable.Join(rows.Select(row => row.H)), 5, 2), 2, 5, 4))[0], answers, "rows");
    }

    private static GraphFile Lstm(string shape, bool timeFirst)
    {
        var file = new GraphFile().Input("x", OnnxType.Single, Shape(shape));
        if (!timeFirst) file.Node("Transpose", "x", "xt", ("perm", new[] { 1L, 0, 2 }));
        return file.Lstm(timeFirst ? "x" : "xt", 2).Output("last", OnnxType.Single, 1, null, 4);
    }

    // Numbers that nothing orders.
    private static GraphFile Elementwise(string shape) => new GraphFile().Input("x", OnnxType.Single, Shape(shape)).Node("Tanh", "x", "y")
        .Output("y", OnnxType.Single, Shape(shape));

    private static object?[] Shape(string shape) =>
        [.. shape.Split(' ').Select(size => size == "*" ? null : long.TryParse(size, out var number) ? number : (object)size)];

    private IDataView Table(int rows, int[]? sizes) => Table([.. Enumerable.Range(0, rows).Select(_ => ForeignTable.Numbers(_random, 6))], sizes);

    private IDataView Table(float[][] rows, int[]? sizes) =>
        ForeignTable.Create(_ml, rows.Select(row => new ForeignRow { X = row }), sizes is null ? [] : [("X", sizes)]);

    // Three rows of three steps of two numbers answer as ONNX Runtime does.
    private void CheckRows(GraphFile file, bool timeFirst, int[]? sizes, string output = "last", Dictionary<string, int>? timeAxes = null)
    {
        float[][] rows = [.. Enumerable.Range(0, 3).Select(_ => ForeignTable.Numbers(_random, 6))];
        var data = Table(rows, sizes);
        RecurrentOnnxOptions options = new() { ModelFile = file.Path, InputColumnNames = ["X"], OutputColumnNames = [output], TimeAxes = timeAxes ?? [] };
        var model = _ml.Transforms.ApplyRecurrentOnnx(options).Fit(data);
        var x = ForeignTable.Join(rows);
        var expected = file.Run([output], GraphFile.Tensor("x", timeFirst ? ForeignTable.Swap(x, 3, 3) : x, 3, 3, 2))[0];
        if (output == "y" && timeFirst) expected = ForeignTable.Swap(expected, 3, 3);
        TestModels.AssertClose(expected, ForeignTable.Join(model.Transform(data).GetColumn<float[]>(output)), output);
    }
}
