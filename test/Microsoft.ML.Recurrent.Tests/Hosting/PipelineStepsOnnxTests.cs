using Microsoft.ML.Data;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.Recurrent.Tests.Onnx;
using Microsoft.ML.Recurrent.Tests.Scoring;
using Microsoft.ML.Transforms;

namespace Microsoft.ML.Recurrent.Tests.Hosting;

/// <summary>Trained pipelines of ML.NET's own steps and ours, from raw columns to answers, as one ONNX file.</summary>
[TestClass]
public sealed class PipelineStepsOnnxTests
{
    private const int Rows = 40, Steps = 6;

    private static readonly string[] s_words = ["red", "green", "blue", "loud", "quiet"];

    private readonly MLContext _context = new(1);

    [TestMethod]
    public void Words_become_keys_and_the_class_a_text_again()
    {
        var random = new Random(2);
        var data = _context.Data.LoadFromEnumerable(Enumerable.Range(0, Rows).Select(i => new Sentence
        {
            Words = [.. Enumerable.Range(0, Steps).Select(at => at == 0 ? s_words[i % 3] : s_words[3 + random.Next(2)])],
            Colour = s_words[i % 3],
        }).ToArray());
        var pipeline = _context.Transforms.Conversion.MapValueToKey("Words").Append(_context.Transforms.Conversion.MapValueToKey("Colour"))
            .Append(_context.MulticlassClassification.Trainers.RecurrentNetwork(new()
            {
                LabelColumnName = "Colour",
                FeatureColumnName = "Words",
                Network = { Cell = RecurrentCell.Gru, HiddenSize = 8 },
                Stopping = { MaximumNumberOfEpochs = 20 },
                Optimizer = { LearningRate = 0.05f },
                Seed = 1,
            }))
            .Append(_context.Transforms.Conversion.MapKeyToValue("Answer", "PredictedLabel"));
        var model = pipeline.Fit(data);
        var view = model.Transform(data);

        using var session = Convert(model, data);
        using var results = Run(session, data);
        TestModels.AssertClose([.. HostedModels.Column<float[]>(view, "Score").SelectMany(values => values)], Floats(results, session, "Score"), "Score");
        string[] expected = [.. HostedModels.Column<ReadOnlyMemory<char>>(view, "Answer").Select(text => text.ToString())];
        CollectionAssert.AreEqual(expected, Value(results, session, "Answer").GetStringTensorAsArray());
        NumberAssert.IsGreaterThan(Rows / 2, expected.Zip(HostedModels.Column<string>(data, "Colour"), (a, b) => a == b ? 1 : 0).Sum());
    }

    public static IEnumerable<object[]> Normalizers => new[] { "MinMax", "MeanVariance", "LpNorm" }.Select(name => new object[] { name });

    [TestMethod]
    [DynamicData(nameof(Normalizers))]
    public void Columns_with_gaps_are_filled_normalised_and_joined(string normalizer)
    {
        var random = new Random(3);
        float Number(int i) => i % 7 == 3 ? float.NaN : 1 + random.NextSingle();
        var data = _context.Data.LoadFromEnumerable(Enumerable.Range(0, Rows).Select(i => new Reading
        {
            Early = [Number(i), 1 + random.NextSingle(), 1.5f],
            Late = [random.NextSingle() + 1, Number(i + 1), 1.2f], Site = random.NextSingle(), Load = random.NextSingle()
        }).ToArray());
        IEstimator<ITransformer> scale = normalizer switch
        {
            "MinMax" => _context.Transforms.NormalizeMinMax("Steps"),
            "MeanVariance" => _context.Transforms.NormalizeMeanVariance("Steps"),
            _ => _context.Transforms.NormalizeLpNorm("Steps"),
        };
        var pipeline = _context.Transforms.ReplaceMissingValues("Early", replacementMode: MissingValueReplacingEstimator.ReplacementMode.Mean)
            .Append(_context.Transforms.ReplaceMissingValues("Late", replacementMode: MissingValueReplacingEstimator.ReplacementMode.DefaultValue))
            .Append(_context.Transforms.Concatenate("Steps", "Early", "Late")).Append(scale)
            .Append(_context.Regression.Trainers.RecurrentNetwork(new()
            {
                LabelColumnName = "Load",
                FeatureColumnName = "Steps",
                Features = { StaticColumnNames = ["Site"] },
                Network = { HiddenSize = 6 },
                Stopping = { MaximumNumberOfEpochs = 3 },
                Seed = 1,
            }))
            .Append(_context.Transforms.CopyColumns("Forecast", "Score"));
        var model = pipeline.Fit(data);
        using var session = Convert(model, data);
        using var results = Run(session, data);
        TestModels.AssertClose(HostedModels.Column<float>(model.Transform(data), "Forecast"), Floats(results, session, "Forecast"), normalizer);
    }

