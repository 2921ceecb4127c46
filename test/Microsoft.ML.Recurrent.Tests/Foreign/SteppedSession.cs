using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace Microsoft.ML.Recurrent.Tests.Foreign;

/// <summary>A graph with states in ONNX Runtime itself: one row a run (or more), and the states that came out passed in by hand.</summary>
internal sealed class SteppedSession : IDisposable
{
    private readonly InferenceSession _session;
    private readonly (string Input, string Output)[] _states;
    private readonly Dictionary<string, OrtValue> _constants = [];
    private readonly Dictionary<string, (TensorElementType Type, long[] Shape, byte[] Bytes)> _now = [];

    /// <param name="path">The file.</param>
    /// <param name="states">The states: input and output.</param>
    /// <param name="scalars">Whole numbers without axes that are the same in each run.</param>
    public SteppedSession(string path, (string Input, string Output)[] states, params (string Name, long Value)[] scalars)
    {
        using var settings = new SessionOptions { LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR };
        (_session, _states) = (new(path, settings), states);
        foreach (var (name, value) in scalars) _constants.Add(name, OrtValue.CreateTensorValueFromMemory(new[] { value }, []));
        Forget();
    }

    /// <summary>Rows of a run, where the graph leaves them free.</summary>
    public int Rows
    {
        get;
        init
        {
            field = value;
            Forget();
        }
    } = 1;

    /// <summary>The names of the outputs that are no states.</summary>
    public string[] Outputs => [.. _session.OutputMetadata.Keys.Except(_states.Select(state => state.Output))];

    /// <summary>Begins with zeros.</summary>
    public void Forget()
    {
        foreach (var (input, _) in _states)
        {
            var metadata = _session.InputMetadata[input];
            long[] shape = [.. metadata.Dimensions.Select(size => size > 0 ? size : Rows)];
            using var zeros = OrtValue.CreateAllocatedTensorValue(OrtAllocator.DefaultInstance, metadata.ElementDataType, shape);
            zeros.GetTensorMutableRawData().Clear();
            _now[input] = (metadata.ElementDataType, shape, zeros.GetTensorMutableRawData().ToArray());
        }
    }

    /// <summary>Makes a step, and returns all outputs that are no states, one after the other.</summary>
    public float[] Step(params (string Name, float[] Values, long[] Shape)[] inputs)
    {
        List<(string Name, OrtValue Value)> values = [.. inputs.Select(input => (input.Name, OrtValue.CreateTensorValueFromMemory(input.Values, input.Shape)))];
        foreach (var (input, (type, shape, bytes)) in _now)
        {
            var value = OrtValue.CreateAllocatedTensorValue(OrtAllocator.DefaultInstance, type, shape);
            bytes.CopyTo(value.GetTensorMutableRawData());
            values.Add((input, value));
        }
        try
        {
            using var options = new RunOptions();
            string[] names = [.. Outputs, .. _states.Select(state => state.Output)];
            using var results = _session.Run(options, [.. values.Select(value => value.Name), .. _constants.Keys],
                [.. values.Select(value => value.Value), .. _constants.Values], names);
            for (var i = 0; i < _states.Length; i++)
            {
                var result = results[Outputs.Length + i];
                var info = result.GetTensorTypeAndShape();
                _now[_states[i].Input] = (info.ElementDataType, info.Shape, result.GetTensorMutableRawData().ToArray());
            }
            return [.. results.Take(Outputs.Length).SelectMany(result => result.GetTensorTypeAndShape().ElementDataType is TensorElementType.Int64
                ? Array.ConvertAll(result.GetTensorDataAsSpan<long>().ToArray(), number => (float)number)
                : result.GetTensorDataAsSpan<float>().ToArray())];
        }
        finally
        {
            foreach (var (_, value) in values) value.Dispose();
        }
    }

    public void Dispose()
    {
        foreach (var value in _constants.Values) value.Dispose();
        _session.Dispose();
    }
}
