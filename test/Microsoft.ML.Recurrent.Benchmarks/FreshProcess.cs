namespace Microsoft.ML.Recurrent.Benchmarks;

/// <summary>Figures of a process that loads the core only.</summary>
/// <param name="FirstStepMs">Milliseconds from its start to the end of its first step.</param>
/// <param name="PeakMiB">Its largest resident memory after 20 steps, in MiB.</param>
internal readonly record struct FreshProcess(double FirstStepMs, double PeakMiB);
