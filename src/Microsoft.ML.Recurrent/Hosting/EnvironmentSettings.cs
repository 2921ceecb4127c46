using System.Reflection;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Recurrent.Hosting;

/// <summary>
/// What an ML.NET environment says about seed and devices. ML.NET keeps these behind interfaces that differ between its versions (ISeededEnvironment until 1.x,
/// IHostEnvironmentInternal since 2.0), and a host of 1.x does not know the seed of the context that it came from: so they are read by reflection, here and nowhere else.
/// </summary>
/// <param name="Seed">Seed of the MLContext, or null where none was given.</param>
/// <param name="GpuDeviceId">MLContext.GpuDeviceId, or null (always in 1.x).</param>
/// <param name="FallbackToCpu">MLContext.FallbackToCpu; false where the version has no such setting.</param>
internal readonly record struct EnvironmentSettings(int? Seed, int? GpuDeviceId, bool FallbackToCpu)
{
    private const BindingFlags Instance = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic;

    /// <summary>Reads the settings of an environment: an MLContext, or any host below one.</summary>
    public static EnvironmentSettings Of(IHostEnvironment environment)
    {
        ArgumentNullException.ThrowIfNull(environment);
        return new(
            Read<int?>(environment, "Seed") ?? (Root(environment) is { } root ? Read<int?>(root, "Seed") : null),
            Read<int?>(environment, "GpuDeviceId"),
            Read<bool?>(environment, "FallbackToCpu") ?? false);
    }

    /// <summary>The seed to use: the component's own option, else the environment's, else one drawn from the host's generator.</summary>
    public static ulong ChooseSeed(IHost host, int? option) =>
        unchecked((ulong)(option ?? Of(host).Seed ?? host.Rand.Next()));

    private static T? Read<T>(IHostEnvironment environment, string property)
    {
        foreach (var type in environment.GetType().GetInterfaces())
        {
            if (!typeof(IHostEnvironment).IsAssignableFrom(type)) continue;
            if (type.GetProperty(property, Instance) is { CanRead: true } found && found.GetValue(environment) is T value) return value;
        }
        return default;
    }

    private static IHostEnvironment? Root(IHostEnvironment environment)
    {
        for (var type = environment.GetType(); type is not null; type = type.BaseType)
        {
            if (type.GetField("Root", Instance | BindingFlags.DeclaredOnly) is { } field) return field.GetValue(environment) as IHostEnvironment;
        }
        return null;
    }
}
