using Microsoft.ML.Data;
using Microsoft.ML.Recurrent.Onnx;
using Microsoft.ML.Recurrent.Onnx.Format;
using Microsoft.ML.Recurrent.Tests.Onnx;
using Microsoft.ML.Recurrent.Tests.Scoring;

namespace Microsoft.ML.Recurrent.Tests.Foreign;

/// <summary>Inputs without a batch axis, and inputs that constants feed.</summary>
[TestClass]
public sealed class ForeignConstantTests
{
    private readonly MLContext _ml = new(seed: 1);

    [TestMethod]
    public void A_scalar_input_is_a_constant_or_a_column()
    {
        using var file = Scaled();
        var rows = Rows(40, i => i % 3);
        var data = ForeignTable.Create(_ml, rows, ("X", [3]));
        float[] Expected(Func<ForeignRow, long> rate) => [.. rows.SelectMany(row =>
            file.Run(["y"], GraphFile.Tensor("x", row.X, 1, 3), GraphFile.Tensor("sr", new[] { rate(row) }))[0])];

        var constant = _ml.Transforms.ApplyRecurrentOnnx(["y"], ["X"], file.Path, batchSize: 16, constants: new() { ["sr"] = 16000L }).Fit(data);
        TestModels.AssertClose(Expected(_ => 16000), Answers(constant, data), "constant");
        Assert.AreEqual(3, constant.Runs);
        // It is part of the saved model, and of engines.
        TestModels.AssertClose(Expected(_ => 16000), Answers(SavedAndLoaded(constant, data), data), "loaded");
        using var engine = _ml.Model.CreatePredictionEngine<FixedRow, Answered>(constant);
        TestModels.AssertClose(Expected(_ => 16000)[..3], engine.Predict(new() { X = rows[0].X }).y, "engine");

        // A column: the rows of a run have one value.
        var column = _ml.Transforms.ApplyRecurrentOnnx(["y"], ["X", "Rate"], file.Path, batchSize: 16).Fit(data);
        TestModels.AssertClose(Expected(row => row.Rate), Answers(column, data), "column");
        Assert.AreEqual(9, column.Runs);
        TestModels.AssertClose(Expected(row => row.Rate), Answers(SavedAndLoaded(column, data), data), "loaded with a column");
        using var single = _ml.Model.CreatePredictionEngine<FixedRow, Answered>(column);
        for (var i = 0; i < 4; i++)
            TestModels.AssertClose(Expected(row => row.Rate)[(3 * i)..(3 * i + 3)], single.Predict(new() { X = rows[i].X, Rate = rows[i].Rate }).y,
                $"row {i} alone");
    }

    [TestMethod]
    public void Rows_of_one_value_run_together()
    {
        using var file = Scaled();
        var rows = Rows(40, _ => 2);
        var data = ForeignTable.Create(_ml, rows, ("X", [3]));
        var model = _ml.Transforms.ApplyRecurrentOnnx(["y"], ["X", "Rate"], file.Path, batchSize: 16).Fit(data);
        _ = Answers(model, data);
        Assert.AreEqual(3, model.Runs);
    }

    [TestMethod]
    public void Vectors_without_a_batch_axis_and_lengths_that_vary_go_together()
    {
        // x [batch, time, 2] times w [2], averaged over the steps.
        using var file = new GraphFile().Input("x", OnnxType.Single, "batch", "time", 2).Input("w", OnnxType.Single, 2).Node("Mul", "x w", "weighted")
            .Node("ReduceMean", "weighted", "y", ("axes", new[] { 1L }), ("keepdims", 0L)).Output("y", OnnxType.Single, "batch", 2);
        var random = new Random(1);
        ForeignRow[] rows =
            [.. Enumerable.Range(0, 30).Select(i => new ForeignRow { X = ForeignTable.Numbers(random, 2 + i % 4 * 2), H = [i % 2, 1 + i / 20] })];
        var data = ForeignTable.Create(_ml, rows, ("H", [2]));
        float[] expected =
            [.. rows.SelectMany(row => file.Run(["y"], GraphFile.Tensor("x", row.X, 1, row.X.Length / 2, 2), GraphFile.Tensor("w", row.H, 2))[0])];
        TestModels.AssertClose(expected, Answers(_ml.Transforms.ApplyRecurrentOnnx(["y"], ["X", "H"], file.Path).Fit(data), data), "rows");
    }

    [TestMethod]
    public void A_constant_fills_the_axis_of_the_batch()
    {
        // An LSTM from a state that is given, [1, batch, 4].
        using var file = new GraphFile().Input("x", OnnxType.Single, "batch", "time", 2).Input("h", OnnxType.Single, 1, "batch", 4)
            .Input("c", OnnxType.Single, 1, null, 4)
            .Node("Transpose", "x", "xt", ("perm", new[] { 1L, 0, 2 })).Lstm("xt", 2, state: "h c").Output("last", OnnxType.Single, 1, "batch", 4);
        var random = new Random(1);
        ForeignRow[] rows = [.. Enumerable.Range(0, 7).Select(i => new ForeignRow { X = ForeignTable.Numbers(random, 6) })];
        var data = ForeignTable.Create(_ml, rows, ("X", [3, 2]));
        float[] state = [.1f, .2f, .3f, .4f];
        var expected =
            file.Run(["last"], GraphFile.Tensor("x", ForeignTable.Join(rows.Select(row => row.X)), 7, 3, 2), GraphFile.Tensor("h", new float[28], 1, 7, 4),
            GraphFile.Tensor("c", ForeignTable.Join(Enumerable.Repeat(state, 7)), 1, 7, 4))[0];
        foreach (var c in new object[] { state, new float[,,] { { { .1f, .2f, .3f, .4f } } }, new double[] { .1, .2, .3, .4 } })
        {
            var model = _ml.Transforms.ApplyRecurrentOnnx(["last"], ["X"], file.Path, batchSize: 4, constants: new() { ["h"] = 0, ["c"] = c }).Fit(data);
            TestModels.AssertClose(expected, [.. model.Transform(data).GetColumn<float[]>("last").SelectMany(row => row)], c.GetType().Name);
        }
    }

