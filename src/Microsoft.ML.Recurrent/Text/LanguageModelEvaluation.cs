using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.Recurrent.Data;
using Microsoft.ML.Recurrent.Onnx;
using Microsoft.ML.Recurrent.Scoring;

namespace Microsoft.ML.Recurrent.Text;

/// <summary>Evaluates a corpus with the step graph, many steps per run, carrying the states of one stream.</summary>
internal static class LanguageModelEvaluation
{
    // The outputs of one run stay in the CPU cache.
    private const int NumbersARun = 1_000_000, MaximumSteps = 128;

    public static LanguageModelMetrics Run(RecurrentLanguageModelTransformer transformer, IDataView data, bool carryState)
    {
        var manifest = transformer.Model.Manifest;
        var (input, language) = (manifest.Inputs[0], manifest.Language!);
        var corpus = TokenCorpus.Read(data, RowCollector.Resolve(data.Schema, input, manifest), input.Vocabulary, language.EndOfSentence, nameof(data),
            CancellationToken.None);
        using var reader = new Reader(transformer, language.KnowsMissing);
        if (carryState) reader.Read(corpus.Tokens);
        else
        {
            var context = language.EndOfSentence is null ? 0 : 1;
            for (var row = 0; row < corpus.Rows; row++)
            {
                var (start, end) = corpus.Row(row);
                reader.Forget();
                reader.Read(corpus.Tokens[(start - context)..end]);
            }
        }

        return reader.Tokens > 0 ? new(reader.Tokens, reader.Missing, reader.LogLikelihood)
            : throw new ArgumentException($"The column '{input.Name}' holds no token that can be predicted: a row of one token has no previous token.",
                nameof(data));
    }

    private sealed class Reader : IDisposable
    {
        private readonly SessionLease _lease;
        private readonly RunOptions _run = new();
        private readonly ModelManifest _manifest;
        private readonly StepState[] _states;
        private readonly string[] _inputNames, _outputNames;
        private readonly int _vocabulary, _steps;
        private readonly bool _knowsMissing;
        private readonly float[] _answers;
        private readonly long[] _ids;
        private float[][] _before, _after;

        public Reader(RecurrentLanguageModelTransformer transformer, bool knowsMissing)
        {
            var graph = StepGraph.Create(transformer.Model);
            (_manifest, _states, _knowsMissing) = (graph.Manifest, [.. graph.States], knowsMissing);
            _vocabulary = _manifest.Outputs[0].Size;
            _steps = Math.Clamp(NumbersARun / _vocabulary, 1, MaximumSteps);
            (_answers, _ids) = (new float[_steps * _vocabulary], new long[_steps]);
            (_before, _after) = (Array.ConvertAll(_states, state => new float[state.Size]), Array.ConvertAll(_states, state => new float[state.Size]));
            _inputNames = [_manifest.Inputs[0].Name, ModelManifest.LengthInput, .. _states.Select(state => state.Input)];
            _outputNames = [_manifest.Outputs[0].Name, .. _states.Select(state => state.Output)];
            _lease = OnnxSessions.Lease(StepScorer.Identity(transformer.Model), graph.File, shapesVary: true, transformer.EffectiveScoring);
        }

        public long Tokens { get; private set; }

        public long Missing { get; private set; }

        public double LogLikelihood { get; private set; }

        public void Forget()
        {
            foreach (var state in _before) state.AsSpan().Clear();
        }

        /// <summary>Predicts each token except the first from the previous ones.</summary>
        public void Read(ReadOnlySpan<int> tokens)
        {
            for (var first = 0; first < tokens.Length - 1; first += _steps)
            {
                var count = Math.Min(_steps, tokens.Length - 1 - first);
                Run(tokens.Slice(first, count));
                for (var t = 0; t < count; t++)
                {
                    var token = tokens[first + t + 1];
                    if (token == 0) Missing++;
                    if (token == 0 && !_knowsMissing) continue;
                    Tokens++;
                    LogLikelihood += _answers[t * _vocabulary + token];
                }
            }
        }

        public void Dispose()
        {
            _run.Dispose();
            _lease.Dispose();
        }

        private void Run(ReadOnlySpan<int> tokens)
        {
            var count = tokens.Length;
            for (var t = 0; t < count; t++) _ids[t] = tokens[t];
            OrtValue[] inputs = [Value(_ids.AsMemory(0, count), 1, count), Value(new long[] { count }.AsMemory(), 1),
                .. _before.Select(state => Value(state.AsMemory(), 1, 1, state.Length))];
            OrtValue[] outputs = [Value(_answers.AsMemory(0, count * _vocabulary), 1, count, _vocabulary),
                .. _after.Select(state => Value(state.AsMemory(), 1, 1, state.Length))];
            _lease.Session.Run(_run, _inputNames, inputs, _outputNames, outputs);
            foreach (var value in inputs) value.Dispose();
            foreach (var value in outputs) value.Dispose();
            (_before, _after) = (_after, _before);
        }

        private static OrtValue Value<T>(Memory<T> memory, params long[] shape)
            where T : unmanaged => OrtValue.CreateTensorValueFromMemory(OrtMemoryInfo.DefaultInstance, memory, shape);
    }
}
