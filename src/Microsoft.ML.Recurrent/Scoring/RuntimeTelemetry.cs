using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;

namespace Microsoft.ML.Recurrent.Scoring;

/// <summary>
/// Keeps ONNX Runtime from reporting on the program that uses it. Its official builds do so unless they are told not to (on Linux and macOS since release
/// 1.29): an event a session, with a device's identifier, queued in memory and in a file of the user's cache folder until it is sent, which also makes memory
/// grow where sessions come and go.
/// </summary>
internal static unsafe class RuntimeTelemetry
{
    /// <summary>
    /// The runtime's own switch, which it reads once, when its environment is made. A program that sets it, to 0 or 1, has decided: nothing is changed then.
    /// </summary>
    public const string Variable = "ORT_DISABLE_TELEMETRY";

    private static readonly Lock Gate = new();
    private static bool s_done;

    /// <summary>To be called before ONNX Runtime is first used. Where the program itself used it before, what is not yet sent is dropped.</summary>
    public static void SwitchOff()
    {
        if (Volatile.Read(ref s_done)) return;
        lock (Gate)
        {
            if (s_done) return;
            if (string.IsNullOrEmpty(Environment.GetEnvironmentVariable(Variable)))
            {
                if (!OperatingSystem.IsWindows()) SetNative(Variable, "1");
                OrtEnv.Instance().DisableTelemetryEvents();
            }
            s_done = true;
        }
    }

    // .NET keeps its own copy of the environment, which native code does not see.
    private static void SetNative(string name, string value)
    {
        if (!NativeLibrary.TryGetExport(NativeLibrary.GetMainProgramHandle(), "setenv", out nint function)) return;
        nint nameBytes = Marshal.StringToCoTaskMemUTF8(name), valueBytes = Marshal.StringToCoTaskMemUTF8(value);
        ((delegate* unmanaged<nint, nint, int, int>)function)(nameBytes, valueBytes, 0);
        Marshal.FreeCoTaskMem(nameBytes);
        Marshal.FreeCoTaskMem(valueBytes);
    }
}
