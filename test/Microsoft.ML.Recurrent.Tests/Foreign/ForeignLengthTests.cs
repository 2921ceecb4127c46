using Microsoft.ML.Data;
using Microsoft.ML.Recurrent.Layers;
using Microsoft.ML.Recurrent.Networks;
using Microsoft.ML.Recurrent.Onnx;
using Microsoft.ML.Recurrent.Tests.Onnx;
using Microsoft.ML.Recurrent.Tests.Scoring;

namespace Microsoft.ML.Recurrent.Tests.Foreign;

/// <summary>Sequence lengths of foreign graphs: found without being named, the rows' own, or a column.</summary>
[TestClass]
public sealed class ForeignLengthTests
{
    private readonly MLContext _ml = new(seed: 1);

    [TestMethod]
    [DataRow("lengths", null)]
    [DataRow("n", null)]
    [DataRow("sequence_length", null)]
    [DataRow("lengths", "lengths")]
    [DataRow("lengths", "sequence_length")]
    public void Columns_of_fixed_size_have_the_lengths_of_their_rows(string input, string? lengthColumn)
    {
        using var file = WithLengths(input);
        var rows = Rows(9, _ => 5);
        var data = ForeignTable.Create(_ml, rows, ("X", [5, 2]));
        var model = _ml.Transforms.ApplyRecurrentOnnx(["last"], ["X"], file.Path, lengthColumnName: lengthColumn, batchSize: 4).Fit(data);
        var expected = file.Run(["last"], GraphFile.Tensor("x", ForeignTable.Join(rows.Select(row => row.X)), 9, 5, 2),
            GraphFile.Tensor(input, Enumerable.Repeat(5, 9).ToArray(), 9));
        TestModels.AssertClose(expected[0], ForeignTable.Join(model.Transform(data).GetColumn<float[]>("last")), "rows of 5 steps");
    }

    [TestMethod]
    [DataRow("lengths")]
    [DataRow("sequence_length")]
    public void Rows_of_other_lengths_share_runs(string input)
    {
        using var file = WithLengths(input);
        var rows = Rows(40, i => 1 + i * 7 % 6);
        var data = _ml.Data.LoadFromEnumerable(rows);
        var model = _ml.Transforms.ApplyRecurrentOnnx(["last"], ["X"], file.Path, batchSize: 16).Fit(data);
        float[][] answers = [.. model.Transform(data).GetColumn<float[]>("last")];
        for (var i = 0; i < rows.Length; i++)
        {
            var steps = rows[i].X.Length / 2;
            TestModels.AssertClose(file.Run(["last"], GraphFile.Tensor("x", rows[i].X, 1, steps, 2), GraphFile.Tensor(input, new[] { steps }, 1))[0],
                answers[i],
                $"row {i}");
        }
        NumberAssert.IsLessThanOrEqualTo(4, model.Runs);
    }

