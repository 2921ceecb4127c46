using Microsoft.ML.Data;
using Microsoft.ML.Recurrent.Onnx;
using Microsoft.ML.Recurrent.Onnx.Format;
using Microsoft.ML.Recurrent.Tests.Onnx;
using Microsoft.ML.Recurrent.Tests.Scoring;
using DataType = Microsoft.ML.Recurrent.Onnx.Format.TensorProto.Types.DataType;

namespace Microsoft.ML.Recurrent.Tests.Foreign;

/// <summary>What columns feed: channels first, whole numbers of any width, doubles, texts, and inputs that no output needs.</summary>
[TestClass]
public sealed class ForeignInputTests
{
    private readonly MLContext _ml = new(seed: 1);
    private readonly Random _random = new(4);

    [TestMethod]
    public void Channels_first_with_free_time_are_bound_by_the_axes_of_the_graph()
    {
        using var file = ChannelsFirst();
        // Rows of any length: the numbers are in the order of the graph, one channel after the other.
        ForeignRow[] rows = [.. Enumerable.Range(0, 20).Select(i => new ForeignRow { X = ForeignTable.Numbers(_random, 3 * (2 + i % 4)) })];
        float[][] expected = [.. rows.Select(row => file.Run(["last"], GraphFile.Tensor("x", row.X, 1, 3, row.X.Length / 3))[0])];
        foreach (var sizes in new int[]?[] { null, [3, 0] })
        {
            var data = ForeignTable.Create(_ml, rows, sizes is null ? [] : [("X", sizes)]);
            Check(expected, file, data, "channel by channel");
        }
        // A column that is declared step by step is turned.
        ForeignRow[] turned = [.. rows.Select(row => new ForeignRow { X = ForeignTable.Swap(row.X, 3, row.X.Length / 3) })];
        Check(expected, file, ForeignTable.Create(_ml, turned, ("X", [0, 3])), "step by step");
        // Fixed sizes likewise.
        rows = [.. rows.Where(row => row.X.Length == 15)];
        expected = [.. rows.Select(row => file.Run(["last"], GraphFile.Tensor("x", row.X, 1, 3, 5))[0])];
        Check(expected, file, ForeignTable.Create(_ml, rows, ("X", [3, 5])), "fixed");
        Check(expected, file, ForeignTable.Create(_ml, rows, ("X", [15])), "fixed, flat");
        turned = [.. rows.Select(row => new ForeignRow { X = ForeignTable.Swap(row.X, 3, 5) })];
        Check(expected, file, ForeignTable.Create(_ml, turned, ("X", [5, 3])), "fixed, step by step");
    }

    [TestMethod]
    [DataRow("Int8")]
    [DataRow("Int16")]
    [DataRow("Int32")]
    [DataRow("Int64")]
    [DataRow("Uint8")]
    [DataRow("Uint16")]
    [DataRow("Uint32")]
    [DataRow("Uint64")]
    [DataRow("Bool")]
    public void Whole_numbers_of_three_axes_are_steps(string name)
    {
        var type = Enum.Parse<DataType>(name);
        foreach (var channels in new[] { 1, 2 })
        {
            using var file = new GraphFile().Input("x", type, "batch", "time", channels).Node("Cast", "x", "numbers", ("to", 1L)).Integers("axes", 1)
                .Node("ReduceSum", "numbers axes", "y", ("keepdims", 0L)).Output("y", OnnxType.Single, "batch", channels);
            ForeignRow[] rows = [.. Enumerable.Range(0, 12)
                .Select(i => new ForeignRow { Bytes = [.. Enumerable.Range(0, channels * (1 + i % 3)).Select(at => (byte)((at + i) % 2))] })];
            float[][] expected = [.. rows.Select(
                row => Enumerable.Range(0, channels).Select(channel => (float)row.Bytes.Where((_, i) => i % channels == channel).Sum(one => one)).ToArray())];
            var data = _ml.Data.LoadFromEnumerable(rows);
            Compare(expected, _ml.Transforms.ApplyRecurrentOnnx(["y"], ["Bytes"], file.Path).Fit(data).Transform(data), "y", $"{type}, {channels}");
            // As fixed sizes.
            rows = [.. rows.Where((_, i) => i % 3 == 2)];
            data = ForeignTable.Create(_ml, rows, ("Bytes", [3, channels]));
            Compare([.. expected.Where((_, i) => i % 3 == 2)], _ml.Transforms.ApplyRecurrentOnnx(["y"], ["Bytes"], file.Path).Fit(data).Transform(data), "y",
                $"{type}, fixed");
        }
    }

