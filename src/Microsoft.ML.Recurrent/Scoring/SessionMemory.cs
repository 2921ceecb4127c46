using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace Microsoft.ML.Recurrent.Scoring;

/// <summary>
/// The memory of a session's inputs and outputs. On the CPU, it is the memory of the batch itself. A session on a device copies an input when it is bound, so
/// changed inputs must be copied again: to a tensor in device memory if the runtime supports it, else by binding again.
/// </summary>
/// <param name="CopiesWhenBound">Whether the session is on a device, so that bound inputs are copies.</param>
/// <param name="Device">The device memory, if it can be copied to and from.</param>
internal sealed record SessionMemory(bool CopiesWhenBound, IDeviceMemory? Device) : IDisposable
{
    /// <summary>The memory of sessions on the CPU.</summary>
    public static SessionMemory Host { get; } = new(false, null);

    /// <summary>The memory of a session that runs on a device.</summary>
    public static SessionMemory OnDevice(InferenceSession session) => new(true, OrtDeviceMemory.TryOpen(session));

    public void Dispose() => Device?.Dispose();
}

/// <summary>Device memory of a session; tests replace it.</summary>
internal interface IDeviceMemory : IDisposable
{
    /// <summary>A tensor for an input of the session, in the memory the graph expects; null if that is CPU memory.</summary>
    OrtValue? AllocateInput(string name, TensorElementType type, long[] shape);

    /// <summary>A tensor for an output of the session, likewise.</summary>
    OrtValue? AllocateOutput(string name, TensorElementType type, long[] shape);

    /// <summary>Copies tensors to others of the same type and shape, and waits for it.</summary>
    void Copy(IReadOnlyList<OrtValue> sources, IReadOnlyList<OrtValue> destinations);
}

/// <summary>
/// Device memory from the allocator that ONNX Runtime's environment shares among sessions, which outlives every tensor. Not yet tested on a GPU;
/// <see cref="TryOpen"/> uses it only if a round trip returns the same numbers.
/// </summary>
internal sealed class OrtDeviceMemory : IDeviceMemory
{
    private readonly IReadOnlyList<string> _inputNames, _outputNames;
    private readonly IDisposableReadOnlyCollection<OrtMemoryInfo> _inputs, _outputs;

    private OrtDeviceMemory(InferenceSession session)
    {
        (_inputNames, _outputNames) = (session.InputNames, session.OutputNames);
        _inputs = session.GetMemoryInfosForInputs();
        _outputs = session.GetMemoryInfosForOutputs();
    }

    /// <summary>
    /// The device memory of a session; null if all inputs and outputs are in CPU memory, or if the runtime cannot copy to the device and back.
    /// </summary>
    public static OrtDeviceMemory? TryOpen(InferenceSession session)
    {
        OrtDeviceMemory? memory = null;
        try
        {
            memory = new(session);
            if (memory._inputs.Concat(memory._outputs).FirstOrDefault(info => !IsHost(info)) is { } device && Returns(device)) return memory;
        }
        catch (Exception error) when (error is OnnxRuntimeException or EntryPointNotFoundException or NotSupportedException)
        {
            // An older runtime, or a CUDA build whose provider shares no allocator: inputs are bound again for each run.
        }
        memory?.Dispose();
        return null;
    }

    /// <summary>Whether the CPU can read this memory.</summary>
    internal static bool IsHost(OrtMemoryInfo info) =>
        info.Name.Equals("Cpu", StringComparison.OrdinalIgnoreCase) || info.GetDeviceMemoryType() is OrtDeviceMemoryType.HOST_ACCESSIBLE;

    /// <summary>Whether a round trip to the device returns the same numbers.</summary>
    internal static bool Returns(OrtMemoryInfo device)
    {
        float[] there = [1, 2, 3, 5], back = new float[4];
        using OrtValue source = OrtValue.CreateTensorValueFromMemory(there, [4]), destination = OrtValue.CreateTensorValueFromMemory(back, [4]),
            tensor = Allocate(device, TensorElementType.Float, [4]);
        OrtEnv.Instance().CopyTensors([source], [tensor], null);
        OrtEnv.Instance().CopyTensors([tensor], [destination], null);
        return back.AsSpan().SequenceEqual(there);
    }

    public OrtValue? AllocateInput(string name, TensorElementType type, long[] shape) => AllocateUnlessHost(_inputNames, _inputs, name, type, shape);

    public OrtValue? AllocateOutput(string name, TensorElementType type, long[] shape) => AllocateUnlessHost(_outputNames, _outputs, name, type, shape);

    public void Copy(IReadOnlyList<OrtValue> sources, IReadOnlyList<OrtValue> destinations) => OrtEnv.Instance().CopyTensors(sources, destinations, null);

    public void Dispose()
    {
        _inputs.Dispose();
        _outputs.Dispose();
    }

    private static OrtValue? AllocateUnlessHost(IReadOnlyList<string> names, IReadOnlyList<OrtMemoryInfo> infos, string name, TensorElementType type,
        long[] shape)
    {
        for (var i = 0; i < names.Count; i++)
            if (names[i] == name) return IsHost(infos[i]) ? null : Allocate(infos[i], type, shape);
        throw new ArgumentException($"The graph has no '{name}'.", nameof(name));
    }

    private static OrtValue Allocate(OrtMemoryInfo info, TensorElementType type, long[] shape) =>
        OrtEnv.Instance().GetSharedAllocator(info) is { IsInvalid: false } allocator ? OrtValue.CreateAllocatedTensorValue(allocator, type, shape)
            : throw new NotSupportedException($"ONNX Runtime shares no allocator for the memory '{info.Name}'.");
}
