using System.Collections.Immutable;

namespace Microsoft.ML.Recurrent.Forecasting;

/// <summary>Finds the answer about one target among those of all, for <see cref="SeriesForecast"/> and <see cref="SeriesSamples"/>.</summary>
internal static class TargetChoice
{
    /// <summary>That of the only target.</summary>
    /// <param name="targets">The answers.</param>
    /// <param name="name">The name of the target of an answer.</param>
    /// <param name="variable">The word for all answers in an example.</param>
    /// <exception cref="InvalidOperationException">There are several.</exception>
    public static T Only<T>(ImmutableArray<T> targets, Func<T, string> name, string variable) => targets.Length == 1 ? targets[0]
        : throw new InvalidOperationException($"The model forecasts {targets.Length} targets: take one by its name, as {variable}[\"{name(targets[0])}\"]; " +
            $"there are {Listed(targets, name)}.");

    /// <summary>That of a target.</summary>
    /// <exception cref="KeyNotFoundException">There is no target of that name.</exception>
    public static T Find<T>(ImmutableArray<T> targets, Func<T, string> name, string target) where T : class =>
        targets.FirstOrDefault(one => name(one) == target)
        ?? throw new KeyNotFoundException($"No target is named '{target}'; there {(targets.Length == 1 ? "is" : "are")} {Listed(targets, name)}.");

    /// <summary>The names of the targets.</summary>
    public static string Listed<T>(ImmutableArray<T> targets, Func<T, string> name) => string.Join(", ", targets.Select(one => $"'{name(one)}'"));
}
