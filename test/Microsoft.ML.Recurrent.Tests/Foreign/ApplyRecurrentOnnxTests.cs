using Microsoft.ML.Data;
using Microsoft.ML.Recurrent.Layers;
using Microsoft.ML.Recurrent.Networks;
using Microsoft.ML.Recurrent.Onnx;
using Microsoft.ML.Recurrent.Onnx.Format;
using Microsoft.ML.Recurrent.Tests.Onnx;
using Microsoft.ML.Recurrent.Tests.Scoring;

namespace Microsoft.ML.Recurrent.Tests.Foreign;

/// <summary>Models of PyTorch and Keras, as columns of a pipeline.</summary>
[TestClass]
public sealed class ApplyRecurrentOnnxTests
{
    private readonly MLContext _ml = new(seed: 1);

    public static IEnumerable<object[]> Models => !SharedFolder.IsPresent ? [["pytorch_torchscript_lstm_last"]]
        : Directory.GetDirectories(SharedFolder.Find("onnx-models")).Select(folder => new object[] { Path.GetFileName(folder) });

    [TestMethod]
    public void All_twenty_one_models_are_there()
    {
        _ = SharedFolder.Find("onnx-models");
        Assert.HasCount(21, Models.ToArray());
    }

    [TestMethod]
    [DynamicData(nameof(Models))]
    public void Every_model_scores_as_its_framework_does(string name)
    {
        var path = SharedFolder.Find("onnx-models", name, "model.onnx");
        bool step = name.EndsWith("_step", StringComparison.Ordinal), timeFirst = name.Contains("timefirst", StringComparison.Ordinal);
        string[] inputs = step ? ["x", "h", "c"] : ["Sequence"], outputs = step ? ["y", "hn", "cn"] : ["Answer"];
        TensorData[] values = [.. inputs.Select((_, i) => Tensor(name, $"input_{i}"))];
        // Each row three times over, so that a batch is full, and one is not.
        var rows = (int)values[0].Shape[timeFirst ? 1 : 0];
        int[] order = [.. Enumerable.Range(0, 2 * rows + 1).Select(i => (i * 2 + 1) % rows)];
        var definition = Columns(inputs, values.Select((value, i) => RowShape(value, AxisOf(name, i))).ToArray(),
            values.Select((value, i) => Row(value, AxisOf(name, i))).ToArray(), order, values[0].FloatValues is null);
        var transformer = _ml.Transforms.ApplyRecurrentOnnx(outputs, inputs, path, batchSize: 5).Fit(definition);
        Check(name, outputs, transformer.Transform(definition), order);

        // Saved and loaded by ML.NET.
        using var file = new MemoryStream();
        _ml.Model.Save(transformer, definition.Schema, file);
        file.Position = 0;
        Check(name, outputs, _ml.Model.Load(file, out _).Transform(definition), order);
    }

    [TestMethod]
    [DataRow("pytorch_torchscript_lstm_last")]
    [DataRow("pytorch_torchscript_gru_tagger_embedding_layernorm")]
    public void Lengths_that_vary_are_never_padded(string name)
    {
        var tokens = name.Contains("tagger", StringComparison.Ordinal);
        var path = SharedFolder.Find("onnx-models", name, "model.onnx");
        var random = new Random(2);
        VaryingRow[] rows = [.. Enumerable.Range(0, 40).Select(i => new VaryingRow
        {
            Numbers = [.. Enumerable.Range(0, 5 * (1 + i * 7 % 6)).Select(_ => random.NextSingle())],
            Tokens = [.. Enumerable.Range(0, 1 + i * 7 % 6).Select(_ => random.NextInt64(10))],
        })];
        var column = tokens ? "Tokens" : "Numbers";
        var data = _ml.Data.LoadFromEnumerable(rows);
        var transformer = _ml.Transforms.ApplyRecurrentOnnx(["Answer"], [column], path, batchSize: 4).Fit(data);
        var answers = transformer.Transform(data).GetColumn<float[]>("Answer").ToArray();
        // Row by row through ML.NET's own engine gives the same.
        using var engine = _ml.Model.CreatePredictionEngine<VaryingRow, Answered>(transformer);
        for (var i = 0; i < rows.Length; i++)
        {
            var alone = engine.Predict(rows[i]).Answer!;
            Assert.HasCount(tokens ? 5 * rows[i].Tokens.Length : 3, answers[i]);
            TestModels.AssertClose(alone, answers[i], $"row {i}");
        }
    }

    [TestMethod]
    public void Our_own_export_takes_lengths() => WithExportedGru((path, network, description) =>
    {
        var rows = TestRows.Random(description, 50);
        var data = _ml.Data.LoadFromEnumerable(rows.Values.Select(values => new VaryingRow { Numbers = values }));
        var transformer = _ml.Transforms.ApplyRecurrentOnnx(["Score"], ["Numbers"], path, lengthColumnName: "sequence_length", batchSize: 16).Fit(data);
        var answers = transformer.Transform(data).GetColumn<float[]>("Score").SelectMany(values => values).ToArray();
        TestModels.AssertClose(TestModels.Forward(network, rows)[0], answers, "answers");
        NumberAssert.IsLessThanOrEqualTo(4, transformer.Runs);
    });

