using System.Globalization;
using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;

namespace Microsoft.ML.Recurrent.Scoring;

/// <summary>The calls of <see cref="CudaProvider"/> to ONNX Runtime; tests replace them.</summary>
internal interface ICudaRuntime
{
    /// <summary>Whether the runtime is a CUDA build.</summary>
    bool IsCudaBuild { get; }

    /// <summary>Version of the runtime, such as 1.32.0.</summary>
    string Version { get; }

    /// <summary>The default path of the provider's library.</summary>
    IEnumerable<string> LibraryFolders { get; }

    /// <summary>Registers the provider's library as a plug-in, once per process.</summary>
    void Register(string path);

    /// <summary>Number of GPUs that the plug-in offers.</summary>
    int CountDevices();

    /// <summary>Adds the provider of a CUDA build to a session's options.</summary>
    void AppendBuilt(SessionOptions settings, int device);

    /// <summary>Adds the plug-in to a session's options.</summary>
    void AppendPlugin(SessionOptions settings, int device);
}

/// <summary>The real ONNX Runtime.</summary>
internal sealed class OrtCudaRuntime : ICudaRuntime
{
    private const string Registration = "Microsoft.ML.Recurrent.Cuda";

    private static readonly Lock Gate = new();
    private static bool s_registered;

    public bool IsCudaBuild => OrtEnv.Instance().GetAvailableProviders().Contains("CUDAExecutionProvider");

    public string Version => OrtEnv.Instance().GetVersionString();

    public IEnumerable<string> LibraryFolders =>
        [AppContext.BaseDirectory, Path.Combine(AppContext.BaseDirectory, "runtimes", RuntimeInformation.RuntimeIdentifier, "native")];

    public void Register(string path)
    {
        lock (Gate)
        {
            if (s_registered) return;
            OrtEnv.Instance().RegisterExecutionProviderLibrary(Registration, path);
            s_registered = true;
        }
    }

    public int CountDevices() => Devices().Length;

    public void AppendBuilt(SessionOptions settings, int device)
    {
        using var cuda = new OrtCUDAProviderOptions();
        cuda.UpdateOptions(new Dictionary<string, string> { ["device_id"] = device.ToString(CultureInfo.InvariantCulture) });
        settings.AppendExecutionProvider_CUDA(cuda);
    }

    public void AppendPlugin(SessionOptions settings, int device) =>
        settings.AppendExecutionProvider(OrtEnv.Instance(), [Devices()[device]], new Dictionary<string, string>());

    private static OrtEpDevice[] Devices() =>
        [.. OrtEnv.Instance().GetEpDevices().Where(candidate => candidate.EpName.Contains("CUDA", StringComparison.OrdinalIgnoreCase)
            && candidate.HardwareDevice.Type == OrtHardwareDeviceType.GPU)];
}
