using Microsoft.ML.Runtime;

namespace Microsoft.ML.Recurrent.Hosting;

/// <summary>What an ML.NET environment (an MLContext, or any host below one) says about seed and devices.</summary>
/// <param name="Seed">Seed of the MLContext, or null where none was given.</param>
/// <param name="GpuDeviceId">MLContext.GpuDeviceId, or null.</param>
/// <param name="FallbackToCpu">MLContext.FallbackToCpu.</param>
internal readonly record struct EnvironmentSettings(int? Seed, int? GpuDeviceId, bool FallbackToCpu)
{
    /// <summary>Reads the settings of an environment. One that is not ML.NET's own has none.</summary>
    public static EnvironmentSettings Create(IHostEnvironment environment)
    {
        ArgumentNullException.ThrowIfNull(environment);
        return environment is IHostEnvironmentInternal settings ? new(settings.Seed, settings.GpuDeviceId, settings.FallbackToCpu) : default;
    }

    /// <summary>The seed to use: the component's own option, else the environment's, else one drawn from the host's generator.</summary>
    public static ulong ChooseSeed(IHost host, int? option) =>
        unchecked((ulong)(option ?? Create(host).Seed ?? host.Rand.Next()));
}