    [TestMethod]
    public void A_length_that_is_out_of_range_is_named() => WithExportedGru((path, _, _) =>
    {
        VaryingRow[] Rows(long length) => [.. Enumerable.Range(0, 9).Select(i => new VaryingRow { Numbers = new float[3], Length = i == 5 ? length : 3 })];
        var transformer = _ml.Transforms.CopyColumns("sequence_length", "Length").Append(
            _ml.Transforms.ApplyRecurrentOnnx(["Score"], ["Numbers"], path, lengthColumnName: "sequence_length", batchSize: 4))
            .Fit(_ml.Data.LoadFromEnumerable(Rows(3)));
        Assert.HasCount(9, transformer.Transform(_ml.Data.LoadFromEnumerable(Rows(2))).GetColumn<float[]>("Score").ToArray());
        foreach (var length in new long[] { -1, 4, 1L << 40 })
        {
            var error = Assert.ThrowsExactly<ArgumentException>(
                () => transformer.Transform(_ml.Data.LoadFromEnumerable(Rows(length))).GetColumn<float[]>("Score").ToArray());
            foreach (var part in new[] { "Row 5", "'sequence_length'", $"is {length}", "has 3 steps" }) StringAssert.Contains(error.Message, part);
        }
    });

    [TestMethod]
    public void A_row_that_the_runtime_refuses_is_named()
    {
        // A token beyond the embedding's rows.
        var path = SharedFolder.Find("onnx-models", "pytorch_torchscript_gru_tagger_embedding_layernorm", "model.onnx");
        VaryingRow[] rows = [.. Enumerable.Range(0, 10).Select(i => new VaryingRow { Tokens = [1, i == 6 ? 1_000_000 : 2] })];
        var data = _ml.Data.LoadFromEnumerable(rows);
        using var transformer = _ml.Transforms.ApplyRecurrentOnnx(["Answer"], ["Tokens"], path, batchSize: 8).Fit(data);
        var error = Assert.ThrowsExactly<ArgumentException>(() => transformer.Transform(data).GetColumn<float[]>("Answer").ToArray());
        StringAssert.Contains(error.Message, "Row 6 (the columns 'Tokens') cannot be scored by the graph: ");
        Assert.AreEqual("data", error.ParamName);
        Assert.IsInstanceOfType<Microsoft.ML.OnnxRuntime.OnnxRuntimeException>(error.InnerException);
        using var engine = _ml.Model.CreatePredictionEngine<VaryingRow, Answered>(transformer);
        Assert.HasCount(10, engine.Predict(rows[0]).Answer!);
        var alone = Assert.Throws<Exception>(() => engine.Predict(rows[6]));
        while (alone is not ArgumentException && alone.InnerException is { } inner) alone = inner;
        StringAssert.Contains(alone.Message, "The given row (the columns 'Tokens') cannot be scored by the graph: ");
        Assert.AreEqual("row", ((ArgumentException)alone).ParamName);
    }

    [TestMethod]
    public void What_does_not_fit_is_named()
    {
        var path = SharedFolder.Find("onnx-models", "pytorch_torchscript_lstm_last", "model.onnx");
        var data = _ml.Data.LoadFromEnumerable([new VaryingRow()]);
        void Says<T>(Action action, params string[] parts) where T : Exception
        {
            var error = Assert.ThrowsExactly<T>(action);
            foreach (var part in parts) StringAssert.Contains(error.Message, part);
        }
        Says<FileNotFoundException>(() => _ml.Transforms.ApplyRecurrentOnnx(["y"], ["x"], path + ".none"), path + ".none");
        Says<ArgumentException>(() => _ml.Transforms.ApplyRecurrentOnnx([], ["x"], path), "Name at least one column");
        Says<ArgumentException>(() => _ml.Transforms.ApplyRecurrentOnnx(["y"], ["x", "x"], path), "named twice");
        Says<ArgumentOutOfRangeException>(() => _ml.Transforms.ApplyRecurrentOnnx(["y"], ["x"], path, batchSize: 0), "BatchSize");
        Says<ArgumentOutOfRangeException>(() => _ml.Transforms.ApplyRecurrentOnnx(["y"], ["x"], path).Fit(data), "'x'", "Numbers");
        Says<ArgumentOutOfRangeException>(() => _ml.Transforms.ApplyRecurrentOnnx(["y"], ["Text"], path).Fit(data), "'Text'", "numbers");
        Says<ArgumentException>(() => _ml.Transforms.ApplyRecurrentOnnx(["y"], ["Fixed"], path).Fit(data), "'Fixed'", "[4]", "[batch, time, 5]");
        Says<ArgumentException>(() => _ml.Transforms.ApplyRecurrentOnnx(["y"], ["Numbers", "Tokens"], path).Fit(data), "2 input columns", "'x'");
        Says<ArgumentException>(() => _ml.Transforms.ApplyRecurrentOnnx(["y", "z"], ["Numbers"], path).Fit(data), "2 output columns", "'y'");
        var ragged = _ml.Transforms.ApplyRecurrentOnnx(["y"], ["Numbers"], path).Fit(data)
            .Transform(_ml.Data.LoadFromEnumerable([new VaryingRow { Numbers = new float[7] }]));
        Says<ArgumentException>(() => ragged.GetColumn<float[]>("y").ToArray(), "'Numbers'", "7 numbers");
    }