    [TestMethod]
    public void Our_own_export_needs_no_name_and_takes_a_column_too()
    {
        var description = TestModels.Describe([new RecurrentDescription("gru", RecurrentCell.Gru, 6), new PoolingDescription("pool", SequencePooling.Mean)],
            features: 1, time: null);
        using var network = TestModels.Network(description);
        var path = Path.GetTempFileName();
        try
        {
            TestModels.Model(network).ExportToOnnx(path);
            var rows = TestRows.Random(description, 30);
            var data = _ml.Data.LoadFromEnumerable(rows.Values.Select(values => new ForeignRow { X = values, Length = Math.Max(1, values.Length - 1) }));
            var model = _ml.Transforms.ApplyRecurrentOnnx(["Score"], ["X"], path, batchSize: 16).Fit(data);
            TestModels.AssertClose(TestModels.Forward(network, rows)[0], ForeignTable.Join(model.Transform(data).GetColumn<float[]>("Score")), "own lengths");
            NumberAssert.IsLessThanOrEqualTo(4, model.Runs);

            var shorter = _ml.Transforms.ApplyRecurrentOnnx(["Score"], ["X"], path, lengthColumnName: "Length").Fit(data);
            var cut = _ml.Data.LoadFromEnumerable(rows.Values.Select(values => new ForeignRow { X = values[..Math.Max(1, values.Length - 1)] }));
            TestModels.AssertClose(ForeignTable.Join(model.Transform(cut).GetColumn<float[]>("Score")),
                ForeignTable.Join(shorter.Transform(data).GetColumn<float[]>("Score")), "a column");
            // A column that was there when the model was bound must be there.
            StringAssert.Contains(Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => shorter.Transform(_ml.Data.LoadFromEnumerable([new VectorOnly()])))
                .Message, "'Length'");
        }
        finally
        {
            File.Delete(path);
        }
    }

    [TestMethod]
    public void A_name_that_is_no_column_is_refused()
    {
        using var file = WithLengths("lengths");
        var data = ForeignTable.Create(_ml, Rows(3, _ => 5), ("X", [5, 2]));
        var error = Assert.ThrowsExactly<ArgumentException>(
            () => _ml.Transforms.ApplyRecurrentOnnx(["last"], ["X"], file.Path, lengthColumnName: "Lenght").Fit(data));
        Assert.AreEqual("lengthColumnName", error.ParamName);
        foreach (var part in new[] { "'Lenght'", "'Length'", "'lengths'", "lengthColumnName" }) StringAssert.Contains(error.Message, part);

        using var plain = new GraphFile().Input("x", OnnxType.Single, "batch", "time", 2)
            .Node("Transpose", "x", "xt", ("perm", new[] { 1L, 0, 2 })).Lstm("xt", 2).Output("last", OnnxType.Single, 1, "batch", 4);
        error = Assert.ThrowsExactly<ArgumentException>(
            () => _ml.Transforms.ApplyRecurrentOnnx(["last"], ["X"], plain.Path, lengthColumnName: "Length").Fit(data));
        Assert.AreEqual("lengthColumnName", error.ParamName);
        StringAssert.Contains(error.Message, "no input for sequence lengths");
    }

    [TestMethod]
    public void Whole_numbers_that_are_no_lengths_do_not_pad_rows()
    {
        // A number per row that the graph multiplies: it gets the number of steps, and no row has steps of another.
        using var file = new GraphFile().Input("x", OnnxType.Single, "batch", "time", 2).Input("count", OnnxType.Int64, "batch").Integers("axes", 1)
            .Node("ReduceMax", "x", "most", ("axes", new[] { 1L }), ("keepdims", 0L)).Node("Cast", "count", "times", ("to", 1L))
            .Node("Unsqueeze", "times axes", "column")
            .Node("Mul", "most column", "y").Output("y", OnnxType.Single, "batch", 2);
        ForeignRow[] rows = [.. Enumerable.Range(0, 10).Select(i => new ForeignRow { X = [.. Enumerable.Repeat(-1f - i, 2 * (1 + i % 3))] })];
        var data = _ml.Data.LoadFromEnumerable(rows);
        float[][] answers = [.. _ml.Transforms.ApplyRecurrentOnnx(["y"], ["X"], file.Path).Fit(data).Transform(data).GetColumn<float[]>("y")];
        for (var i = 0; i < rows.Length; i++) Assert.AreEqual((-1f - i) * (1 + i % 3), answers[i][0], 1e-6f);
    }

    // x [batch, time, 2] and lengths, through an LSTM whose last state is the answer.
    private static GraphFile WithLengths(string name) => new GraphFile().Input("x", OnnxType.Single, "batch", "time", 2).Input(name, OnnxType.Int32, "batch")
        .Node("Transpose", "x", "xt", ("perm", new[] { 1L, 0, 2 })).Lstm("xt", 2, name).Output("last", OnnxType.Single, 1, "batch", 4);

    private static ForeignRow[] Rows(int count, Func<int, int> steps)
    {
        var random = new Random(3);
        return [.. Enumerable.Range(0, count).Select(i => new ForeignRow { X = ForeignTable.Numbers(random, 2 * steps(i)) })];
    }

    private sealed class VectorOnly
    {
        public float[] X { get; set; } = [];
    }
}
