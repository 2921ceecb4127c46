namespace Microsoft.ML.Recurrent.Losses;

/// <summary>Divides a vocabulary by frequency into the head and the clusters of an adaptive softmax (Grave et al. 2017).</summary>
internal static class AdaptiveCutoffs
{
    /// <summary>The most clusters of rare words: more gain next to nothing (Grave et al. 2017, figure 2).</summary>
    public const int MaximumClusters = 4;

    /// <summary>
    /// Words of the head for each number of a state, at least: an LSTM layer costs twice as much as this, so that a smaller head would save next to nothing,
    /// and give frequent words smaller vectors.
    /// </summary>
    public const int HeadWordsPerNumber = 4;

    // Candidates are evenly spaced on a logarithmic scale, by this factor.
    private const double Step = 1.15;

    /// <summary>
    /// The cutoffs that cost the fewest multiplications for a word of these frequencies, by dynamic programming over candidates. The first is the number of
    /// words in the head, the others are the ends of the clusters but the last; each part has at least as many words as all parts before it together. Empty if
    /// a full softmax is cheaper.
    /// </summary>
    /// <param name="counts">The count of each word, descending.</param>
    /// <param name="size">Numbers of a state.</param>
    /// <param name="divisor">How much smaller the vectors of each cluster are than those of the one before, at least 1.</param>
    public static int[] Choose(ReadOnlySpan<long> counts, int size, float divisor)
    {
        var vocabulary = counts.Length;
        var shares = new double[vocabulary + 1];
        for (var i = 0; i < vocabulary; i++) shares[i + 1] = shares[i] + counts[i];
        var total = Math.Max(1, shares[^1]);
        List<int> ends = [];
        for (double end = HeadWordsPerNumber * size; end < vocabulary; end *= Step)
            if (ends.Count == 0 || (int)end > ends[^1]) ends.Add((int)end);
        ends.Add(vocabulary);

        var (best, cheapest) = ((int[])[], (double)vocabulary * size);
        for (var clusters = 1; clusters <= MaximumClusters; clusters++)
        {
            // The least costs of the words up to each end, with the clusters so far, and the end before it.
            var costs = ends.Select(end => (double)(end + clusters) * size).ToArray();
            var before = new int[clusters + 1][];
            for (var cluster = 1; cluster <= clusters; cluster++)
            {
                var next = new double[ends.Count];
                before[cluster] = new int[ends.Count];
                for (var end = 0; end < ends.Count; end++)
                {
                    next[end] = double.PositiveInfinity;
                    for (var start = 0; start < end && 2 * ends[start] <= ends[end]; start++)
                    {
                        var cost = costs[start] + Cost(ends[start], ends[end], cluster);
                        if (cost < next[end]) (next[end], before[cluster][end]) = (cost, start);
                    }
                }
                costs = next;
            }
            if (costs[^1] >= cheapest) continue;
            cheapest = costs[^1];
            best = new int[clusters];
            var last = ends.Count - 1;
            for (var cluster = clusters; cluster > 0; cluster--) best[cluster - 1] = ends[last = before[cluster][last]];
        }
        return best;

        double Cost(int start, int end, int cluster) =>
            (shares[end] - shares[start]) / total * Width(size, divisor, cluster) * (size + end - start);
    }

    /// <summary>Numbers of the vectors of a cluster, the first of which is 1.</summary>
    public static int Width(int size, float divisor, int cluster) => Math.Max(1, (int)(size / Math.Pow(divisor, cluster)));
}