    // A GRU over sequences of any length, in a file of its own while it is looked at.
    private static void WithExportedGru(Action<string, Network, NetworkDescription> check)
    {
        var description = TestModels.Describe([new RecurrentDescription("gru", RecurrentCell.Gru, 6), new PoolingDescription("pool", SequencePooling.Mean)],
            features: 1, time: null);
        using var network = TestModels.Network(description);
        var path = Path.GetTempFileName();
        try
        {
            TestModels.Model(network).ExportToOnnx(path);
            check(path, network, description);
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static TensorData Tensor(string name, string file) =>
        TensorData.Read(TensorProto.Parser.ParseFrom(File.ReadAllBytes(SharedFolder.Find("onnx-models", name, file + ".pb"))));

    // The batch's axis: states have it second, and so has a model that takes time first.
    private static int AxisOf(string name, int input) => input > 0 || name.Contains("timefirst", StringComparison.Ordinal) ? 1 : 0;

    private static int[] RowShape(TensorData value, int axis) => [.. value.Shape.Where((_, i) => i != axis).Select(size => (int)size)];

    private static Func<int, float[]> Row(TensorData value, int axis) => row =>
    {
        long outer = value.Shape[..axis].Aggregate(1L, (product, size) => product * size),
            inner = value.Shape[(axis + 1)..].Aggregate(1L, (product, size) => product * size), rows = value.Shape[axis];
        var result = new float[outer * inner];
        for (long o = 0; o < outer; o++)
            for (long i = 0; i < inner; i++)
            {
                var at = (o * rows + row) * inner + i;
                result[o * inner + i] = value.FloatValues is { } floats ? floats[at] : value.IntegerValues![at];
            }
        return result;
    };

    // A view with vector columns of given sizes; numbers that are ids come as Int64.
    private IDataView Columns(string[] names, int[][] shapes, Func<int, float[]>[] rows, int[] order, bool ids)
    {
        var schema = SchemaDefinition.Create(typeof(AnyRow));
        for (var i = schema.Count - 1; i >= 0; i--)
        {
            var at = schema[i].MemberName switch { "A" or "Ids" => 0, "B" => 1, _ => 2 };
            if (at >= names.Length || schema[i].MemberName == (ids ? "A" : "Ids"))
            {
                schema.RemoveAt(i);
                continue;
            }
            schema[i].ColumnName = names[at];
            schema[i].ColumnType = new VectorDataViewType(ids ? NumberDataViewType.Int64 : NumberDataViewType.Single, shapes[at]);
        }
        return _ml.Data.LoadFromEnumerable(order.Select(row => new AnyRow
        {
            A = rows[0](row),
            B = rows.Length > 1 ? rows[1](row) : [],
            C = rows.Length > 2 ? rows[2](row) : [],
            Ids = Array.ConvertAll(rows[0](row), value => (long)value),
        }), schema);
    }

    private static void Check(string name, string[] outputs, IDataView scored, int[] order)
    {
        for (var i = 0; i < outputs.Length; i++)
        {
            var expected = Tensor(name, $"output_{i}");
            var rowOf = Row(expected, i > 0 ? 1 : 0);
            float[][] actual = scored.Schema[outputs[i]].Type is VectorDataViewType
                ? [.. scored.GetColumn<float[]>(outputs[i])]
                : [.. scored.GetColumn<float>(outputs[i]).Select(number => new[] { number })];
            Assert.HasCount(order.Length, actual);
            for (var row = 0; row < order.Length; row++) TestModels.AssertClose(rowOf(order[row]), actual[row], $"{name}, {outputs[i]}, row {row}");
        }
    }

    private sealed class AnyRow
    {
        public float[] A { get; set; } = [];

        public float[] B { get; set; } = [];

        public float[] C { get; set; } = [];

        public long[] Ids { get; set; } = [];
    }

    private sealed class VaryingRow
    {
        public float[] Numbers { get; set; } = [];

        public long[] Tokens { get; set; } = [];

        [VectorType(4)]
        public float[] Fixed { get; set; } = new float[4];

        public string Text { get; set; } = "";

        public long Length { get; set; }
    }

    private sealed class Answered
    {
        public float[]? Answer { get; set; }
    }
}
