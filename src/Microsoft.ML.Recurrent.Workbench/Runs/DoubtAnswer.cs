namespace Microsoft.ML.Recurrent.Workbench.Runs;

/// <summary>An answer to a <see cref="TableDoubt"/>.</summary>
/// <param name="Text">The answer.</param>
/// <param name="Apply">What it makes of the request.</param>
public sealed record DoubtAnswer(string Text, Func<RunRequest, RunRequest> Apply);
