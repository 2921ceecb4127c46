using Microsoft.ML.Data;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.Recurrent.Classification;
using Microsoft.ML.Recurrent.Data;
using Microsoft.ML.Recurrent.Layers;
using Microsoft.ML.Recurrent.Model;
using Microsoft.ML.Recurrent.Networks;
using Microsoft.ML.Recurrent.Onnx;
using Microsoft.ML.Recurrent.Regression;
using Microsoft.ML.Recurrent.Scoring;

namespace Microsoft.ML.Recurrent.Benchmarks.Scoring;

/// <summary>A model, rows, and the ways to score them. Every session has the same options.</summary>
internal sealed class ScoringCase : IDisposable
{
    public const string BareName = "ONNX Runtime, RunWithBinding";

    /// <summary>Steps of a row, or of the longest one.</summary>
    public const int Steps = 50;

    private const int Hidden = 64, Rows = 4096;

    private readonly MLContext _ml = new(seed: 1);
    private readonly string[] _columns, _active;
    private readonly bool _varying;
    private readonly RecurrentModel _model;
    private readonly ScoringOptions _options;
    private readonly ScoringRow[] _rows;
    private readonly string _file = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName() + ".onnx");

    /// <param name="name">What the table calls it.</param>
    /// <param name="columns">The model's input columns, of those of <see cref="ScoringRow"/>.</param>
    /// <param name="active">Columns of the rows that are read beside the answers.</param>
    /// <param name="classes">Classes that the model tells apart; 0 for a regression.</param>
    /// <param name="varying">Whether rows have 1 to <see cref="Steps"/> steps.</param>
    /// <param name="threads">Threads inside a run.</param>
    public ScoringCase(string name, string[] columns, string[] active, int classes, bool varying, int threads)
    {
        (Name, _columns, _active, _varying) = (name, columns, active, varying);
        _options = new() { NumberOfThreads = threads };
        InputColumn[] inputs = [.. columns.Select(column => new InputColumn(column, column == "Statics" ? InputKind.Static : InputKind.Sequence,
            column == "Statics" || varying ? null : Steps, ScoringRow.SizeOf(column)))];
        var description = new NetworkDescription
        {
            Features = inputs.Where(input => input.IsSequence).Sum(input => input.Features),
            Statics = inputs.Where(input => !input.IsSequence).Sum(input => input.Features), Time = varying ? null : Steps,
            Layers = [new RecurrentDescription("lstm_1", RecurrentCell.Lstm, Hidden), new PoolingDescription("pool_1", SequencePooling.Last)],
            Outputs = Math.Max(1, classes),
        };
        using var network = new Network(description, seed: 1);
        var manifest = new ModelManifest
        {
            Task = classes > 0 ? ModelTask.Multiclass : ModelTask.Regression, Inputs = [.. inputs],
            Outputs = classes > 0 ? [new("PredictedLabel", OutputKind.Key), new("Score", OutputKind.Single, classes)] : [new("Score", OutputKind.Single)],
        };
        _model = NetworkExporter.ToModel(network, classes > 0 ? new MulticlassHead(classes) : new RegressionHead(default, new Moments(1)), manifest,
            new() { Epochs = [], BestEpoch = 0, End = TrainingEnd.Completed, Elapsed = TimeSpan.Zero });
        _model.ExportToOnnx(_file);
        var random = new Random(1);
        _rows = [.. Enumerable.Range(0, Rows).Select(i => ScoringRow.Random(random, i, varying ? random.Next(1, Steps + 1) : Steps))];
    }

    public string Name { get; }

    /// <summary>
    /// ONNX Runtime called directly, on tensors that lie ready. Of varying lengths, on runs of rows of like length, as the scorer makes them.
    /// </summary>
    public ScoringContender Bare(int batch)
    {
        var (session, run) = (Session(), new RunOptions());
        List<IDisposable> owned = [];
        List<OrtIoBinding> bindings = [];
        var rows = Batch(batch).OrderBy(row => row.Time).ToArray();
        foreach (var chunk in rows.Chunk(batch))
        {
            var binding = session.CreateIoBinding();
            var time = chunk.Max(row => row.Time);
            foreach (var input in _model.Manifest.Inputs)
            {
                var size = input.IsSequence ? time * input.Features : input.Features;
                var values = new float[chunk.Length * size];
                for (var i = 0; i < chunk.Length; i++) chunk[i].Values(input.Name).CopyTo(values, i * size);
                Bind(OrtValue.CreateTensorValueFromMemory(values, input.IsSequence ? [chunk.Length, time, input.Features] : [chunk.Length, input.Features]),
                    value => binding.BindInput(input.Name, value));
            }
            if (_varying)
                Bind(OrtValue.CreateTensorValueFromMemory(chunk.Select(row => (long)row.Time).ToArray(), [chunk.Length]),
                    value => binding.BindInput(ModelManifest.LengthInput, value));
            foreach (var output in _model.Manifest.Outputs)
                Bind(output.Kind is OutputKind.Key
                    ? OrtValue.CreateTensorValueFromMemory(new long[chunk.Length], [chunk.Length, 1])
                    : OrtValue.CreateTensorValueFromMemory(new float[chunk.Length * output.Size], [chunk.Length, output.Size]),
                    value => binding.BindOutput(output.Name, value));
            bindings.Add(binding);
        }
        return new(BareName, rows.Length, () =>
        {
            foreach (var binding in bindings) session.RunWithBinding(run, binding);
        }, [.. bindings, .. owned, run, session]);

        void Bind(OrtValue value, Action<OrtValue> bind)
        {
            owned.Add(value);
            bind(value);
        }
    }

    public ScoringContender Scorer(int batch)
    {
        var scorer = new GraphScorer(_model, _options with { BatchSize = batch });
        var rows = scorer.CreateBatch();
        foreach (var row in Batch(batch))
        {
            var example = rows.Add(row.Time);
            for (var i = 0; i < _columns.Length; i++) row.Values(_columns[i]).CopyTo(rows.Values(example, i));
        }
        return new("our scorer", rows.Rows, () => scorer.Run(rows), rows, scorer);
    }

    /// <summary>ONNX Runtime's plain call, which makes its outputs anew each time.</summary>
    public ScoringContender Direct(int batch)
    {
        var (session, run) = (Session(), new RunOptions());
        var input = OrtValue.CreateTensorValueFromMemory(_rows.Take(batch).SelectMany(row => row.Features).ToArray(), [batch, Steps, 1]);
        string[] inputs = ["Features"], outputs = ["Score"];
        OrtValue[] values = [input];
        return new("ONNX Runtime, Run", batch, () =>
        {
            using var results = session.Run(run, inputs, values, outputs);
        }, input, run, session);
    }

    /// <summary>The cursor over the scored data, moved by as many rows as a run of it scores; the source begins again and again.</summary>
    public ScoringContender Cursor(int batch) => Cursor("our cursor", batch, ScoringBackend.OnnxRuntime);

    /// <summary>The same by the library's own kernels.</summary>
    public ScoringContender ManagedCursor(int batch) => Cursor("our cursor, own kernels", batch, ScoringBackend.Managed);

    private ScoringContender Cursor(string name, int batch, ScoringBackend backend)
    {
        RecurrentTransformer transformer = _model.Manifest.Task is ModelTask.Multiclass
            ? new RecurrentMulticlassTransformer(_ml, _model)
            : new RecurrentRegressionTransformer(_ml, _model);
        transformer.Scoring = _options with { BatchSize = batch, Backend = backend };
        var scored = transformer.Transform(_ml.Data.LoadFromEnumerable(Endless(batch), ScoringRow.Definition(_varying)));
        string[] answers = [.. _model.Manifest.Outputs.Select(output => output.Name)];
        DataViewSchema.Column[] columns = [.. answers.Concat(_active).Select(column => scored.Schema[column])];
        var cursor = scored.GetRowCursor(columns);
        Action[] readers = [.. columns.Select(column => Reader(cursor, column))];
        var rows = Batch(batch).Length;
        return new(name, rows, () =>
        {
            for (var row = 0; row < rows; row++)
            {
                if (!cursor.MoveNext()) throw new InvalidOperationException("The rows have ended.");
                foreach (var read in readers) read();
            }
        }, cursor, transformer);
    }

    public ScoringContender Engine()
    {
        var transformer = new RecurrentRegressionTransformer(_ml, _model) { Scoring = _options with { BatchSize = 1 } };
        var engine = _ml.Model.CreatePredictionEngine<ScoringRow, Answer>(transformer, inputSchemaDefinition: ScoringRow.Definition(_varying));
        var answer = new Answer();
        return new("our PredictionEngine", 1, () => engine.Predict(_rows[0], ref answer), engine, transformer);
    }

    /// <summary>
    /// ML.NET's own, which scores row by row on threads of its own: a call is a whole pass, so that nothing is read ahead outside of the time that is measured.
    /// </summary>
    public ScoringContender OnnxTransformer()
    {
        const int rows = 512;
        var data = _ml.Data.LoadFromEnumerable(Endless(1).Take(rows), ScoringRow.Definition(_varying));
        var scored = _ml.Transforms.ApplyOnnxModel("Score", "Features", _file).Fit(_ml.Data.TakeRows(data, 1)).Transform(data);
        return new("ML.NET's OnnxTransformer", rows, () =>
        {
            using var cursor = scored.GetRowCursor([scored.Schema["Score"]]);
            var read = Reader(cursor, scored.Schema["Score"]);
            while (cursor.MoveNext()) read();
        });
    }

    public void Dispose() => File.Delete(_file);

    private ScoringRow[] Batch(int batch) => _rows[..(_varying ? 4 * batch : batch)];

    // The rows that the others score, again and again, so that the work is the same.
    private IEnumerable<ScoringRow> Endless(int batch)
    {
        var rows = Batch(batch);
        for (var i = 0; ; i = (i + 1) % rows.Length) yield return rows[i];
    }

    private static Action Reader(DataViewRow row, DataViewSchema.Column column)
    {
        return column.Type switch
        {
            VectorDataViewType => Of<VBuffer<float>>(),
            TextDataViewType => Of<ReadOnlyMemory<char>>(),
            KeyDataViewType => Of<uint>(),
            _ when column.Type.RawType == typeof(double) => Of<double>(),
            _ when column.Type.RawType == typeof(int) => Of<int>(),
            _ => Of<float>(),
        };

        Action Of<T>()
        {
            var getter = row.GetGetter<T>(column);
            T value = default!;
            return () => getter(ref value);
        }
    }

    private InferenceSession Session()
    {
        using var options = new SessionOptions
        {
            LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR,
            IntraOpNumThreads = _options.NumberOfThreads!.Value, EnableMemoryPattern = !_varying
        };
        options.AddSessionConfigEntry("session.intra_op.allow_spinning", "0");
        return new(_file, options);
    }

    private sealed class Answer
    {
        public float Score { get; set; }
    }
}
