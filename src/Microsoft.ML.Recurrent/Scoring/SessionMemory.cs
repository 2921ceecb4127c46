using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace Microsoft.ML.Recurrent.Scoring;

/// <summary>
/// Where a session takes its inputs and leaves its answers. On the CPU that is the memory of the batch itself. A session on a device copies an input once, when
/// it is bound, so whoever changes the numbers has to copy them again: from tensor to tensor in the device's own memory where the runtime can, else by binding
/// anew.
/// </summary>
/// <param name="CopiesWhenBound">Whether the session is on a device: what is bound is a copy.</param>
/// <param name="Device">The device's memory, where it can be copied to and from.</param>
internal sealed record SessionMemory(bool CopiesWhenBound, IDeviceMemory? Device) : IDisposable
{
    /// <summary>The memory of sessions on the CPU.</summary>
    public static SessionMemory Host { get; } = new(false, null);

    /// <summary>The memory of a session that runs on a device.</summary>
    public static SessionMemory OnDevice(InferenceSession session) => new(true, OrtDeviceMemory.TryOpen(session));

    public void Dispose() => Device?.Dispose();
}

/// <summary>Memory of a device that a session runs on; tests put other memory in its place.</summary>
internal interface IDeviceMemory : IDisposable
{
    /// <summary>A tensor for an input of the session, in the memory where the graph wants it; null where it wants it in the machine's own.</summary>
    OrtValue? AllocateInput(string name, TensorElementType type, long[] shape);

    /// <summary>A tensor for an output of the session, likewise.</summary>
    OrtValue? AllocateOutput(string name, TensorElementType type, long[] shape);

    /// <summary>Copies tensors to others of the same type and shape, and waits for it.</summary>
    void Copy(IReadOnlyList<OrtValue> sources, IReadOnlyList<OrtValue> destinations);
}

/// <summary>
/// A device's memory through ONNX Runtime, allocated by the allocator that its environment shares among sessions, which outlives every tensor. It has not been
/// run on a GPU yet; <see cref="TryOpen"/> takes it only where numbers come back from it as they went in.
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
    /// The memory of a session's device; null where all inputs and outputs lie in the machine's own, or where the runtime cannot copy to the device's and back.
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
            // An older runtime, or a CUDA build, whose provider shares no memory: inputs are bound anew for each run.
        }
        memory?.Dispose();
        return null;
    }

    /// <summary>Whether this is memory that the processor reads.</summary>
    internal static bool IsHost(OrtMemoryInfo info) =>
        info.Name.Equals("Cpu", StringComparison.OrdinalIgnoreCase) || info.GetDeviceMemoryType() is OrtDeviceMemoryType.HOST_ACCESSIBLE;

    /// <summary>Whether numbers come back from a device as they went in.</summary>
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
        for (int i = 0; i < names.Count; i++)
            if (names[i] == name) return IsHost(infos[i]) ? null : Allocate(infos[i], type, shape);
        throw new ArgumentException($"The graph has no '{name}'.", nameof(name));
    }

    private static OrtValue Allocate(OrtMemoryInfo info, TensorElementType type, long[] shape) =>
        OrtEnv.Instance().GetSharedAllocator(info) is { IsInvalid: false } allocator ? OrtValue.CreateAllocatedTensorValue(allocator, type, shape)
            : throw new NotSupportedException($"ONNX Runtime shares no allocator for the memory '{info.Name}'.");
}