    [TestMethod]
    public void Doubles_are_not_rounded()
    {
        using var file = new GraphFile().Input("x", OnnxType.Double, "batch", "time", 1).Integers("axes", 1).Integer("origin", 1_000_000_000_000)
            .Node("Cast", "origin", "offset", ("to", (long)OnnxType.Double)).Node("Sub", "x offset", "rest").Node("Cast", "rest", "small", ("to", 1L))
            .Node("ReduceSum", "small axes", "y", ("keepdims", 0L)).Output("y", OnnxType.Single, "batch", 1);
        ForeignRow[] rows = [new() { Exact = [1e12 + 1, 1e12 + 2] }, new() { Exact = [1e12 + 5] }];
        var data = _ml.Data.LoadFromEnumerable(rows);
        CollectionAssert.AreEqual(new[] { 3f, 5 },
            _ml.Transforms.ApplyRecurrentOnnx(["y"], ["Exact"], file.Path).Fit(data).Transform(data).GetColumn<float>("y").ToArray());
        data = ForeignTable.Create(_ml, rows[1..], ("Exact", [1, 1]));
        CollectionAssert.AreEqual(new[] { 5f },
            _ml.Transforms.ApplyRecurrentOnnx(["y"], ["Exact"], file.Path).Fit(data).Transform(data).GetColumn<float>("y").ToArray());
    }

