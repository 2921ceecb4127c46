using Microsoft.ML.Data;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.Recurrent.Model;
using Microsoft.ML.Recurrent.Onnx;
using Microsoft.ML.Recurrent.Onnx.Format;
using Microsoft.ML.Recurrent.Tests.Fixtures;

namespace Microsoft.ML.Recurrent.Tests.Onnx;

/// <summary>
/// A trained model of every trainer, exported for every opset and precision: the file loads as it is, and answers as that of the default opset does; so it does
/// in ML.NET's own ApplyOnnxModel, row by row.
/// </summary>
[TestClass]
public sealed class TrainerOpsetTests
{
    private const int Steps = 6;

    private static readonly int[] s_opsets = [11, 13, 17, 21, 22, 23, 24, 25, 26];

    private static readonly MLContext Context = new(1);

    public static IEnumerable<object[]> Names => FixtureCases.All.Select(model => new object[] { model.Name });

    [TestMethod]
    [DynamicData(nameof(Names))]
    public void Files_answer_alike(string name)
    {
        var model = Load(name);
        foreach (var precision in Enum.GetValues<OnnxPrecision>())
        {
            Dictionary<string, float[]>? expected = null;
            foreach (var opset in precision is OnnxPrecision.Single ? s_opsets : [17, 11, 22, 26])
            {
                using var stream = new MemoryStream();
                model.ExportToOnnx(stream, new() { Opset = opset, Precision = precision, MeasureError = false });
                var proto = ModelProto.Parser.ParseFrom(stream.ToArray());
                using var session = new InferenceSession(stream.ToArray());
                var inputs = Inputs(proto, model.Manifest, rows: 3);
                var values = inputs.ToDictionary(input => input.Name, Value);
                using var options = new RunOptions();
                using var results = session.Run(options, values, session.OutputNames);
                var answers = session.OutputNames.Zip(results).Where(pair => pair.Second.GetTensorTypeAndShape().ElementDataType
                    is Microsoft.ML.OnnxRuntime.Tensors.TensorElementType.Float)
                    .ToDictionary(pair => pair.First, pair => pair.Second.GetTensorDataAsSpan<float>().ToArray());
                foreach (var value in values.Values) value.Dispose();
                expected ??= answers;
                foreach (var (output, numbers) in answers) AssertClose(expected[output], numbers, $"{name}, opset {opset}, {precision}, {output}");
            }
        }
    }

    [TestMethod]
    [DynamicData(nameof(Names))]
    public void ApplyOnnxModel_scores_them_too(string name)
    {
        var model = Load(name);
        var path = Path.Combine(Directory.CreateTempSubdirectory().FullName, "model.onnx");
        try
        {
            // ML.NET's own estimator reads no file with 16-bit weights ("Unsupported ONNX scalar type: Float16").
            foreach (var (opset, precision) in from precision in Enum.GetValues<OnnxPrecision>().Except([OnnxPrecision.Half, OnnxPrecision.HalfWeights])
                                               from opset in precision is OnnxPrecision.Single ? s_opsets : [17, 26]
                                               select (opset, precision))
            {
                model.ExportToOnnx(path, new() { Opset = opset, Precision = precision, MeasureError = false });
                var inputs = Inputs(ModelProto.Parser.ParseFrom(File.ReadAllBytes(path)), model.Manifest, rows: 1);
                using var session = new InferenceSession(path);
                var values = inputs.ToDictionary(input => input.Name, Value);
                string[] outputs = [.. session.OutputMetadata.Where(output => output.Value.ElementType == typeof(float)).Select(output => output.Key)];
                using var options = new RunOptions();
                using var expected = session.Run(options, values, outputs);

                var data = Context.Data.LoadFromEnumerable([Tensors.Of(inputs)], Tensors.Definition(inputs));
                var scored = Context.Transforms.ApplyOnnxModel(outputs, [.. inputs.Select(input => input.Name)], path,
                    inputs.ToDictionary(input => input.Name, input => Array.ConvertAll(input.Shape, size => (int)size)), gpuDeviceId: null,
                    fallbackToCpu: false).Fit(data).Transform(data);
                for (var i = 0; i < outputs.Length; i++)
                    AssertClose(expected[i].GetTensorDataAsSpan<float>().ToArray(), Numbers(scored, outputs[i]),
                        $"{name}, opset {opset}, {precision}, {outputs[i]}");
                foreach (var value in values.Values) value.Dispose();
            }
        }
        finally
        {
            Directory.Delete(Path.GetDirectoryName(path)!, recursive: true);
        }
    }

