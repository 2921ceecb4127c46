using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;

namespace Microsoft.ML.Recurrent.Scoring;

/// <summary>
/// What ONNX Runtime writes to the log of a session, kept until someone reads it instead of being printed on the standard error stream. The managed package
/// has no method for it; the table of the native functions is public.
/// </summary>
internal sealed unsafe class RuntimeLog : IDisposable
{
    // The API version that has the function, and the most lines that are kept unread.
    private const uint Version = 17;
    private const int MostLines = 100;

    private static readonly Lazy<nint> s_setFunction = new(Find);

    private readonly ConcurrentQueue<string> _lines = new();
    private GCHandle _handle;

    /// <summary>Lets a session that is created with these options write to this log; where the runtime has no such function, it prints as before.</summary>
    public void Attach(SessionOptions options)
    {
        if (s_setFunction.Value is not (not 0 and var function)) return;
        if (!_handle.IsAllocated) _handle = GCHandle.Alloc(this);
        delegate* unmanaged[Cdecl]<nint, int, byte*, byte*, byte*, byte*, void> write = &Write;
        _ = ((delegate* unmanaged[Cdecl]<nint, void*, nint, nint>)function)(options.DangerousGetHandle(), write, GCHandle.ToIntPtr(_handle));
    }

    /// <summary>Takes the oldest line; false if there is none.</summary>
    public bool TryTake(out string line) => _lines.TryDequeue(out line!);

    /// <summary>Must be called after the session was disposed of.</summary>
    public void Dispose()
    {
        if (_handle.IsAllocated) _handle.Free();
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void Write(nint log, int severity, byte* category, byte* session, byte* place, byte* message)
    {
        if (GCHandle.FromIntPtr(log).Target is RuntimeLog { _lines: { Count: < MostLines } lines })
            lines.Enqueue($"ONNX Runtime ({Marshal.PtrToStringUTF8((nint)place)}): {Marshal.PtrToStringUTF8((nint)message)}");
    }

    private static nint Find()
    {
        if (!NativeLibrary.TryLoad("onnxruntime", typeof(InferenceSession).Assembly, null, out var library)
            || !NativeLibrary.TryGetExport(library, "OrtGetApiBase", out var open)) return 0;
        var functions = ((delegate* unmanaged[Cdecl]<OrtApiBase*>)open)()->GetApi;
        var api = ((delegate* unmanaged[Cdecl]<uint, OrtApi*>)functions)(Version);
        return api is null ? 0 : api->SetUserLoggingFunction;
    }
}
