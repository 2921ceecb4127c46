using Microsoft.ML.Runtime;

namespace Microsoft.ML.Recurrent.Hosting;

/// <summary>The seed and device settings of an ML.NET environment (an MLContext, or a host created from one).</summary>
/// <param name="Seed">Seed of the MLContext, or null for none.</param>
/// <param name="GpuDeviceId">MLContext.GpuDeviceId, or null.</param>
/// <param name="FallbackToCpu">MLContext.FallbackToCpu.</param>
internal readonly record struct EnvironmentSettings(int? Seed, int? GpuDeviceId, bool FallbackToCpu)
{
    /// <summary>Reads the settings of an environment; one that is not ML.NET's own has none.</summary>
    public static EnvironmentSettings Create(IHostEnvironment environment)
    {
        ArgumentNullException.ThrowIfNull(environment);
        return environment is IHostEnvironmentInternal settings ? new(settings.Seed, settings.GpuDeviceId, settings.FallbackToCpu) : default;
    }

    /// <summary>Scoring options with the device of the environment, unless they name one.</summary>
    public ScoringOptions Apply(ScoringOptions scoring) => scoring.GpuDeviceId is null && GpuDeviceId is { } device
        ? scoring with { GpuDeviceId = device, FallbackToCpu = scoring.FallbackToCpu || FallbackToCpu } : scoring;

    /// <summary>The seed to use: the component's own option, else the environment's, else one drawn from the random generator of the host.</summary>
    public static ulong ChooseSeed(IHost host, int? option) =>
        unchecked((ulong)(option ?? Create(host).Seed ?? host.Rand.Next()));
}
