using System.Collections.Immutable;

namespace Microsoft.ML.Recurrent.Workbench.Scenarios;

/// <summary>How classes were told apart.</summary>
/// <param name="Classes">The classes.</param>
/// <param name="Counts">Rows by their class (first index) and the predicted one (second index).</param>
public sealed record ConfusionCounts(ImmutableArray<string> Classes, ImmutableArray<ImmutableArray<long>> Counts)
{
    /// <summary>The share of the rows of a class among those that were predicted as it; NaN if none was.</summary>
    public double Precision(int index) => (double)Counts[index][index] / Counts.Sum(row => row[index]);

    /// <summary>The share of the rows of a class that were predicted as it; NaN if there are none.</summary>
    public double Recall(int index) => (double)Counts[index][index] / Counts[index].Sum();
}