    [TestMethod]
    public void A_step_that_ml_net_cannot_write_is_told_by_the_column()
    {
        var random = new Random(3);
        var data = _context.Data.LoadFromEnumerable(Enumerable.Range(0, Rows)
            .Select(_ => new Reading { Early = [random.NextSingle(), random.NextSingle(), 1], Late = [0, 1, 2], Load = random.NextSingle() }).ToArray());
        var model = _context.Transforms.CustomMapping<Reading, Doubled>((reading, doubled) => doubled.Twice = [.. reading.Early.Select(value => 2 * value)],
            null)
            .Append(_context.Regression.Trainers.Lstm("Load", "Twice", hiddenSize: 4, maximumNumberOfEpochs: 1)).Fit(data);
        var error = Assert.Throws<NotSupportedException>(() => Convert(model, data));
        StringAssert.Contains(error.Message, "'Twice'");
    }

    private InferenceSession Convert(ITransformer model, IDataView data)
    {
        using var stream = new MemoryStream();
        _context.Model.ConvertToOnnx(model, data, stream);
        return new(stream.ToArray());
    }

    private static IDisposableReadOnlyCollection<OrtValue> Run(InferenceSession session, IDataView data)
    {
        using var options = new RunOptions();
        Dictionary<string, OrtValue> inputs = [];
        foreach (var (name, metadata) in session.InputMetadata)
        {
            long[] shape = [Rows, .. metadata.Dimensions.Skip(1).Select(size => (long)size)];
            inputs.Add(name, data.Schema[name].Type switch
            {
                VectorDataViewType { ItemType: TextDataViewType } =>
                    Texts([.. HostedModels.Column<ReadOnlyMemory<char>[]>(data, name).SelectMany(values => values).Select(text => text.ToString())], shape),
                TextDataViewType => Texts([.. HostedModels.Column<ReadOnlyMemory<char>>(data, name).Select(text => text.ToString())], shape),
                VectorDataViewType =>
                    OrtValue.CreateTensorValueFromMemory(HostedModels.Column<float[]>(data, name).SelectMany(values => values).ToArray(), shape),
                _ => OrtValue.CreateTensorValueFromMemory(HostedModels.Column<float>(data, name), shape),
            });
        }
        try
        {
            return session.Run(options, inputs, session.OutputNames);
        }
        finally
        {
            foreach (var input in inputs.Values) input.Dispose();
        }
    }

    private static OrtValue Texts(string[] texts, long[] shape)
    {
        var value = OrtValue.CreateTensorWithEmptyStrings(OrtAllocator.DefaultInstance, shape);
        for (var i = 0; i < texts.Length; i++) value.StringTensorSetElementAt(texts[i].AsSpan(), i);
        return value;
    }

    private static float[] Floats(IDisposableReadOnlyCollection<OrtValue> results, InferenceSession session, string column) =>
        Value(results, session, column).GetTensorDataAsSpan<float>().ToArray();

    private static OrtValue Value(IDisposableReadOnlyCollection<OrtValue> results, InferenceSession session, string column) =>
        results[session.OutputNames.ToList().IndexOf(column + ".output")];

    private sealed class Sentence
    {
        [VectorType(Steps)]
        public string[] Words { get; set; } = [];

        public string Colour { get; set; } = "";
    }

    private sealed class Reading
    {
        [VectorType(3)]
        public float[] Early { get; set; } = [];

        [VectorType(3)]
        public float[] Late { get; set; } = [];

        public float Site { get; set; }

        public float Load { get; set; }
    }

    private sealed class Doubled
    {
        [VectorType(3)]
        public float[] Twice { get; set; } = [];
    }
}
