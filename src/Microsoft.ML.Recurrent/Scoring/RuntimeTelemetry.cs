using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;

namespace Microsoft.ML.Recurrent.Scoring;

/// <summary>
/// Disables ONNX Runtime's telemetry. Official builds send it by default (on Linux and macOS since release 1.29): one event per session, with a device
/// identifier, queued in memory and in a file of the user's cache folder. The queue also makes memory grow as sessions come and go.
/// </summary>
internal static unsafe class RuntimeTelemetry
{
    /// <summary>
    /// The runtime's environment variable, read once when its environment is created. If the program has set it, to 0 or 1, it is not changed.
    /// </summary>
    public const string Variable = "ORT_DISABLE_TELEMETRY";

    private static readonly Lock Gate = new();
    private static bool s_done;

    /// <summary>Must be called before the first use of ONNX Runtime. If the program used it before, events not yet sent are dropped.</summary>
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

    // Native code does not see .NET's copy of the environment variables.
    private static void SetNative(string name, string value)
    {
        if (!NativeLibrary.TryGetExport(NativeLibrary.GetMainProgramHandle(), "setenv", out var function)) return;
        nint nameBytes = Marshal.StringToCoTaskMemUTF8(name), valueBytes = Marshal.StringToCoTaskMemUTF8(value);
        ((delegate* unmanaged<nint, nint, int, int>)function)(nameBytes, valueBytes, 0);
        Marshal.FreeCoTaskMem(nameBytes);
        Marshal.FreeCoTaskMem(valueBytes);
    }
}