    [TestMethod]
    public void Texts_are_fed()
    {
        using var file = new GraphFile().Input("text", OnnxType.Text, "batch", 1).Node("Equal", "text yes", "y").Output("y", OnnxType.Boolean, "batch", 1);
        file.Model.OpsetImport[0].Version = 19;
        var yes = new TensorProto { Name = "yes", DataType = (int)DataType.String, Dims = { 1 } };
        yes.StringData.Add(Google.Protobuf.ByteString.CopyFromUtf8("ja"));
        file.Model.Graph.Initializer.Add(yes);
        ForeignRow[] rows = [.. Enumerable.Range(0, 40)
            .Select(i => new ForeignRow { Text = i % 3 == 0 ? "ja" : $"nein {i}", Ids = [.. Enumerable.Range(0, 1 + i % 3).Select(at => (long)at)] })];
        var data = _ml.Data.LoadFromEnumerable(rows);
        var model = _ml.Transforms.ApplyRecurrentOnnx(["y"], ["Text"], file.Path, batchSize: 7).Fit(data);
        CollectionAssert.AreEqual(rows.Select(row => row.Text == "ja").ToArray(), model.Transform(data).GetColumn<bool>("y").ToArray());
        using var engine = _ml.Model.CreatePredictionEngine<ForeignRow, Flagged>(model);
        Assert.IsTrue(engine.Predict(new() { Text = "ja" }).y);
        Assert.IsFalse(engine.Predict(new() { Text = "" }).y);
        // A constant.
        var constant = _ml.Transforms.ApplyRecurrentOnnx(["z"], ["Ids"], WithSum(file), constants: new() { ["text"] = "ja" });
        Assert.AreEqual(3f, constant.Fit(data).Transform(data).GetColumn<float>("z").ElementAt(2));
        // Numbers are no texts, and texts no numbers.
        var error = Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => _ml.Transforms.ApplyRecurrentOnnx(["y"], ["Gain"], file.Path).Fit(data));
        foreach (var part in new[] { "'Gain'", "text", "ConvertType" }) StringAssert.Contains(error.Message, part);
    }

    [TestMethod]
    public void Inputs_that_lead_to_no_wanted_output_need_no_column()
    {
        using var file = new GraphFile().Input("label", OnnxType.Text, "batch", 1).Input("x", OnnxType.Single, "batch", 2)
            .Input("other", OnnxType.Single, "batch", 2)
            .Node("Identity", "label", "copy").Node("Tanh", "x", "y").Node("Add", "x other", "sum").Output("copy", OnnxType.Text, "batch", 1)
            .Output("y", OnnxType.Single, "batch", 2).Output("sum", OnnxType.Single, "batch", 2);
        var data = ForeignTable.Create(_ml, [new ForeignRow { X = [1, 2], H = [3, 4], Text = "a" }], ("X", [2]), ("H", [2]));
        float[] Of(string output, params string[] inputs) =>
            _ml.Transforms.ApplyRecurrentOnnx([output], inputs, file.Path).Fit(data).Transform(data).GetColumn<float[]>(output).Single();
        float[] y = [MathF.Tanh(1), MathF.Tanh(2)];
        TestModels.AssertClose(y, Of("y", "X"), "what is needed");
        TestModels.AssertClose(y, Of("y", "Text", "X", "H"), "a column for each");
        TestModels.AssertClose([4, 6], Of("sum", "X", "H"), "two of three");
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => Of("sum", "X")).Message, "'other' [batch, 2]");
    }

    [TestMethod]
    public void A_pipeline_that_ConvertToOnnx_wrote_from_a_table_with_text_is_applied()
    {
        var random = new Random(2);
        TableRow[] rows = [.. Enumerable.Range(0, 60)
            .Select(i => new TableRow { Name = $"row {i}", Kind = i % 3 == 0 ? "a" : "b", Steps = ForeignTable.Numbers(random, 4) })];
        foreach (var row in rows) row.Label = row.Steps.Sum() > 0;
        var data = _ml.Data.LoadFromEnumerable(rows);
        var pipeline = _ml.Transforms.Categorical.OneHotEncoding("Encoded", "Kind")
            .Append(_ml.BinaryClassification.Trainers.Gru("Label", "Steps", hiddenSize: 4, maximumNumberOfEpochs: 2));
        var model = pipeline.Fit(data);
        var path = Path.GetTempFileName();
        try
        {
            using (var stream = File.Create(path)) _ml.Model.ConvertToOnnx(model, data, stream);
            var own = model.Transform(data);
            // ML.NET calls the outputs by the names of the columns with a suffix, which may be left out.
            var named = _ml.Transforms.ApplyRecurrentOnnx(["Encoded", "Score"], ["Name", "Kind", "Steps", "Label"], path).Fit(data).Transform(data);
            TestModels.AssertClose([.. own.GetColumn<float>("Score")], [.. named.GetColumn<float>("Score")], "Score by its column");
            var applied = _ml.Transforms.ApplyRecurrentOnnx(["PredictedLabel.output", "Score.output", "Encoded.output"], ["Name", "Kind", "Steps", "Label"],
                path).Fit(data).Transform(data);
            TestModels.AssertClose([.. own.GetColumn<float>("Score")], [.. applied.GetColumn<float>("Score.output")], "Score");
            CollectionAssert.AreEqual(own.GetColumn<bool>("PredictedLabel").ToArray(), applied.GetColumn<bool>("PredictedLabel.output").ToArray());
            TestModels.AssertClose([.. own.GetColumn<float[]>("Encoded").SelectMany(row => row)],
                [.. applied.GetColumn<float[]>("Encoded.output").SelectMany(row => row)], "Encoded");
            // Without label and texts.
            var alone = _ml.Data.LoadFromEnumerable(rows.Select(row => new StepsOnly { Steps = row.Steps }));
            TestModels.AssertClose([.. own.GetColumn<float>("Score")],
                [.. _ml.Transforms.ApplyRecurrentOnnx(["Score.output"], ["Steps"], path).Fit(alone).Transform(alone).GetColumn<float>("Score.output")],
                "Score alone");
        }
        finally
        {
            File.Delete(path);
        }
    }

    [TestMethod]
    public void Names_bind_before_the_order_does()
    {
        using var file = new GraphFile().Input("x", OnnxType.Single, "batch", 2).Input("H", OnnxType.Single, "batch", 2).Node("Sub", "x H", "y").Output("y",
            OnnxType.Single, "batch", 2);
        var data = ForeignTable.Create(_ml, [new ForeignRow { X = [1, 2], H = [3, 5] }], ("X", [2]), ("H", [2]));
        foreach (var inputs in new string[][] { ["X", "H"], ["H", "X"] })
            TestModels.AssertClose([-2, -3],
                _ml.Transforms.ApplyRecurrentOnnx(["y"], inputs, file.Path).Fit(data).Transform(data).GetColumn<float[]>("y").Single(), inputs[0]);
    }

    // x [batch, 3, time], turned to [time, batch, 3] for an LSTM.
    [TestMethod]
    [DataRow(1.5f)]
    [DataRow(float.NaN)]
    [DataRow(float.PositiveInfinity)]
    public void Numbers_that_are_not_whole_are_refused_where_the_graph_takes_whole_ones(float other)
    {
        using var file = Embedded();
        ForeignRow[] rows = [new() { X = [1, 2, 0] }, new() { X = [1, other, 2] }];
        var scored = _ml.Transforms.ApplyRecurrentOnnx(["y"], ["X"], file.Path).Fit(_ml.Data.LoadFromEnumerable(rows))
            .Transform(_ml.Data.LoadFromEnumerable(rows));
        var error = Assert.ThrowsExactly<ArgumentException>(() => scored.GetColumn<float[]>("y").ToArray());
        StringAssert.Contains(error.Message, "Row 1 of the input column 'X' holds");
        StringAssert.Contains(error.Message, "whole numbers");
    }

    [TestMethod]
    public void Ids_of_rows_are_not_taken_as_lengths()
    {
        // A speaker for each row, which chooses an embedding: the only whole numbers [batch].
        using var file = new GraphFile().Input("x", OnnxType.Single, "batch", "time", 3).Input("speaker", OnnxType.Int64, "batch")
            .Weight("E", 6, 4).Node("Gather", "E speaker", "e").Node("Transpose", "x", "xt", ("perm", new[] { 1L, 0, 2 })).Lstm("xt", 3)
            .Integers("front", 0).Node("Squeeze", "last front", "state").Node("Add", "state e", "y").Output("y", OnnxType.Single, "batch", 4);
        ForeignRow[] rows = [.. Enumerable.Range(0, 6).Select(i => new ForeignRow { X = ForeignTable.Numbers(_random, 12), Length = i })];
        var data = _ml.Data.LoadFromEnumerable(rows);
        var error = Assert.Throws<ArgumentException>(() => _ml.Transforms.ApplyRecurrentOnnx(["y"], ["X"], file.Path).Fit(data));
        StringAssert.Contains(error.Message, "'speaker'");
        float[][] expected = [.. rows.Select(row => file.Run(["y"], GraphFile.Tensor("x", row.X, 1, 4, 3), GraphFile.Tensor("speaker", [row.Length], 1))[0])];
        Compare(expected, _ml.Transforms.ApplyRecurrentOnnx(["y"], ["X", "Length"], file.Path).Fit(data).Transform(data), "y", "speaker");
    }

    [TestMethod]
    public void A_column_of_other_axes_than_a_row_of_the_graph_is_refused()
    {
        using var file = new GraphFile().Input("x", OnnxType.Single, "batch", 6, 4).Node("Transpose", "x", "xt", ("perm", new[] { 1L, 0, 2 })).Lstm("xt", 4)
            .Output("last", OnnxType.Single, 1, "batch", 4);
        // As many numbers, but 8 steps of 3.
        ForeignRow[] rows = [new() { X = ForeignTable.Numbers(_random, 24) }];
        var error = Assert.Throws<ArgumentException>(
            () => _ml.Transforms.ApplyRecurrentOnnx(["last"], ["X"], file.Path).Fit(ForeignTable.Create(_ml, rows, ("X", [8, 3]))));
        StringAssert.Contains(error.Message, "does not match the model's input 'x'");
        var fitting = ForeignTable.Create(_ml, rows, ("X", [6, 4]));
        Assert.HasCount(1, _ml.Transforms.ApplyRecurrentOnnx(["last"], ["X"], file.Path).Fit(fitting).Transform(fitting).GetColumn<float[]>("last").ToArray());
    }

    [TestMethod]
    public void An_input_that_no_column_feeds_is_told_with_the_ways_to_feed_it()
    {
        using var file = Embedded();
        var error = Assert.Throws<ArgumentException>(
            () => _ml.Transforms.ApplyRecurrentOnnx(new() { ModelFile = file.Path }).Fit(_ml.Data.LoadFromEnumerable(new ForeignRow[] { new() { X = [1] } })));
        StringAssert.Contains(error.Message, "inputColumnNames");
        StringAssert.Contains(error.Message, "constants: new()");
    }

    private static GraphFile Embedded() =>
        new GraphFile().Input("ids", OnnxType.Int64, "batch", "time").Weight("E", 6, 3).Node("Gather", "E ids", "words")
        .Node("Transpose", "words", "xt", ("perm", new[] { 1L, 0, 2 })).Lstm("xt", 3).Integers("front", 0).Node("Squeeze", "last front", "y")
        .Output("y", OnnxType.Single, "batch", 4);

    private static GraphFile ChannelsFirst() =>
        new GraphFile().Input("x", OnnxType.Single, null, 3, null).Node("Transpose", "x", "xt", ("perm", new[] { 2L, 0, 1 }))
        .Lstm("xt", 3).Output("last", OnnxType.Single, 1, null, 4);

    // The file, with z, the sum of ids times whether the text is "ja".
    private static string WithSum(GraphFile file) =>
        file.Input("ids", OnnxType.Int64, "batch", "time").Integers("along", 1).Node("ReduceSum", "ids along", "sum")
        .Node("Cast", "y", "flag", ("to", 7L)).Node("Mul", "sum flag", "product").Node("Cast", "product", "z", ("to", 1L))
        .Output("z", OnnxType.Single, "batch", 1).Path;

    private void Check(float[][] expected, GraphFile file, IDataView data, string what) =>
        Compare(expected, _ml.Transforms.ApplyRecurrentOnnx(["last"], ["X"], file.Path, batchSize: 4).Fit(data).Transform(data), "last", what);

    private static void Compare(float[][] expected, IDataView scored, string column, string what)
    {
        float[][] actual = scored.Schema[column].Type is VectorDataViewType
            ? [.. scored.GetColumn<float[]>(column)]
            : [.. scored.GetColumn<float>(column).Select(one => new[] { one })];
        Assert.HasCount(expected.Length, actual);
        for (var i = 0; i < expected.Length; i++) TestModels.AssertClose(expected[i], actual[i], $"{what}, row {i}");
    }

    private sealed class Flagged
    {
        public bool y { get; set; }
    }

    private sealed class StepsOnly
    {
        [VectorType(4, 1)]
        public float[] Steps { get; set; } = [];
    }

    private sealed class TableRow
    {
        public string Name { get; set; } = "";

        public string Kind { get; set; } = "";

        [VectorType(4, 1)]
        public float[] Steps { get; set; } = [];

        public bool Label { get; set; }
    }
}
