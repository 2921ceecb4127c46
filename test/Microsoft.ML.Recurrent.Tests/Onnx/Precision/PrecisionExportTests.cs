using Microsoft.ML.Data;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.Recurrent.Layers;
using Microsoft.ML.Recurrent.Model;
using Microsoft.ML.Recurrent.Networks;
using Microsoft.ML.Recurrent.Onnx.Format;

namespace Microsoft.ML.Recurrent.Tests.Onnx.Precision;

/// <summary>Exports in fewer bits: what the files hold, that ONNX Runtime scores them, and that the error reported is the error that they have.</summary>
[TestClass]
public sealed class PrecisionExportTests
{
    private static readonly OnnxPrecision[] s_reduced = [OnnxPrecision.HalfWeights, OnnxPrecision.Half, OnnxPrecision.Int8Weights, OnnxPrecision.Int8];

    private static readonly Dictionary<string, LayerDescription[]> s_networks = new()
    {
        ["lstm"] = [Recurrent("lstm"), new PoolingDescription("pool", SequencePooling.Last)],
        ["two directions"] = [Recurrent("lstm") with { Bidirectional = true }, Recurrent("second") with { Bidirectional = true },
            new PoolingDescription("pool", SequencePooling.Last)],
        ["projection"] = [Recurrent("lstm") with { Projection = 16, Bidirectional = true }, new PoolingDescription("pool", SequencePooling.Last)],
        ["gru"] = [Recurrent("gru", RecurrentCell.Gru), Recurrent("rnn", RecurrentCell.SimpleRnn), new PoolingDescription("pool", SequencePooling.Mean)],
        ["dense"] = [new DenseDescription("before", 48, DenseActivation.Tanh), Recurrent("lstm"), new DenseDescription("steps", 128, DenseActivation.Relu),
            new PoolingDescription("pool", SequencePooling.Last), new DenseDescription("after", 64, DenseActivation.Tanh)],
        ["convolution and attention"] = [new ConvolutionDescription("conv", 32, 3), Recurrent("lstm"), new SelfAttentionDescription("attention", 2),
            new AttentionDescription("query", AttentionForm.General)],
        ["loop"] = [Recurrent("lstm") with { LayerNormalization = true }, Recurrent("gru", RecurrentCell.Gru) with { ZoneoutHidden = 0.1f },
            new PoolingDescription("pool", SequencePooling.Last)],
    };

    public static IEnumerable<object[]> Cases => from name in s_networks.Keys from precision in s_reduced select new object[] { name, precision };

    [TestMethod]
    [DynamicData(nameof(Cases))]
    public void Files_are_smaller_and_their_error_is_small_and_reported(string name, OnnxPrecision precision)
    {
        foreach (var time in new int?[] { null, 9 })
        {
            var description = TestModels.Describe(s_networks[name], features: 6, time: time);
            using var network = Network(description);
            var model = TestModels.Model(network);
            foreach (var opset in new[] { 11, 13, 17, 22, 26 })
            {
                using var stream = new MemoryStream();
                var report = model.ExportToOnnx(stream, new() { Opset = opset, Precision = precision });
                Assert.AreEqual(stream.Length, report.FileSize);
                Assert.AreEqual(precision, report.Precision);
                Assert.AreEqual(256, report.Rows);
                // The network's description and the nodes themselves do not shrink.
                NumberAssert.IsLessThan(precision is OnnxPrecision.HalfWeights or OnnxPrecision.Half ? 0.75 : 0.7,
                    (double)report.FileSize / report.SingleFileSize,
                    name);
                var error = report.Outputs.Single();
                NumberAssert.IsGreaterThan(0, error.MaximumAbsoluteError, "an export in fewer bits has an error");
                NumberAssert.IsLessThanOrEqualTo(error.MaximumAbsoluteError, error.MeanAbsoluteError);
                var bound = precision is OnnxPrecision.HalfWeights or OnnxPrecision.Half ? 0.02 : 0.15;
                NumberAssert.IsLessThan(bound * error.MeanAbsoluteValue, error.MeanAbsoluteError, report.ToString());

                // The tape, by other rows.
                var rows = TestRows.Random(description, 20);
                float[] expected = TestModels.Forward(network, rows)[0], actual = TestModels.RunBare(stream.ToArray(), model.Manifest, rows)[0];
                double greatest = expected.Zip(actual, (a, b) => Math.Abs(a - b)).Max();
                NumberAssert.IsGreaterThan(0, greatest);
                NumberAssert.IsLessThan(Math.Max(20 * error.MaximumAbsoluteError, 1e-3), greatest, report.ToString());
            }
        }
    }

