using System.Collections.Immutable;

namespace Microsoft.ML.Recurrent.Workbench.Runs;

/// <summary>A trial of a run.</summary>
/// <param name="Number">From 1.</param>
/// <param name="Metric">Its metric on the validation rows; NaN if it has none.</param>
/// <param name="Elapsed">Its time.</param>
public sealed record RunTrial(int Number, double Metric, TimeSpan Elapsed)
{
    /// <summary>The options that differ from the defaults of the scenario, by path.</summary>
    public ImmutableSortedDictionary<string, string> Parameters { get; init; } = ImmutableSortedDictionary<string, string>.Empty;

    /// <summary>How it ended.</summary>
    public TrialState State { get; init; }

    /// <summary>The epochs that were completed.</summary>
    public int Epochs { get; init; }

    /// <summary>Why it failed or was ended; null for others.</summary>
    public string? Reason { get; init; }

    /// <summary>The metric of training by epoch, on the rows that training holds out; empty where there is none.</summary>
    public ImmutableArray<double> Curve { get; init; } = [];
}
