using System.Globalization;
using Microsoft.ML.Data;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.Recurrent.Data;
using Microsoft.ML.Recurrent.Layers;
using Microsoft.ML.Recurrent.Model;
using Microsoft.ML.Recurrent.Networks;
using Microsoft.ML.Recurrent.Onnx;
using Microsoft.ML.Recurrent.Regression;
using Microsoft.ML.Recurrent.Scoring;

namespace Microsoft.ML.Recurrent.Benchmarks.Scoring;

/// <summary>
/// One curve of the soak, in a process of its own: it prints a line "count bytes" of resident memory now and then, without ever asking the garbage collector
/// for anything.
/// </summary>
internal static class SoakPart
{
    /// <summary>The curves: what is counted, ours and ONNX Runtime's alone.</summary>
    public static readonly string[] Names = ["sessions", "bare-sessions", "rows", "bare-rows"];

    private const int Longest = 50, Batch = 256, RowsOfASession = 16, Points = 100;

    /// <summary>Runs a curve to its end.</summary>
    public static int Run(string name, long count, string modelFile)
    {
        var model = File.ReadAllBytes(modelFile);
        Action<long, Action<long>> body = name switch
        {
            "sessions" => Sessions,
            "bare-sessions" => (n, report) => BareSessions(model, n, report),
            "rows" => Rows,
            "bare-rows" => (n, report) => BareRows(model, n, report),
            _ => throw new ArgumentOutOfRangeException(nameof(name), name, null),
        };
        RuntimeTelemetry.SwitchOff();
        long next = 0;
        body(count, done =>
        {
            if (done < next && done < count) return;
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{done} {Environment.WorkingSet}"));
            next = done + count / Points;
        });
        return 0;

        // The whole way of a program: a saved model is loaded, scores a few rows, its cursor is left early, it is disposed of.
        void Sessions(long n, Action<long> report)
        {
            var ml = new MLContext(1);
            var data = Data(ml, RowsOfASession);
            for (long i = 0; i < n; i++)
            {
                report(i);
                using var transformer = new RecurrentRegressionTransformer(ml, RecurrentModel.Load(model)) { Scoring = new() { NumberOfThreads = 1 } };
                var scored = transformer.Transform(data);
                using var cursor = scored.GetRowCursor([scored.Schema["Score"]]);
                var score = cursor.GetGetter<float>(scored.Schema["Score"]);
                float value = 0;
                for (var row = 0; row < RowsOfASession / 2 && cursor.MoveNext(); row++) score(ref value);
            }
            report(n);
        }

        void Rows(long n, Action<long> report)
        {
            var ml = new MLContext(1);
            using var transformer = new RecurrentRegressionTransformer(ml,
                RecurrentModel.Load(model))
            { Scoring = new() { NumberOfThreads = 1, BatchSize = Batch } };
            var scored = transformer.Transform(Data(ml, n));
            using var cursor = scored.GetRowCursor([scored.Schema["Score"]]);
            var score = cursor.GetGetter<float>(scored.Schema["Score"]);
            float value = 0;
            for (long row = 0; cursor.MoveNext(); row++)
            {
                if (row % Batch == 0) report(row);
                score(ref value);
            }
            report(n);
        }
    }

    /// <summary>The model of the soak: an LSTM of 32 on sequences of varying length.</summary>
    public static void WriteModel(string path)
    {
        var description = new NetworkDescription
        {
            Features = 1,
            Layers = [new RecurrentDescription("lstm_1", RecurrentCell.Lstm, 32), new PoolingDescription("pool_1", SequencePooling.Last)], Outputs = 1
        };
        using var network = new Network(description, seed: 1);
        var manifest = new ModelManifest
        {
            Task = ModelTask.Regression, Inputs = [new("Features", InputKind.Sequence, null, 1)],
            Outputs = [new("Score", OutputKind.Single)]
        };
        NetworkExporter.ToModel(network, new RegressionHead(default, new Moments(1)), manifest,
            new() { Epochs = [], BestEpoch = 0, End = TrainingEnd.Completed, Elapsed = TimeSpan.Zero }).ExportToOnnx(path);
    }

