using Microsoft.ML.OnnxRuntime;

namespace Microsoft.ML.Recurrent.Scoring;

/// <summary>
/// Brings ONNX Runtime's CUDA provider into a session: through a CUDA build of the runtime (package Microsoft.ML.OnnxRuntime.Gpu), or, with the CPU build, through the provider's library as a plug-in.
/// What is missing is said in so many words.
/// </summary>
internal static class CudaProvider
{
    /// <summary>Names the provider's library where it does not lie beside the program.</summary>
    public const string PathVariable = "MLRECURRENT_CUDA_PROVIDER";

    private const string Provider = "CUDAExecutionProvider", Registration = "Microsoft.ML.Recurrent.Cuda";

    private static readonly Lock Gate = new();
    private static bool s_registered;

    private static string LibraryName => OperatingSystem.IsWindows() ? "onnxruntime_providers_cuda.dll" : "libonnxruntime_providers_cuda.so";

    /// <exception cref="ScoringDeviceException">The device cannot be used.</exception>
    public static void Append(SessionOptions settings, int device)
    {
        var environment = OrtEnv.Instance();
        try
        {
            if (environment.GetAvailableProviders().Contains(Provider))
            {
                using var cuda = new OrtCUDAProviderOptions();
                cuda.UpdateOptions(new Dictionary<string, string> { ["device_id"] = device.ToString(System.Globalization.CultureInfo.InvariantCulture) });
                settings.AppendExecutionProvider_CUDA(cuda);
                return;
            }
            Register(environment);
            OrtEpDevice[] devices = [.. environment.GetEpDevices().Where(candidate => candidate.EpName.Contains("CUDA", StringComparison.OrdinalIgnoreCase) && candidate.HardwareDevice.Type == OrtHardwareDeviceType.GPU)];
            if (devices.Length == 0)
                throw new ScoringDeviceException("No CUDA device was found: this machine has no NVIDIA GPU, or its driver is not installed. Check that nvidia-smi lists the device.");
            if (device >= devices.Length)
                throw new ScoringDeviceException($"There is no CUDA device {device}: {devices.Length} {(devices.Length == 1 ? "was" : "were")} found, numbered from 0.");
            settings.AppendExecutionProvider(environment, [devices[device]], new Dictionary<string, string>());
        }
        catch (Exception error) when (error is OnnxRuntimeException or EntryPointNotFoundException or DllNotFoundException)
        {
            throw new ScoringDeviceException(Explain(error.Message), error);
        }
    }

    /// <summary>What a failure of the provider or of CUDA means.</summary>
    public static string Explain(string message)
    {
        int at = message.IndexOf(": cannot open shared object file", StringComparison.Ordinal);
        if (at >= 0)
        {
            int start = message.LastIndexOf(' ', at - 1) + 1;
            return $"ONNX Runtime's CUDA provider needs {message[start..at]}, which is not on the library path. Install the CUDA runtime, cuBLAS, cuRAND and cuDNN of the version that the provider was built for " +
                $"and let LD_LIBRARY_PATH name their folder. ({message})";
        }
        if (message.Contains("no CUDA-capable device", StringComparison.OrdinalIgnoreCase) || message.Contains("driver", StringComparison.OrdinalIgnoreCase))
            return $"No CUDA device can be used: this machine has no NVIDIA GPU, or its driver is missing or too old for the provider's CUDA version. ({message})";
        return $"ONNX Runtime's CUDA provider cannot be used: {message}";
    }

    private static void Register(OrtEnv environment)
    {
        lock (Gate)
        {
            if (s_registered) return;
            string path = Find() ?? throw new ScoringDeviceException($"This program carries ONNX Runtime's CPU build, so it cannot score on a GPU. Replace the package Microsoft.ML.OnnxRuntime by Microsoft.ML.OnnxRuntime.Gpu, or place " +
                $"{LibraryName} of the same release beside the program (or let the environment variable {PathVariable} name it).");
            environment.RegisterExecutionProviderLibrary(Registration, path);
            s_registered = true;
        }
    }

    private static string? Find()
    {
        if (Environment.GetEnvironmentVariable(PathVariable) is { Length: > 0 } named)
            return File.Exists(named) ? Path.GetFullPath(named) : throw new ScoringDeviceException($"The environment variable {PathVariable} names '{named}', which is not there.");
        string[] folders = [AppContext.BaseDirectory, Path.Combine(AppContext.BaseDirectory, "runtimes", System.Runtime.InteropServices.RuntimeInformation.RuntimeIdentifier, "native")];
        return folders.Select(folder => Path.Combine(folder, LibraryName)).FirstOrDefault(File.Exists);
    }
}
