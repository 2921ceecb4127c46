namespace Microsoft.ML.Recurrent;

/// <summary>What became of a trial on one fold of the final.</summary>
/// <param name="Fold">The name of the fold, <see cref="ExperimentFold.Name"/>.</param>
/// <param name="Metric">The metric of the experiment on the rows of the fold; null where it failed.</param>
/// <param name="Elapsed">The time of training and measuring, with one thread.</param>
/// <param name="Reason">Why it failed; null where it did not.</param>
public sealed record FoldResult(string Fold, double? Metric, TimeSpan Elapsed, string? Reason = null);
