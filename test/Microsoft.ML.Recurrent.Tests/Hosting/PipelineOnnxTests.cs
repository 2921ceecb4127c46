using Microsoft.ML.Data;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.Recurrent.Layers;
using Microsoft.ML.Recurrent.Model;
using Microsoft.ML.Recurrent.Networks;
using Microsoft.ML.Recurrent.Tests.Onnx;
using Microsoft.ML.Recurrent.Tests.Scoring;

namespace Microsoft.ML.Recurrent.Tests.Hosting;

/// <summary>ML.NET's ConvertToOnnx of whole pipelines around our models: the one file answers as the pipeline does.</summary>
[TestClass]
public sealed class PipelineOnnxTests
{
    private const int Rows = 9;

    private readonly MLContext _context = new(1);

    [TestMethod]
    public void A_regression_among_other_steps()
    {
        // ML.NET's own nodes know one dimension beside the rows.
        var definition = SchemaDefinition.Create(typeof(SequenceRow));
        definition[nameof(SequenceRow.Features)].ColumnType = new VectorDataViewType(NumberDataViewType.Single, HostedModels.Steps * HostedModels.Features);
        var data = _context.Data.LoadFromEnumerable(HostedModels.Rows(Rows).Select(row => new SequenceRow { Features = row.Features }).ToArray(), definition);
        var description = TestModels.Describe([new RecurrentDescription("lstm", RecurrentCell.Lstm, 6), new PoolingDescription("pool", SequencePooling.Last)],
            features: 1, time: HostedModels.Steps * HostedModels.Features, outputs: 1);
        using var transformer = new RecurrentRegressionTransformer(_context, TestModels.Model(description, seed: 71));
        var before = _context.Transforms.NormalizeMinMax("Features").Fit(data);
        var scored = transformer.Transform(before.Transform(data));
        var after = _context.Transforms.Concatenate("Both", "Score", "Score").Append(_context.Transforms.NormalizeMeanVariance("Both")).Fit(scored);
        var chain = new TransformerChain<ITransformer>(before, transformer, after);

        using var session = Convert(chain, data);
        using var results = Run(session, data);
        var view = chain.Transform(data);
        AssertClose(HostedModels.Column<float>(view, "Score"), Output(results, session, "Score"));
        AssertClose([.. HostedModels.Column<float[]>(view, "Both").SelectMany(values => values)], Output(results, session, "Both"));
    }

    [TestMethod]
    public void A_binary_classifier()
    {
        var data = Sequences();
        using var transformer = HostedModels.Binary(_context, seed: 72);
        using var session = Convert(transformer, data);
        using var results = Run(session, data);
        var view = transformer.Transform(data);
        AssertClose(HostedModels.Column<float>(view, "Score"), Output(results, session, "Score"));
        AssertClose(HostedModels.Column<float>(view, "Probability"), Output(results, session, "Probability"));
        CollectionAssert.AreEqual(HostedModels.Column<bool>(view, "PredictedLabel"),
            Value(results, session, "PredictedLabel").GetTensorDataAsSpan<bool>().ToArray());
    }

    [TestMethod]
    public void A_classifier_whose_keys_become_texts()
    {
        var data = Sequences();
        using var transformer = HostedModels.Multiclass(_context, new(LabelKind.Text, ["low", "middle", "high"]), seed: 73);
        var chain = new TransformerChain<ITransformer>(transformer,
            _context.Transforms.Conversion.MapKeyToValue("Class", "PredictedLabel").Fit(transformer.Transform(data)));
        using var session = Convert(chain, data);
        using var results = Run(session, data);
        var view = chain.Transform(data);
        AssertClose([.. HostedModels.Column<float[]>(view, "Score").SelectMany(values => values)], Output(results, session, "Score"));
        CollectionAssert.AreEqual(HostedModels.Column<uint>(view, "PredictedLabel"),
            Value(results, session, "PredictedLabel").GetTensorDataAsSpan<uint>().ToArray());
        CollectionAssert.AreEqual(HostedModels.Column<ReadOnlyMemory<char>>(view, "Class").Select(text => text.ToString()).ToArray(),
            Value(results, session, "Class").GetStringTensorAsArray());
    }

    [TestMethod]
    public void Tokens_and_statics()
    {
        var description = TestModels.Describe([new EmbeddingDescription("embedding", 4),
            new RecurrentDescription("gru", RecurrentCell.Gru, 5) { Bidirectional = true }, new PoolingDescription("pool", SequencePooling.Mean)],
            time: HostedModels.Steps, vocabulary: 10, statics: 2, outputs: 1);
        using var transformer = new RecurrentRegressionTransformer(_context, TestModels.Model(description, seed: 74));
        var random = new Random(3);
        var data = _context.Data.LoadFromEnumerable(Enumerable.Range(0, Rows).Select(_ => new TokenRow
        {
            Tokens = [.. Enumerable.Range(0, HostedModels.Steps).Select(_ => (uint)random.Next(0, 10))],
            Statics = [random.NextSingle(), random.NextSingle()],
        }).ToArray());
        using var session = Convert(transformer, data);
        using var results = Run(session, data);
        AssertClose(HostedModels.Column<float>(transformer.Transform(data), "Score"), Output(results, session, "Score"));
    }

