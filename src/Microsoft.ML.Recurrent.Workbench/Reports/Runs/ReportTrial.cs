using System.Collections.Immutable;

namespace Microsoft.ML.Recurrent.Workbench.Reports.Runs;

/// <summary>A trial of a search.</summary>
/// <param name="Number">Its number, from 0.</param>
/// <param name="Score">Its metric; NaN where it has none.</param>
/// <param name="Duration">How long it took.</param>
/// <param name="State">How it ended, in a word or two.</param>
/// <param name="Options">The options in which it differs from the defaults.</param>
public sealed record ReportTrial(int Number, double Score, TimeSpan Duration, string State, string Options)
{
    /// <summary>Whether it was trained to its end: the scores of those that were stopped before are not compared with others. Default: true.</summary>
    public bool IsComplete { get; init; } = true;

    /// <summary>Whether its options are those of the model.</summary>
    public bool IsChosen { get; init; }

    /// <summary>Its validation loss by epoch.</summary>
    public ImmutableArray<double> Losses { get; init; } = [];
}
