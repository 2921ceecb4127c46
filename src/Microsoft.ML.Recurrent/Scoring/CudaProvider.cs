using Microsoft.ML.OnnxRuntime;

namespace Microsoft.ML.Recurrent.Scoring;

/// <summary>
/// Adds ONNX Runtime's CUDA provider to a session: from a CUDA build of the runtime (package Microsoft.ML.OnnxRuntime.Gpu) or, with the CPU build, from the
/// provider's library as a plug-in. Errors say what is missing.
/// </summary>
internal static class CudaProvider
{
    /// <summary>The environment variable with the path of the provider's library, if it is not beside the program.</summary>
    public const string PathVariable = "MLRECURRENT_CUDA_PROVIDER";

    private static readonly OrtCudaRuntime Runtime = new();

    private static string LibraryName => OperatingSystem.IsWindows() ? "onnxruntime_providers_cuda.dll" : "libonnxruntime_providers_cuda.so";

    /// <exception cref="ScoringDeviceException">The device cannot be used.</exception>
    public static void Append(SessionOptions settings, int device) => Append(settings, device, Runtime, Environment.GetEnvironmentVariable(PathVariable));

    /// <summary>Adds the provider of a given runtime, from a given path of the library if there is one.</summary>
    internal static void Append(SessionOptions settings, int device, ICudaRuntime runtime, string? named)
    {
        try
        {
            if (runtime.IsCudaBuild)
            {
                runtime.AppendBuilt(settings, device);
                return;
            }
            runtime.Register(Find(named, runtime.LibraryFolders));
            var devices = runtime.CountDevices();
            if (devices == 0)
                throw new ScoringDeviceException(
                    "No CUDA device was found: this machine has no NVIDIA GPU, or its driver is not installed. Check that nvidia-smi lists the device.");
            if (device >= devices)
                throw new ScoringDeviceException($"There is no CUDA device {device}: {devices} {(devices == 1 ? "was" : "were")} found, numbered from 0.");
            runtime.AppendPlugin(settings, device);
        }
        catch (Exception error) when (error is OnnxRuntimeException or EntryPointNotFoundException or DllNotFoundException)
        {
            throw new ScoringDeviceException(Explain(error.Message, runtime.Version), error);
        }
    }

    /// <summary>Explains a failure of the provider or of CUDA.</summary>
    public static string Explain(string message) => Explain(message, Runtime.Version);

    /// <summary>Explains a failure for a given version of the runtime.</summary>
    internal static string Explain(string message, string runtimeVersion)
    {
        bool Says(params ReadOnlySpan<string> texts)
        {
            foreach (var text in texts)
                if (message.Contains(text, StringComparison.OrdinalIgnoreCase)) return true;
            return false;
        }

        var at = message.IndexOf(": cannot open shared object file", StringComparison.Ordinal);
        var meaning = at >= 0 ? Missing(message[(message.LastIndexOf(' ', at - 1) + 1)..at])
            : Says("Unable to find symbol cudnn", "libcudnn")
                ? "cuDNN could not be loaded. Install cuDNN 9 for the CUDA version that the provider was built for, and add its folder to LD_LIBRARY_PATH."
            : Says("API version", "undefined symbol", "version `VERS", "Entry point")
                ? $"ONNX Runtime's CUDA provider and the ONNX Runtime of this program ({runtimeVersion}) are of different releases. Use one "
                    + $"release for both."
            : Says("invalid ELF header", "file too short", "wrong ELF class", "not a valid Win32")
                ? $"The library of ONNX Runtime's CUDA provider is corrupt or for another platform. Install {LibraryName} of ONNX "
                    + $"Runtime {runtimeVersion} for this platform."
            : Says("driver version is insufficient")
                ? "The NVIDIA driver is older than the CUDA version that ONNX Runtime's CUDA provider was built for. Update the driver, or use a provider "
                    + "for an older CUDA."
            : Says("no kernel image")
                ? "ONNX Runtime's CUDA provider has no kernels for this GPU, which is older or newer than those it was built for. Use another build of the "
                    + "provider, or score on the CPU."
            : Says("invalid device ordinal") ? "There is no CUDA device with that number; devices are numbered from 0, as in nvidia-smi."
            : Says("no CUDA-capable device", "driver") ? "No CUDA device can be used: this machine has no NVIDIA GPU, or its driver is missing."
            : Says("out of memory", "Failed to allocate memory")
                ? "The GPU is out of memory. Score in smaller batches (ScoringOptions.BatchSize), or stop other programs that use the device."
            : "ONNX Runtime's CUDA provider cannot be used.";
        return $"{meaning} ({message})";
    }

    private static string Missing(string library) => library.StartsWith("libcuda.so", StringComparison.Ordinal)
        ? $"ONNX Runtime's CUDA provider needs {library}, part of NVIDIA's driver: this machine has no NVIDIA GPU, or its driver is not installed. "
            + $"Check that nvidia-smi lists the device."
        : $"ONNX Runtime's CUDA provider needs {library}, which is not on the library path. Install the CUDA runtime, cuBLAS, cuRAND and cuDNN of the "
            + $"version that the provider was built for, and add their folder to LD_LIBRARY_PATH.";

    private static string Find(string? named, IEnumerable<string> folders)
    {
        if (named is { Length: > 0 })
            return File.Exists(named)
                ? Path.GetFullPath(named)
                : throw new ScoringDeviceException($"The environment variable {PathVariable} names '{named}', which does not exist.");
        return folders.Select(folder => Path.Combine(folder, LibraryName)).FirstOrDefault(File.Exists)
            ?? throw new ScoringDeviceException(
                $"This program uses the CPU build of ONNX Runtime, which cannot score on a GPU. Replace the package Microsoft.ML.OnnxRuntime with "
                    + $"Microsoft.ML.OnnxRuntime.Gpu, or place {LibraryName} of the " +
                $"same release beside the program (or set the environment variable {PathVariable} to its path).");
    }
}