    [TestMethod]
    public void A_constant_fills_the_axis_of_the_steps()
    {
        using var file = new GraphFile().Input("x", OnnxType.Single, "batch", "time", 2).Input("mask", OnnxType.Single, "batch", "time", 1)
            .Node("Mul", "x mask", "masked")
            .Node("ReduceSum", "masked axes", "y", ("keepdims", 0L)).Integers("axes", 1).Output("y", OnnxType.Single, "batch", 2);
        ForeignRow[] rows = [.. Enumerable.Range(1, 5).Select(i => new ForeignRow { X = [.. Enumerable.Repeat(1f, 2 * i)] })];
        var data = _ml.Data.LoadFromEnumerable(rows);
        var model = _ml.Transforms.ApplyRecurrentOnnx(["y"], ["X"], file.Path, constants: new() { ["mask"] = 2f }).Fit(data);
        CollectionAssert.AreEqual(new[] { 2f, 4, 6, 8, 10 }, model.Transform(data).GetColumn<float[]>("y").Select(row => row[1]).ToArray());
    }

    [TestMethod]
    public void Constants_of_every_type_reach_the_graph()
    {
        foreach (var (type, value) in new (TensorProto.Types.DataType, object)[]
        {
            (TensorProto.Types.DataType.Float, 3), (TensorProto.Types.DataType.Double, 3f), (TensorProto.Types.DataType.Float16, 3d),
            (TensorProto.Types.DataType.Int64, 3),
            (TensorProto.Types.DataType.Int32, 3L), (TensorProto.Types.DataType.Int16, (byte)3), (TensorProto.Types.DataType.Int8, 3),
            (TensorProto.Types.DataType.Uint8, 3),
            (TensorProto.Types.DataType.Uint16, 3), (TensorProto.Types.DataType.Uint32, 3ul), (TensorProto.Types.DataType.Uint64, 3),
            (TensorProto.Types.DataType.Int64, new[] { 3 }),
        })
        {
            using var file = new GraphFile().Input("x", OnnxType.Single, "batch", 2).Input("k", type, 1).Node("Cast", "k", "number", ("to", 1L))
                .Node("Mul", "x number", "y")
                .Output("y", OnnxType.Single, "batch", 2);
            var data = ForeignTable.Create(_ml, [new ForeignRow { X = [1, 2] }], ("X", [2]));
            var model = _ml.Transforms.ApplyRecurrentOnnx(["y"], ["X"], file.Path, constants: new() { ["k"] = value }).Fit(data);
            CollectionAssert.AreEqual(new[] { 3f, 6 }, model.Transform(data).GetColumn<float[]>("y").Single(), $"{type}");
        }
    }

    [TestMethod]
    public void What_does_not_fit_is_named()
    {
        using var file = Scaled();
        var data = ForeignTable.Create(_ml, Rows(2, _ => 0), ("X", [3]));
        void Says(string name, object value, params string[] parts)
        {
            var error = Assert.ThrowsExactly<ArgumentException>(
                () => _ml.Transforms.ApplyRecurrentOnnx(["y"], ["X"], file.Path, constants: new() { [name] = value }).Fit(data));
            Assert.AreEqual("constants", error.ParamName);
            foreach (var part in parts) StringAssert.Contains(error.Message, part);
        }
        Says("rate", 1, "no input 'rate'", "'sr'");
        Says("sr", 1.5, "'sr'", "1.5 is no whole number");
        Says("sr", "16k", "'sr'", "Int64", "String");
        Says("sr", new[] { 1, 2 }, "'sr'", "holds 2 values");
        Says("sr", ulong.MaxValue, "'sr'", "outside the range");
        var missing = Assert.ThrowsExactly<ArgumentException>(() => _ml.Transforms.ApplyRecurrentOnnx(["y"], ["X"], file.Path).Fit(data));
        foreach (var part in new[] { "'sr' []", "constants: new() { [\"sr\"] = ... }" }) StringAssert.Contains(missing.Message, part);
    }

    private float[] Answers(ITransformer model, IDataView data) => [.. model.Transform(data).GetColumn<float[]>("y").SelectMany(row => row)];

    private ITransformer SavedAndLoaded(ITransformer model, IDataView data)
    {
        using var file = new MemoryStream();
        _ml.Model.Save(model, data.Schema, file);
        file.Position = 0;
        return _ml.Model.Load(file, out _);
    }

    // x [batch, 3] times sr [] / 1000.
    private static GraphFile Scaled() => new GraphFile().Input("x", OnnxType.Single, "batch", 3).Input("sr", OnnxType.Int64).Number("thousand", 1000)
        .Node("Cast", "sr", "rate", ("to", 1L)).Node("Div", "rate thousand", "factor").Node("Mul", "x factor", "y").Output("y", OnnxType.Single, "batch", 3);

    private static ForeignRow[] Rows(int count, Func<int, int> rate)
    {
        var random = new Random(3);
        return [.. Enumerable.Range(0, count).Select(i => new ForeignRow { X = ForeignTable.Numbers(random, 3), Rate = 8000 * (1 + rate(i)) })];
    }

    private sealed class FixedRow
    {
        [VectorType(3)]
        public float[] X { get; set; } = [];

        public long Rate { get; set; }
    }

    private sealed class Answered
    {
        public float[] y { get; set; } = [];
    }
}