    [TestMethod]
    public void Given_rows_are_the_ones_measured()
    {
        var context = new MLContext(1);
        var description = TestModels.Describe(s_networks["lstm"], features: 6, time: 9);
        using var network = Network(description);
        var manifest = TestModels.Manifest(description) with { Inputs = [new("Features", InputKind.Sequence, 9, 6)] };
        var model = TestModels.Model(network, manifest);
        var random = new Random(8);
        Row[] rows = [.. Enumerable.Range(0, 300).Select(_ => new Row { Features = [.. Enumerable.Range(0, 54).Select(_ => random.NextSingle())] })];
        using var stream = new MemoryStream();
        var report = model.ExportToOnnx(stream, new() { Precision = OnnxPrecision.Int8Weights, EvaluationData = context.Data.LoadFromEnumerable(rows) });
        Assert.AreEqual(300, report.Rows);
        float[] flat = [.. rows.SelectMany(row => row.Features)];
        float[] Score(byte[] bytes)
        {
            using var session = new InferenceSession(bytes);
            using var input = OrtValue.CreateTensorValueFromMemory(flat, [300, 9, 6]);
            using var options = new RunOptions();
            using var results = session.Run(options, ["Features"], [input], ["Score"]);
            return results[0].GetTensorDataAsSpan<float>().ToArray();
        }
        float[] expected = Score(model.File().Graph.ToArray()), actual = Score(stream.ToArray());
        double[] errors = [.. expected.Zip(actual, (a, b) => (double)Math.Abs(a - b))];
        Assert.AreEqual(errors.Max(), report.Outputs[0].MaximumAbsoluteError, 1e-6);
        Assert.AreEqual(errors.Average(), report.Outputs[0].MeanAbsoluteError, 1e-7);
        Assert.AreEqual(expected.Average(value => Math.Abs(value)), report.Outputs[0].MeanAbsoluteValue, 1e-6);

        var wrong = context.Data.LoadFromEnumerable(new[] { new Other { Numbers = [1, 2] } });
        StringAssert.Contains(Assert.Throws<ArgumentException>(
            () => model.ExportToOnnx(Stream.Null, new() { Precision = OnnxPrecision.Half, EvaluationData = wrong })).Message, "'Features'");
        var none = context.Data.LoadFromEnumerable(Array.Empty<Row>());
        StringAssert.Contains(Assert.Throws<ArgumentException>(
            () => model.ExportToOnnx(Stream.Null, new() { Precision = OnnxPrecision.Half, EvaluationData = none })).Message, "EvaluationData has no row");
    }

