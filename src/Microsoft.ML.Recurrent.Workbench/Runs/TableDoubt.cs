using System.Collections.Immutable;

namespace Microsoft.ML.Recurrent.Workbench.Runs;

/// <summary>Something in a table that can be understood in two ways.</summary>
/// <param name="Question">The question to a user who can be asked.</param>
/// <param name="Answers">The answers, each with what it makes of the request.</param>
/// <param name="Refusal">The error where nobody can be asked: a sentence that names the option which answers the question.</param>
public sealed record TableDoubt(string Question, ImmutableArray<DoubtAnswer> Answers, string Refusal);
