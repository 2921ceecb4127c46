namespace Microsoft.ML.Recurrent.Workbench.Runs;

/// <summary>How far a run is.</summary>
/// <param name="Stage">What it does.</param>
/// <param name="Search">The progress of the search; null in other stages.</param>
public sealed record RunProgress(RunStage Stage, ExperimentProgress? Search = null);
