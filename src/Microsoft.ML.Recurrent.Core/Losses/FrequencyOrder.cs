namespace Microsoft.ML.Recurrent.Losses;

/// <summary>The words of a vocabulary by descending frequency, as sampled by <see cref="SampledSoftmaxLoss"/>.</summary>
internal sealed class FrequencyOrder
{
    private readonly int[] _words, _ranks;

    /// <param name="counts">The count of each word; ties keep their order.</param>
    public FrequencyOrder(ReadOnlySpan<long> counts)
    {
        _words = new int[counts.Length];
        _ranks = new int[counts.Length];
        var keys = new (long Count, int Word)[counts.Length];
        for (var word = 0; word < keys.Length; word++) keys[word] = (-counts[word], word);
        Array.Sort(keys);
        for (var rank = 0; rank < keys.Length; rank++) (_words[rank], _ranks[keys[rank].Word]) = (keys[rank].Word, rank);
    }

    /// <summary>Size of the vocabulary.</summary>
    public int Count => _words.Length;

    /// <summary>The word of a rank; rank 0 is the most frequent.</summary>
    public int Word(int rank) => _words[rank];

    /// <summary>The rank of a word.</summary>
    public int Rank(int word) => _ranks[word];
}
