using Microsoft.ML.Data;
using Microsoft.ML.Recurrent.Onnx;
using Microsoft.ML.Recurrent.Tests.Onnx;

namespace Microsoft.ML.Recurrent.Tests.Foreign;

/// <summary>Graphs that need other shapes than most before they run.</summary>
[TestClass]
public sealed class ForeignProbeTests
{
    private readonly MLContext _ml = new(seed: 1);

    [TestMethod]
    public void Lengths_fit_a_fixed_number_of_steps()
    {
        using var file = new GraphFile().Input("x", OnnxType.Single, "batch", 3, 2).Input("lengths", OnnxType.Int32, "batch")
            .Node("Transpose", "x", "xt", ("perm", new[] { 1L, 0, 2 }))
            .Lstm("xt", 2, "lengths").Output("last", OnnxType.Single, 1, "batch", 4);
        var random = new Random(1);
        ForeignRow[] rows = [.. Enumerable.Range(0, 6).Select(i => new ForeignRow { X = ForeignTable.Numbers(random, 6), Length = 1 + i % 3 })];
        var data = ForeignTable.Create(_ml, rows, ("X", [3, 2]));
        float[] Expected(Func<ForeignRow, long> length) => file.Run(["last"], GraphFile.Tensor("x", ForeignTable.Join(rows.Select(row => row.X)), 6, 3, 2),
            GraphFile.Tensor("lengths", rows.Select(row => (int)length(row)).ToArray(), 6))[0];
        TestModels.AssertClose(Expected(_ => 3), Answers(file, data, "last"), "own");
        TestModels.AssertClose(Expected(row => row.Length), Answers(file, data, "last", "Length"), "a column");
        // Out of range: row, column and remedy.
        rows[4].Length = 4;
        var error = Assert.ThrowsExactly<ArgumentException>(() => Answers(file, data, "last", "Length"));
        foreach (var part in new[] { "Row 4", "'Length'", "is 4", "has 3 steps", "0 to 3" }) StringAssert.Contains(error.Message, part);
    }

    [TestMethod]
    public void A_graph_that_pads_gets_as_many_steps_as_it_needs()
    {
        // Reflecting 64 samples takes more than 64.
        using var file = new GraphFile().Input("x", OnnxType.Single, "batch", "time").Integers("pads", 0, 64, 0, 64).Integers("axes", 1)
            .Node("Pad", "x pads", "padded", ("mode", "reflect")).Node("ReduceMean", "padded", "y", ("axes", new[] { 1L })).Output("y", OnnxType.Single,
                "batch", 1);
        var random = new Random(1);
        ForeignRow[] rows = [.. Enumerable.Range(0, 6).Select(i => new ForeignRow { X = ForeignTable.Numbers(random, 70 + 10 * (i % 3)) })];
        var data = _ml.Data.LoadFromEnumerable(rows);
        float[] expected = [.. rows.Select(row => file.Run(["y"], GraphFile.Tensor("x", row.X, 1, row.X.Length))[0][0])];
        TestModels.AssertClose(expected, [.. _ml.Transforms.ApplyRecurrentOnnx(["y"], ["X"], file.Path).Fit(data).Transform(data).GetColumn<float>("y")],
            "padded");
        // A fixed column has its own size.
        rows = [.. rows.Where(row => row.X.Length == 90)];
        data = ForeignTable.Create(_ml, rows, ("X", [90]));
        TestModels.AssertClose([.. expected.Where((_, i) => i % 3 == 2)],
            [.. _ml.Transforms.ApplyRecurrentOnnx(["y"], ["X"], file.Path).Fit(data).Transform(data).GetColumn<float>("y")], "fixed");
    }

    [TestMethod]
    public void A_run_that_fails_on_zeros_is_no_verdict()
    {
        // Ids from 5 to 7 only.
        using var file = new GraphFile().Input("id", OnnxType.Int64, "batch").Integer("five", 5).Weight("table", 3, 2).Node("Sub", "id five", "row")
            .Node("Gather", "table row", "y")
            .Output("y", OnnxType.Single, "batch", 2);
        ForeignRow[] rows = [.. Enumerable.Range(0, 6).Select(i => new ForeignRow { Length = 5 + i % 3 })];
        var data = _ml.Data.LoadFromEnumerable(rows);
        TestModels.AssertClose(file.Run(["y"], GraphFile.Tensor("id", rows.Select(row => row.Length).ToArray(), 6))[0],
            Answers(file, data, "y", column: "Length"), "ids");
    }

    [TestMethod]
    public void A_graph_that_takes_one_row_alone_runs_row_by_row()
    {
        using var file = new GraphFile().Input("x", OnnxType.Single, "batch", "time", 2).Integers("whole", 1, -1).Integers("axes", 1)
            .Node("Reshape", "x whole", "flat")
            .Node("ReduceSum", "flat axes", "y").Output("y", OnnxType.Single, 1, 1);
        ForeignRow[] rows = [.. Enumerable.Range(1, 5).Select(i => new ForeignRow { X = [.. Enumerable.Repeat(1f, 2 * i)] })];
        var data = _ml.Data.LoadFromEnumerable(rows);
        CollectionAssert.AreEqual(new[] { 2f, 4, 6, 8, 10 },
            _ml.Transforms.ApplyRecurrentOnnx(["y"], ["X"], file.Path).Fit(data).Transform(data).GetColumn<float>("y").ToArray());
    }

    private float[] Answers(GraphFile file, IDataView data, string output, string? lengths = null, string column = "X") =>
        [.. _ml.Transforms.ApplyRecurrentOnnx([output], [column], file.Path, lengthColumnName: lengths).Fit(data).Transform(data).GetColumn<float[]>(output)
            .SelectMany(row => row)];
}