    private static void BareSessions(byte[] model, long count, Action<long> report)
    {
        using var inputs = new Inputs(RowsOfASession);
        for (long i = 0; i < count; i++)
        {
            report(i);
            using var session = Open(model);
            using var run = new RunOptions();
            using var binding = inputs.Bind(session, Longest);
            session.RunWithBinding(run, binding);
        }
        report(count);
    }

    private static void BareRows(byte[] model, long count, Action<long> report)
    {
        using var inputs = new Inputs(Batch);
        using var session = Open(model);
        using var run = new RunOptions();
        OrtIoBinding[] bindings = [.. Enumerable.Range(1, Longest).Select(time => inputs.Bind(session, time))];
        for (long row = 0; row < count; row += Batch)
        {
            report(row);
            session.RunWithBinding(run, bindings[row / Batch % Longest]);
        }
        report(count);
        foreach (var binding in bindings) binding.Dispose();
    }

    private static InferenceSession Open(byte[] model)
    {
        using var options = new SessionOptions
        {
            LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR, IntraOpNumThreads = 1,
            EnableMemoryPattern = false
        };
        options.AddSessionConfigEntry("session.intra_op.allow_spinning", "0");
        return new(model, options);
    }

    // One array over and over, so that the source makes no garbage of its own.
    private static IDataView Data(MLContext ml, long count)
    {
        var random = new Random(1);
        Row[] rows = [.. Enumerable.Range(0, 1000)
            .Select(_ => new Row { Features = [.. Enumerable.Range(0, random.Next(1, Longest + 1)).Select(_ => random.NextSingle() - 0.5f)] })];
        var definition = SchemaDefinition.Create(typeof(Row));
        definition["Features"].ColumnType = new VectorDataViewType(NumberDataViewType.Single, 0, 1);
        return ml.Data.LoadFromEnumerable(Stream(), definition);

        IEnumerable<Row> Stream()
        {
            for (long i = 0; i < count; i++) yield return rows[i % rows.Length];
        }
    }

    private sealed class Row
    {
        public float[] Features { get; set; } = [];
    }

    /// <summary>What a run of ONNX Runtime alone reads and writes: tensors of each number of steps, made once.</summary>
    private sealed class Inputs(int rows) : IDisposable
    {
        private readonly Dictionary<int, (OrtValue Features, OrtValue Lengths, OrtValue Scores)> _values = [];
        private readonly float[] _features = GC.AllocateArray<float>(rows * Longest, pinned: true), _scores = GC.AllocateArray<float>(rows, pinned: true);

        public OrtIoBinding Bind(InferenceSession session, int time)
        {
            if (!_values.TryGetValue(time, out var values)) _values.Add(time, values = Create(time));
            var binding = session.CreateIoBinding();
            binding.BindInput("Features", values.Features);
            binding.BindInput(ModelManifest.LengthInput, values.Lengths);
            binding.BindOutput("Score", values.Scores);
            return binding;
        }

        public void Dispose()
        {
            foreach (var (features, lengths, scores) in _values.Values)
            {
                features.Dispose();
                lengths.Dispose();
                scores.Dispose();
            }
        }

        private (OrtValue, OrtValue, OrtValue) Create(int time)
        {
            var lengths = new long[rows];
            lengths.AsSpan().Fill(time);
            return (OrtValue.CreateTensorValueFromMemory(OrtMemoryInfo.DefaultInstance, _features.AsMemory(0, rows * time), [rows, time, 1]),
                OrtValue.CreateTensorValueFromMemory(lengths, [rows]), OrtValue.CreateTensorValueFromMemory(_scores, [rows, 1]));
        }
    }
}