    private static RecurrentModel Load(string name) => FixtureWriter.Recurrent(Context.Model.Load(
        Path.Combine(SharedFolder.Repository, "test", "Microsoft.ML.Recurrent.Tests", "Fixtures", "v1", name, "model.zip"), out _)).Model;

    private static float[] Numbers(IDataView data, string column)
    {
        using var cursor = data.GetRowCursor([data.Schema[column]]);
        Assert.IsTrue(cursor.MoveNext());
        if (data.Schema[column].Type is not VectorDataViewType)
        {
            var number = 0f;
            cursor.GetGetter<float>(data.Schema[column])(ref number);
            return [number];
        }
        VBuffer<float> vector = default;
        cursor.GetGetter<VBuffer<float>>(data.Schema[column])(ref vector);
        return [.. vector.DenseValues()];
    }

    // NaN for rows without an answer.
    private static void AssertClose(float[] expected, float[] actual, string what)
    {
        Assert.HasCount(expected.Length, actual, what);
        for (var i = 0; i < expected.Length; i++)
            if (!(Math.Abs(expected[i] - actual[i]) <= 2e-5f * Math.Max(1, Math.Abs(expected[i])) || float.IsNaN(expected[i]) && float.IsNaN(actual[i])))
                Assert.Fail($"{what}: number {i} is {actual[i]}, expected {expected[i]}.");
    }

    private sealed record Input(string Name, long[] Shape, Array Numbers)
    {
        public bool IsSingle => Numbers is float[];
    }

    private static OrtValue Value(Input input) => input.Numbers is float[] floats
        ? OrtValue.CreateTensorValueFromMemory(floats, input.Shape)
        : OrtValue.CreateTensorValueFromMemory((long[])input.Numbers, input.Shape);

    // Random numbers, tokens and categories that the model knows, and lengths of one step and more.
    private static List<Input> Inputs(ModelProto model, ModelManifest manifest, int rows)
    {
        var random = new Random(6);
        List<Input> inputs = [];
        foreach (var input in model.Graph.Input)
        {
            long[] shape = [.. input.Type.TensorType.Shape.Dim.Select((dimension, axis) => dimension.DimValue > 0 ? dimension.DimValue
                : dimension.DimParam == NetworkExporter.TimeAxis ? Steps : rows)];
            var count = (int)shape.Aggregate(1L, (product, size) => product * size);
            var vocabulary = manifest.Inputs.FirstOrDefault(column => column.Name == input.Name)?.Vocabulary ?? 0;
            inputs.Add(new(input.Name, shape, (OnnxType)input.Type.TensorType.ElemType is OnnxType.Single
                ? Enumerable.Range(0, count).Select(_ => 2 * random.NextSingle() - 1).ToArray()
                : Enumerable.Range(0, count).Select(i => input.Name == ModelManifest.LengthInput ? 1L + i * 2 : random.Next(1, Math.Max(2, vocabulary)))
                    .ToArray()));
        }
        return inputs;
    }

    /// <summary>A row of tensors, whose columns are named after the inputs of a graph.</summary>
    private sealed class Tensors
    {
        public float[] Float0 { get; set; } = [];

        public float[] Float1 { get; set; } = [];

        public float[] Float2 { get; set; } = [];

        public float[] Float3 { get; set; } = [];

        public float[] Float4 { get; set; } = [];

        public float[] Float5 { get; set; } = [];

        public float[] Float6 { get; set; } = [];

        public long[] Long0 { get; set; } = [];

        public long[] Long1 { get; set; } = [];

        public long[] Long2 { get; set; } = [];

        public long[] Long3 { get; set; } = [];

        public static Tensors Of(List<Input> inputs)
        {
            var row = new Tensors();
            foreach (var (input, member) in Members(inputs)) typeof(Tensors).GetProperty(member)!.SetValue(row, input.Numbers);
            return row;
        }

        public static SchemaDefinition Definition(List<Input> inputs)
        {
            var definition = SchemaDefinition.Create(typeof(Tensors));
            var used = Members(inputs).ToDictionary(pair => pair.Member, pair => pair.Input);
            foreach (var column in definition.ToArray())
            {
                if (!used.TryGetValue(column.MemberName, out var input))
                {
                    definition.Remove(column);
                    continue;
                }
                column.ColumnName = input.Name;
                column.ColumnType = new VectorDataViewType(input.IsSingle ? NumberDataViewType.Single : NumberDataViewType.Int64,
                    Array.ConvertAll(input.Shape, size => (int)size));
            }
            return definition;
        }

        private static IEnumerable<(Input Input, string Member)> Members(List<Input> inputs) =>
            inputs.GroupBy(input => input.IsSingle ? "Float" : "Long").SelectMany(kind => kind.Select((input, i) => (input, $"{kind.Key}{i}")));
    }
}
