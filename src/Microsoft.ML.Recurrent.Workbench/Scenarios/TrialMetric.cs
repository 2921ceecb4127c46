namespace Microsoft.ML.Recurrent.Workbench.Scenarios;

/// <summary>The metric by which trials are compared.</summary>
/// <param name="Name">Its name: RMSE, MicroAccuracy.</param>
/// <param name="HigherIsBetter">Whether higher values are better.</param>
public sealed record TrialMetric(string Name, bool HigherIsBetter);
