namespace Microsoft.ML.Recurrent.Likelihoods;

/// <summary>The valid values of targets.</summary>
/// <param name="Name">Their name, in the plural.</param>
/// <param name="Rule">The rule and the remedy, for messages.</param>
/// <param name="Holds">Whether a value is valid.</param>
internal sealed record TargetDomain(string Name, string Rule, Func<float, bool> Holds);
