using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace Microsoft.ML.Recurrent.Networks;

/// <summary>An adaptive softmax over the outputs (<see cref="AdaptiveSoftmax"/>).</summary>
/// <param name="Cutoffs">Ascending: the number of outputs in the head, then the ends of the clusters but the last. At least one.</param>
/// <param name="Divisor">How much smaller the vectors of each cluster are than those of the one before, at least 1.</param>
internal sealed record AdaptiveSoftmaxDescription(ImmutableArray<int> Cutoffs, float Divisor)
{
    /// <summary>Outputs of the head's linear layer: its own words, and one for each cluster.</summary>
    [JsonIgnore]
    public int HeadUnits => Cutoffs[0] + Cutoffs.Length;

    /// <summary>The first place of a cluster, and that after its last.</summary>
    public (int Start, int End) Cluster(int index, int outputs) => (Cutoffs[index], index + 1 < Cutoffs.Length ? Cutoffs[index + 1] : outputs);
}