    [TestMethod]
    public void Operators_are_what_is_said()
    {
        var model = TestModels.Model(TestModels.Describe(s_networks["dense"], features: 6, time: null));
        ModelProto Export(OnnxPrecision precision)
        {
            using var stream = new MemoryStream();
            model.ExportToOnnx(stream, new() { Precision = precision, MeasureError = false });
            return ModelProto.Parser.ParseFrom(stream.ToArray());
        }
        HashSet<string> Operators(OnnxPrecision precision) => [.. Export(precision).Graph.Node.Select(node => node.OpType)];
        Assert.DoesNotContain("DynamicQuantizeLSTM", Operators(OnnxPrecision.Int8Weights));
        Assert.Contains("LSTM", Operators(OnnxPrecision.Int8Weights));
        var dynamic = Export(OnnxPrecision.Int8);
        Assert.IsTrue(dynamic.Graph.Node.Any(node => node is { OpType: "DynamicQuantizeLSTM", Domain: "com.microsoft" }));
        Assert.IsFalse(dynamic.Graph.Node.Any(node => node.OpType is "LSTM"));
        // The dense layers of 48 x 6 and 2 x 64 numbers are too small.
        Assert.AreEqual(2, dynamic.Graph.Node.Count(node => node.OpType is "MatMulInteger"));
        Assert.IsTrue(dynamic.OpsetImport.Any(opset => opset.Domain == "com.microsoft"));
        // 16 bits between conversions.
        var half = Export(OnnxPrecision.Half);
        var lstm = half.Graph.Node.Single(node => node.OpType is "LSTM");
        foreach (var input in new[] { 0, 1, 2, 3 }) Assert.EndsWith(".to_half", lstm.Input[input]);
        Assert.DoesNotEndWith(".to_half", lstm.Input[4]);
        // Biases, means and scales keep their precision.
        foreach (var precision in s_reduced)
            foreach (var name in new[] { "input.mean", "input.scale", "head.bias", "before.bias" })
                Assert.AreEqual((int)TensorProto.Types.DataType.Float, Export(precision).Graph.Initializer.Single(tensor => tensor.Name == name).DataType,
                    $"{precision} {name}");
    }

    [TestMethod]
    public void Single_steps_too()
    {
        var model = TestModels.Model(TestModels.Describe([Recurrent("lstm"), Recurrent("gru", RecurrentCell.Gru),
            new PoolingDescription("pool", SequencePooling.Last)], features: 6, time: null));
        foreach (var precision in s_reduced)
        {
            var report = model.ExportToOnnx(Stream.Null, new() { Precision = precision, Form = OnnxExportForm.SingleStep });
            CollectionAssert.AreEqual(new[] { "Score", "lstm.h.next", "lstm.c.next", "gru.h.next" }, report.Outputs.Select(output => output.Name).ToArray());
            foreach (var output in report.Outputs)
            {
                NumberAssert.IsGreaterThan(0, output.MaximumAbsoluteError, output.ToString());
                NumberAssert.IsLessThan(0.15 * output.MeanAbsoluteValue, output.MeanAbsoluteError, output.ToString());
            }
        }
    }

    [TestMethod]
    public void Reduced_files_are_read_back_to_be_trained_further()
    {
        var context = new MLContext(1);
        var description = TestModels.Describe(s_networks["dense"], features: 6, time: null);
        using var network = Network(description);
        var model = TestModels.Model(network);
        var path = Path.GetTempFileName();
        try
        {
            foreach (var precision in s_reduced)
            {
                model.ExportToOnnx(path, new() { Precision = precision, MeasureError = false });
                if (precision is OnnxPrecision.Int8)
                {
                    StringAssert.Contains(Assert.ThrowsExactly<NotSupportedException>(() => context.Model.LoadRecurrentOnnx(path)).Message,
                        "cannot be imported");
                    continue;
                }
                var read = context.Model.LoadRecurrentOnnx(path);
                using var again = read.ToNetwork();
                foreach (var parameter in network.Parameters)
                    TestModels.AssertClose(parameter.Value.Span.ToArray(), again[parameter.Name].Value.Span.ToArray(), $"{precision} {parameter.Name}",
                        precision is OnnxPrecision.Int8Weights ? 0.006f : 1e-3f);
                // In 32 bits from here on, and whatever a model can do.
                using var stream = new MemoryStream();
                read.ExportToOnnx(stream, new() { Opset = 21 });
                var rows = TestRows.Random(description, 5);
                TestModels.AssertClose(TestModels.Forward(again, rows)[0], TestModels.RunBare(stream.ToArray(), model.Manifest, rows)[0], precision.ToString());
            }
        }
        finally
        {
            File.Delete(path);
        }
    }

