using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.Recurrent.Scoring;

namespace Microsoft.ML.Recurrent.Tests.Scoring;

/// <summary>
/// What stands in the way of a GPU, each with a message of its own: on machines put in the place of the real one, and, where a file alone makes the failure, on
/// this one.
/// </summary>
[TestClass]
public sealed class CudaProviderTests
{
    [TestMethod]
    public void A_cpu_build_without_the_provider_names_the_package_and_the_library()
    {
        var machine = new Machine();
        StringAssert.Contains(Failure(machine, named: null), "Microsoft.ML.OnnxRuntime.Gpu");
        Assert.IsNull(machine.Registered);
    }

    [TestMethod]
    public void A_variable_that_names_no_file_is_said()
    {
        var message = Failure(new Machine(), "/nowhere/provider.so");
        StringAssert.Contains(message, CudaProvider.PathVariable);
        StringAssert.Contains(message, "/nowhere/provider.so");
    }

    [TestMethod]
    // What the loader and ONNX Runtime say, and what it means.
    [DataRow("Failed to load library libonnxruntime_providers_cuda.so with error: libcublasLt.so.13: cannot open shared object file: No such file or directory",
        "needs libcublasLt.so.13", "LD_LIBRARY_PATH")]
    [DataRow("Failed to load library libonnxruntime_providers_cuda.so with error: libcudart.so.13: cannot open shared object file: No such file or directory",
        "needs libcudart.so.13", "LD_LIBRARY_PATH")]
    [DataRow("Failed to load library libonnxruntime_providers_cuda.so with error: libcuda.so.1: cannot open shared object file: No such file or directory",
        "no NVIDIA GPU, or its driver is not installed", "nvidia-smi")]
    [DataRow("Unable to find symbol cudnnGetVersion", "cuDNN could not be loaded", "cuDNN 9")]
    [DataRow("The requested API version [31] is not available, only API versions [1, 29] are supported in this build. Current ORT Version is: 1.29.0",
        "different releases", "(9.9.9)")]
    [DataRow("libonnxruntime_providers_cuda.so: undefined symbol: Provider_GetHost", "different releases", "(9.9.9)")]
    [DataRow("provider.so: invalid ELF header", "corrupt or for another platform", "9.9.9")]
    [DataRow("CUDA failure 35: CUDA driver version is insufficient for CUDA runtime version ; GPU=0", "driver is older", "Update the driver")]
    [DataRow("CUDA failure 100: no CUDA-capable device is detected ; GPU=0", "no NVIDIA GPU", "driver")]
    [DataRow("CUDA failure 101: invalid device ordinal ; GPU=7", "no CUDA device with that number", "nvidia-smi")]
    [DataRow("CUDA failure 209: no kernel image is available for execution on the device", "no kernels for this GPU", "another build")]
    [DataRow("CUDA failure 2: out of memory ; GPU=0", "The GPU is out of memory", "BatchSize")]
    [DataRow("something new", "cannot be used", "something new")]
    public void Every_failure_is_explained_and_quoted(string said, string meaning, string remedy) => WithFile("", path =>
    {
        foreach (var built in new[] { false, true })
        {
            var message = Failure(new Machine { IsCudaBuild = built, Fails = said }, path);
            StringAssert.Contains(message, meaning);
            StringAssert.Contains(message, remedy);
            StringAssert.Contains(message, said);
        }
    });

    [TestMethod]
    public void Machines_without_a_device_or_with_fewer_are_told() => WithFile("", path =>
    {
        StringAssert.Contains(Failure(new Machine { Devices = 0 }, path), "nvidia-smi");
        StringAssert.Contains(Failure(new Machine { Devices = 2 }, path, device: 2), "There is no CUDA device 2: 2 were found, numbered from 0.");
    });

    [TestMethod]
    public void The_device_asked_for_is_the_one_taken() => WithFile("", path =>
    {
        using var settings = new SessionOptions();
        var plugin = new Machine { Devices = 4 };
        CudaProvider.Append(settings, 3, plugin, path);
        Assert.AreEqual((path, 3, false), (plugin.Registered, plugin.Taken, plugin.TookBuild));
        var built = new Machine { IsCudaBuild = true };
        CudaProvider.Append(settings, 1, built, named: null);
        Assert.AreEqual((null, 1, true), (built.Registered, built.Taken, built.TookBuild));
    });

    [TestMethod]
    public void A_file_that_is_no_library_is_told_by_the_runtime_itself()
    {
        if (new OrtCudaRuntime().IsCudaBuild) return;
        WithFile("this is no library, however long it may be: " + new string('x', 4096), path =>
        {
            using var settings = new SessionOptions();
            var message = Assert.ThrowsExactly<ScoringDeviceException>(() => CudaProvider.Append(settings, 0, new OrtCudaRuntime(), path)).Message;
            StringAssert.Contains(message, "corrupt or for another platform");
            StringAssert.Contains(message, OrtEnv.Instance().GetVersionString());
        });
    }

    private static string Failure(ICudaRuntime machine, string? named, int device = 0)
    {
        using var settings = new SessionOptions();
        return Assert.ThrowsExactly<ScoringDeviceException>(() => CudaProvider.Append(settings, device, machine, named)).Message;
    }

    private static void WithFile(string text, Action<string> use)
    {
        var path = Path.GetTempFileName();
        try
        {
            File.WriteAllText(path, text);
            use(path);
        }
        finally
        {
            File.Delete(path);
        }
    }

    /// <summary>A machine as the test wants it.</summary>
    private sealed class Machine : ICudaRuntime
    {
        public bool IsCudaBuild { get; init; }

        public int Devices { get; init; } = 1;

        /// <summary>What loading the provider fails with.</summary>
        public string? Fails { get; init; }

        public string Version => "9.9.9";

        public IEnumerable<string> LibraryFolders => [];

        public string? Registered { get; private set; }

        public int Taken { get; private set; } = -1;

        public bool TookBuild { get; private set; }

        public void Register(string path)
        {
            if (Fails is not null) throw new DllNotFoundException(Fails);
            Registered = path;
        }

        public int CountDevices() => Devices;

        public void AppendBuilt(SessionOptions settings, int device)
        {
            if (Fails is not null) throw new DllNotFoundException(Fails);
            (Taken, TookBuild) = (device, true);
        }

        public void AppendPlugin(SessionOptions settings, int device) => Taken = device;
    }
}
