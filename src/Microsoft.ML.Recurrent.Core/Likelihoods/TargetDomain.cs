namespace Microsoft.ML.Recurrent.Likelihoods;

/// <summary>Numbers that targets have to be.</summary>
/// <param name="Name">What they are called, in the plural.</param>
/// <param name="Rule">What they are, and what to do where targets are not, for messages.</param>
/// <param name="Holds">Whether a number is one of them.</param>
internal sealed record TargetDomain(string Name, string Rule, Func<float, bool> Holds);