    [TestMethod]
    public void Forecasters_with_categories_transforms_and_known_futures_are_measured()
    {
        var context = new MLContext(1);
        string[] kinds = ["a", "b", "c"];
        var random = new Random(4);
        var data = context.Data.LoadFromEnumerable(Enumerable.Range(0, 260).Select(t => new Sales
        {
            Time = t, Kind = kinds[t % 3],
            Promotion = kinds[random.Next(3)], Price = 2 + random.NextSingle(), Amount = 1000 + 500 * MathF.Sin(t / 4f)
        }).ToArray());
        foreach (var transform in Enum.GetValues<TargetTransform>())
        {
            using var transformer = context.Forecasting.ForecastByRecurrentNetwork(new()
            {
                Input = new SeriesInputOptions
                {
                    InputColumnName = "Amount", FutureCovariateColumnNames = ["Promotion", "Price"], PastCovariateColumnNames = ["Kind"], WindowSize = 8,
                    TimeColumnName = "Time",
                },
                Horizon = 3,
                Network = { HiddenSize = 24 },
                Stopping = { MaximumNumberOfEpochs = 2 },
                Seed = 1,
                Normalization = { TargetTransform = transform },
            }).Fit(data);
            foreach (var precision in s_reduced)
                foreach (var rows in new[] { null, data })
                {
                    var report = transformer.Model.ExportToOnnx(Stream.Null, new() { Precision = precision, EvaluationData = rows });
                    Assert.AreEqual(rows is null ? 256 : 250, report.Rows);
                    var error = report.Outputs[0];
                    NumberAssert.IsGreaterThan(0, error.MaximumAbsoluteError, report.ToString());
                    Assert.IsTrue(double.IsFinite(error.MeanAbsoluteValue), report.ToString());
                    NumberAssert.IsLessThan(0.15 * error.MeanAbsoluteValue, error.MeanAbsoluteError, report.ToString());
                }
        }
    }

    [TestMethod]
    public void Weights_that_do_not_fit_stay_as_they_are()
    {
        var description = TestModels.Describe(s_networks["lstm"], features: 6, time: 9);
        using var network = Network(description);
        network["lstm.weight_ih"].Value.Span[3] = 1e6f;
        using var stream = new MemoryStream();
        TestModels.Model(network).ExportToOnnx(stream, new() { Precision = OnnxPrecision.HalfWeights, MeasureError = false });
        var types = ModelProto.Parser.ParseFrom(stream.ToArray()).Graph.Initializer.ToDictionary(tensor => tensor.Name, tensor => tensor.DataType);
        Assert.AreEqual((int)TensorProto.Types.DataType.Float, types["lstm.weight_ih"]);
        Assert.AreEqual((int)TensorProto.Types.DataType.Float16, types["lstm.weight_hh.half"]);
    }

    [TestMethod]
    public void What_is_wrong_is_said()
    {
        var model = TestModels.Model(TestModels.Describe(s_networks["lstm"], features: 6, time: 9));
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentOutOfRangeException>(
            () => model.ExportToOnnx(Stream.Null, new() { Precision = (OnnxPrecision)9 })).Message, "Precision");
        var report = model.ExportToOnnx(Stream.Null);
        Assert.AreEqual(report.FileSize, report.SingleFileSize);
        Assert.IsEmpty(report.Outputs);
    }

    // Weights of the size that training leaves.
    private static Network Network(NetworkDescription description)
    {
        var network = TestModels.Network(description);
        foreach (var parameter in network.Parameters)
            if (parameter.Name.Contains("weight", StringComparison.Ordinal))
                foreach (ref var value in parameter.Value.Span) value *= 0.3f;
        return network;
    }

    private static RecurrentDescription Recurrent(string name, RecurrentCell cell = RecurrentCell.Lstm) => new(name, cell, 32);

    private sealed class Row
    {
        [VectorType(9, 6)]
        public float[] Features { get; set; } = [];
    }

    private sealed class Sales
    {
        public float Time { get; set; }

        public string Kind { get; set; } = "";

        public string Promotion { get; set; } = "";

        public float Price { get; set; }

        public float Amount { get; set; }
    }

    private sealed class Other
    {
        [VectorType(2)]
        public float[] Numbers { get; set; } = [];
    }
}
