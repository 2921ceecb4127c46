using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using Microsoft.ML.Recurrent.Data;

namespace Microsoft.ML.Recurrent.Scoring;

/// <summary>
/// Tensors over pinned arrays, bound to a session once and run many times: each run reads the current contents of the arrays and writes its outputs into them.
/// </summary>
internal sealed class TensorBinding(InferenceSession session, SessionMemory memory) : IDisposable
{
    // Shared by all runs: it holds no state.
    private static readonly RunOptions Settings = new();

    private readonly OrtIoBinding _native = session.CreateIoBinding();
    private readonly List<(string Name, OrtValue Value)> _copiedWhenBound = [];
    private readonly List<(OrtValue Value, string[] Texts, int Start, int Count)> _texts = [];
    private readonly List<OrtValue> _owned = [], _hostInputs = [], _deviceInputs = [], _deviceOutputs = [], _hostOutputs = [];
    // Kept alive: ONNX Runtime holds only their addresses.
    private readonly List<Array> _arrays = [];

    /// <param name="name">The input of the graph.</param>
    /// <param name="array">A pinned array of float, double, long or (for booleans) byte; or one of texts.</param>
    /// <param name="start">Offset of the tensor in the array.</param>
    /// <param name="shape">The tensor's shape.</param>
    public void Input(string name, Array array, long start, long[] shape)
    {
        if (array is string[] texts)
        {
            TextInput(name, texts, (int)start, shape);
            return;
        }
        var value = Tensor(array, start, shape);
        if (memory.Device?.AllocateInput(name, TypeOf(array), shape) is { } device)
        {
            _owned.Add(device);
            _hostInputs.Add(value);
            _deviceInputs.Add(device);
            value = device;
        }
        else if (memory.CopiesWhenBound) _copiedWhenBound.Add((name, value));
        _native.BindInput(name, value);
    }

    /// <inheritdoc cref="Input"/>
    public void Output(string name, Array array, long start, long[] shape)
    {
        var value = Tensor(array, start, shape);
        if (memory.Device?.AllocateOutput(name, TypeOf(array), shape) is { } device)
        {
            _owned.Add(device);
            _hostOutputs.Add(value);
            _deviceOutputs.Add(device);
            value = device;
        }
        _native.BindOutput(name, value);
    }

    /// <summary>Runs the graph.</summary>
    public void Run()
    {
        if (_deviceInputs.Count > 0) memory.Device!.Copy(_hostInputs, _deviceInputs);
        foreach (var (value, texts, start, count) in _texts)
            for (var i = 0; i < count; i++) value.StringTensorSetElementAt(texts[start + i].AsSpan(), i);
        foreach (var (name, value) in _copiedWhenBound) _native.BindInput(name, value);
        session.RunWithBinding(Settings, _native);
        if (_deviceOutputs.Count > 0) memory.Device!.Copy(_deviceOutputs, _hostOutputs);
    }

    public void Dispose()
    {
        _native.Dispose();
        foreach (var value in _owned) value.Dispose();
    }

    // Texts are copied into a tensor of the runtime before each run.
    private void TextInput(string name, string[] texts, int start, long[] shape)
    {
        var value = OrtValue.CreateTensorWithEmptyStrings(OrtAllocator.DefaultInstance, shape);
        _owned.Add(value);
        _texts.Add((value, texts, start, checked((int)shape.Aggregate(1L, (product, size) => product * size))));
        if (memory.CopiesWhenBound) _copiedWhenBound.Add((name, value));
        _native.BindInput(name, value);
    }

    private static TensorElementType TypeOf(Array array) =>
        array switch
        {
            float[] => TensorElementType.Float,
            double[] => TensorElementType.Double,
            long[] => TensorElementType.Int64,
            _ => TensorElementType.Bool,
        };

    private OrtValue Tensor(Array array, long start, long[] shape)
    {
        var size = array switch { float[] => sizeof(float), double[] => sizeof(double), long[] => sizeof(long), _ => sizeof(byte) };
        long count = 1;
        foreach (var dimension in shape) count *= dimension;
        ArgumentOutOfRangeException.ThrowIfGreaterThan(start + count, array.Length);
        var value = OrtValue.CreateTensorValueWithData(OrtMemoryInfo.DefaultInstance, TypeOf(array), shape, Pinned.Address(array, start, size), count * size);
        _owned.Add(value);
        _arrays.Add(array);
        return value;
    }
}
