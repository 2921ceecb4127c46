using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using Microsoft.ML.Recurrent.Decoding;
using Microsoft.ML.Recurrent.Onnx;
using Microsoft.ML.Recurrent.Scoring;

namespace Microsoft.ML.Recurrent.Translation;

/// <summary>
/// A decoder of tokens in ONNX Runtime, for a beam search over a batch of sources. What the encoder graph says of the sources, and the states, stay in the
/// memory of the sessions: only tokens, log-probabilities and attention are exchanged. Not thread-safe; several can share the sessions of one
/// <see cref="DecoderSessions"/>.
/// </summary>
internal sealed class OnnxBeamModel : IBeamModel, IDisposable
{
    private static readonly RunOptions s_run = new();

    private readonly DecoderSessions _sessions;
    private readonly Dictionary<string, OrtValue> _memory = [];
    private OrtValue[] _states;
    private int[] _live = [];
    private bool _isDisposed;

    /// <summary>Reads the sources.</summary>
    /// <param name="sessions">The sessions of the graphs.</param>
    /// <param name="inputs">The inputs of the encoder graph by name, with as many rows as there are sources. They may be disposed afterwards.</param>
    public OnnxBeamModel(DecoderSessions sessions, IReadOnlyDictionary<string, OrtValue> inputs)
    {
        (_sessions, _states) = (sessions, []);
        sessions.Enter();
        try
        {
            foreach (var (name, value) in Encode(sessions, inputs)) _memory.Add(name, value);
        }
        catch
        {
            sessions.Exit();
            throw;
        }
        _states = [.. sessions.States.Select(state => _memory[state.Input])];
        foreach (var state in sessions.States) _memory.Remove(state.Input);
        if (sessions.HasAttention) SourceTime = (int)_memory[TokenDecoderGraphs.Values].GetTensorTypeAndShape().Shape[1];
    }

    public int Vocabulary => _sessions.Vocabulary;

    public int SourceTime { get; }

    public unsafe void Step(ReadOnlySpan<int> sources, ReadOnlySpan<int> parents, ReadOnlySpan<int> tokens, Span<float> logProbabilities,
        Span<float> attention)
    {
        var live = new int[sources.Length];
        for (var i = 0; i < live.Length; i++) live[i] = _live.Length == 0 ? sources[i] : _live[sources[i]];
        _live = live;
        long count = sources.Length, beams = tokens.Length / count;
        using var binding = _sessions.Step.CreateIoBinding();
        using OrtValue token = Integers(tokens, count, beams), parent = Integers(parents, count, beams), source = Integers(live, count);
        binding.BindInput(TokenDecoderGraphs.Token, token);
        binding.BindInput(TokenDecoderGraphs.Parent, parent);
        if (_sessions.HasAttention) binding.BindInput(TokenDecoderGraphs.Source, source);
        foreach (var (name, value) in _memory) binding.BindInput(name, value);
        for (var i = 0; i < _states.Length; i++) binding.BindInput(_sessions.States[i].Input, _states[i]);
        fixed (float* logs = logProbabilities, weights = attention)
        {
            using var logValue = Numbers(logs, count, beams, Vocabulary);
            using var weightValue = SourceTime > 0 ? Numbers(weights, count, beams, SourceTime) : null;
            binding.BindOutput(TokenDecoderGraphs.LogProbabilities, logValue);
            if (weightValue is not null) binding.BindOutput(TokenDecoderGraphs.Attention, weightValue);
            foreach (var state in _sessions.States) binding.BindOutputToDevice(state.Output, _sessions.Memory);
            _sessions.Step.RunWithBinding(s_run, binding);
        }

        // In the order of binding: the states are the last.
        var outputs = binding.GetOutputValues();
        var first = outputs.Count - _states.Length;
        for (var i = 0; i < first; i++) outputs[i].Dispose();
        foreach (var state in _states) state.Dispose();
        _states = [.. Enumerable.Range(first, _states.Length).Select(i => outputs[i])];
    }

    public void Dispose()
    {
        if (_isDisposed) return;
        _isDisposed = true;
        foreach (var value in _states) value.Dispose();
        foreach (var value in _memory.Values) value.Dispose();
        _sessions.Exit();
    }

    private static IEnumerable<(string Name, OrtValue Value)> Encode(DecoderSessions sessions, IReadOnlyDictionary<string, OrtValue> inputs)
    {
        using var binding = sessions.Encoder.CreateIoBinding();
        foreach (var (name, value) in inputs) binding.BindInput(name, value);
        string[] names = [.. sessions.Encoder.OutputNames];
        foreach (var name in names) binding.BindOutputToDevice(name, sessions.Memory);
        sessions.Encoder.RunWithBinding(s_run, binding);
        return [.. names.Zip(binding.GetOutputValues())];
    }

    private static OrtValue Integers(ReadOnlySpan<int> values, params long[] shape)
    {
        var wide = new long[values.Length];
        for (var i = 0; i < wide.Length; i++) wide[i] = values[i];
        return OrtValue.CreateTensorValueFromMemory(wide, shape);
    }

    private static unsafe OrtValue Numbers(float* values, params long[] shape)
    {
        var bytes = shape.Aggregate((long)sizeof(float), (product, size) => product * size);
        return OrtValue.CreateTensorValueWithData(OrtMemoryInfo.DefaultInstance, TensorElementType.Float, shape, (nint)values, bytes);
    }
}
