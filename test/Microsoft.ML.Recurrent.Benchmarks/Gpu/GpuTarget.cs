using System.Globalization;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.Recurrent.Scoring;

namespace Microsoft.ML.Recurrent.Benchmarks.Gpu;

/// <summary>Where the checks run: a CUDA device, or the CPU in its place (null).</summary>
internal sealed record GpuTarget(int? Device)
{
    public static readonly GpuTarget Cpu = new((int?)null);

    /// <summary>The provider that must run all recurrent nodes.</summary>
    public string Provider => Device is null ? "CPUExecutionProvider" : "CUDAExecutionProvider";

    public string Name => Device is null ? "CPU" : "CUDA";

    public SessionOptions Settings()
    {
        var settings = new SessionOptions { LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR };
        if (Device is int device) CudaProvider.Append(settings, device);
        return settings;
    }

    public override string ToString() =>
        Device is int device ? string.Create(CultureInfo.InvariantCulture, $"CUDA device {device}") : "the CPU in the GPU's place";
}