    [TestMethod]
    public void Cells_that_are_loops()
    {
        var description = TestModels.Describe(
            [
                new RecurrentDescription("normalised", RecurrentCell.Lstm, 5) { LayerNormalization = true, Bidirectional = true },
                new RecurrentDescription("zone", RecurrentCell.Gru, 4) { ZoneoutHidden = 0.25f },
                new PoolingDescription("pool", SequencePooling.Last),
            ],
            features: HostedModels.Features, time: HostedModels.Steps, outputs: 1);
        var data = Sequences();
        using var network = TestModels.Network(description, seed: 76);
        ModelManifest manifest = new()
        {
            Task = ModelTask.Regression, Inputs = [new("Features", InputKind.Sequence, HostedModels.Steps, HostedModels.Features)],
            Outputs = [new("Score", OutputKind.Single, 1)]
        };
        using var transformer = new RecurrentRegressionTransformer(_context, TestModels.Model(network, manifest));
        using var session = Convert(transformer, data);
        using var results = Run(session, data);
        AssertClose(HostedModels.Column<float>(transformer.Transform(data), "Score"), Output(results, session, "Score"));
    }

    [TestMethod]
    public void Varying_lengths_are_refused_by_name()
    {
        using var transformer = HostedModels.Regression(_context, varying: true, seed: 75);
        var data = HostedModels.Data(_context, 5, varying: true);
        var error = Assert.ThrowsExactly<NotSupportedException>(() => Convert(transformer, data));
        StringAssert.Contains(error.Message, "'Features'");
        StringAssert.Contains(error.Message, "ExportToOnnx");
    }

    [TestMethod]
    public void Rows_that_look_back_are_refused_by_name()
    {
        var data = _context.Data.LoadFromEnumerable(Enumerable.Range(0, 60).Select(i => new SeriesRow { Load = MathF.Sin(i * 0.3f) }).ToArray());
        using var transformer = _context.Forecasting.ForecastByLstm("Forecast", "Load", windowSize: 4, horizon: 2, hiddenSize: 4, maximumNumberOfEpochs: 1)
            .Fit(data);
        var error = Assert.ThrowsExactly<NotSupportedException>(() => Convert(transformer, data));
        StringAssert.Contains(error.Message, "'Forecast'");
        StringAssert.Contains(error.Message, "ExportToOnnx");
    }

    private IDataView Sequences()
    {
        var definition = SchemaDefinition.Create(typeof(SequenceRow));
        definition[nameof(SequenceRow.Features)].ColumnType = new VectorDataViewType(NumberDataViewType.Single, HostedModels.Steps, HostedModels.Features);
        return _context.Data.LoadFromEnumerable(HostedModels.Rows(Rows).Select(row => new SequenceRow { Features = row.Features }).ToArray(), definition);
    }

    private InferenceSession Convert(ITransformer transformer, IDataView data)
    {
        using var stream = new MemoryStream();
        _context.Model.ConvertToOnnx(transformer, data, stream);
        return new(stream.ToArray());
    }

    private static IDisposableReadOnlyCollection<OrtValue> Run(InferenceSession session, IDataView data)
    {
        using var options = new RunOptions();
        Dictionary<string, OrtValue> inputs = [];
        foreach (var (name, metadata) in session.InputMetadata)
        {
            long[] shape = [Rows, .. metadata.Dimensions.Skip(1).Select(size => (long)size)];
            var column = data.Schema[name];
            inputs.Add(name, ((VectorDataViewType)column.Type).ItemType is KeyDataViewType
                ? OrtValue.CreateTensorValueFromMemory(HostedModels.Column<uint[]>(data, name).SelectMany(values => values).ToArray(), shape)
                : OrtValue.CreateTensorValueFromMemory(HostedModels.Column<float[]>(data, name).SelectMany(values => values).ToArray(), shape));
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

    private static float[] Output(IDisposableReadOnlyCollection<OrtValue> results, InferenceSession session, string column) =>
        Value(results, session, column).GetTensorDataAsSpan<float>().ToArray();

    private static OrtValue Value(IDisposableReadOnlyCollection<OrtValue> results, InferenceSession session, string column) =>
        results[session.OutputNames.ToList().IndexOf(column + ".output")];

    private static void AssertClose(float[] expected, float[] actual) => TestModels.AssertClose(expected, actual, "pipeline");

    private sealed class SequenceRow
    {
        public float[] Features = [];
    }

    private sealed class SeriesRow
    {
        public float Load;
    }

    private sealed class TokenRow
    {
        [VectorType(HostedModels.Steps), KeyType(9)]
        public uint[] Tokens = [];

        [VectorType(2)]
        public float[] Statics = [];
    }
}
