using Microsoft.ML.Data;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.Recurrent.Data;
using Microsoft.ML.Recurrent.Networks;
using Microsoft.ML.Recurrent.Regression;
using Microsoft.ML.Recurrent.Scoring;

namespace Microsoft.ML.Recurrent.Benchmarks.Scoring;

/// <summary>The model, the rows, and the ways to score them. Every session has the same options.</summary>
internal sealed class ScoringSetting : IDisposable
{
    public const string BareName = "ONNX Runtime, RunWithBinding";
    private const int CursorRows = 16384;

    private readonly MLContext _ml = new(seed: 1);
    private readonly RecurrentModel _model;
    private readonly ScoringOptions _options;
    private readonly Row[] _rows;
    private readonly int _steps, _features;
    private readonly string _file = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName() + ".onnx");

    public ScoringSetting(int steps, int features, int threads)
    {
        (_steps, _features) = (steps, features);
        _options = new() { NumberOfThreads = threads };
        var description = new NetworkDescription { Features = features, Time = steps, Layers = [new RecurrentDescription("lstm_1", RecurrentCell.Lstm, 64), new PoolingDescription("pool_1", SequencePooling.Last)], Outputs = 1 };
        using var network = new Network(description, seed: 1);
        var manifest = new ModelManifest { Task = ModelTask.Regression, Inputs = [new("Features", InputKind.Sequence, steps, features)], Outputs = [new("Score", OutputKind.Single)] };
        _model = RecurrentModel.Create(network, new RegressionHead(default, new Moments(1)), manifest, new() { Epochs = [], BestEpoch = 0, End = TrainingEnd.Completed, Elapsed = TimeSpan.Zero });
        _model.ExportToOnnx(_file);
        var random = new Random(1);
        _rows = [.. Enumerable.Range(0, CursorRows).Select(_ => new Row { Features = [.. Enumerable.Range(0, steps * features).Select(_ => random.NextSingle() - 0.5f)] })];
    }

    public ScoringContender Bare(int batch)
    {
        var (session, run) = (Session(), new RunOptions());
        var binding = session.CreateIoBinding();
        var (input, output) = (Input(batch), OrtValue.CreateTensorValueFromMemory(new float[batch], [batch, 1]));
        binding.BindInput("Features", input);
        binding.BindOutput("Score", output);
        return new(BareName, batch, () => session.RunWithBinding(run, binding), binding, input, output, run, session);
    }

    public ScoringContender Scorer(int batch)
    {
        var scorer = new GraphScorer(_model, _options with { BatchSize = batch });
        var rows = scorer.CreateBatch();
        for (int row = 0; row < batch; row++) _rows[row].Features.CopyTo(rows.Values(rows.Add(_steps), 0));
        return new("our scorer", batch, () => scorer.Run(rows), rows, scorer);
    }

    public ScoringContender Direct(int batch)
    {
        var (session, run, input) = (Session(), new RunOptions(), Input(batch));
        string[] inputs = ["Features"], outputs = ["Score"];
        OrtValue[] values = [input];
        return new("ONNX Runtime, Run", batch, () =>
        {
            using var results = session.Run(run, inputs, values, outputs);
        }, input, run, session);
    }

    public ScoringContender Cursor(int batch)
    {
        var transformer = new RecurrentRegressionTransformer(_ml, _model) { Scoring = _options with { BatchSize = batch } };
        // Enough rows that opening the cursor does not count.
        int rows = Math.Min(CursorRows, 4096 * batch);
        var scored = transformer.Transform(_ml.Data.LoadFromEnumerable(_rows.Take(rows).ToArray(), Definition()));
        var column = scored.Schema["Score"];
        return new("our cursor", rows, () =>
        {
            using var cursor = scored.GetRowCursor([column]);
            var getter = cursor.GetGetter<float>(column);
            float score = 0;
            while (cursor.MoveNext()) getter(ref score);
        }, transformer);
    }

    public ScoringContender Engine()
    {
        var transformer = new RecurrentRegressionTransformer(_ml, _model) { Scoring = _options with { BatchSize = 1 } };
        var engine = _ml.Model.CreatePredictionEngine<Row, Answer>(transformer, inputSchemaDefinition: Definition());
        var answer = new Answer();
        return new("PredictionEngine", 1, () => engine.Predict(_rows[0], ref answer), engine, transformer);
    }

    public ScoringContender OnnxTransformer()
    {
        var data = _ml.Data.LoadFromEnumerable(_rows.Take(256), Definition());
        var scored = _ml.Transforms.ApplyOnnxModel("Score", "Features", _file).Fit(data).Transform(data);
        return new("ML.NET's OnnxTransformer", 256, () =>
        {
            using var cursor = scored.GetRowCursor([scored.Schema["Score"]]);
            var getter = cursor.GetGetter<VBuffer<float>>(scored.Schema["Score"]);
            VBuffer<float> score = default;
            while (cursor.MoveNext()) getter(ref score);
        });
    }

    public void Dispose() => File.Delete(_file);

    private SchemaDefinition Definition()
    {
        var definition = SchemaDefinition.Create(typeof(Row));
        definition["Features"].ColumnType = new VectorDataViewType(NumberDataViewType.Single, _steps, _features);
        return definition;
    }

    private OrtValue Input(int batch) => OrtValue.CreateTensorValueFromMemory(_rows.Take(batch).SelectMany(row => row.Features).ToArray(), [batch, _steps, _features]);

    private InferenceSession Session()
    {
        using var options = new SessionOptions { LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR, IntraOpNumThreads = _options.NumberOfThreads!.Value };
        options.AddSessionConfigEntry("session.intra_op.allow_spinning", "0");
        return new(_file, options);
    }

    internal sealed class Row
    {
        public float[] Features { get; set; } = [];
    }

    internal sealed class Answer
    {
        public float Score { get; set; }
    }
}
