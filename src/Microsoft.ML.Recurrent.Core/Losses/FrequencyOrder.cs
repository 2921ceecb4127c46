namespace Microsoft.ML.Recurrent.Losses;

/// <summary>The words of a vocabulary by falling frequency, the order in which <see cref="SampledSoftmaxLoss"/> draws them.</summary>
internal sealed class FrequencyOrder
{
    private readonly int[] _words, _ranks;

    /// <param name="counts">How often each word comes; equally frequent ones keep their order.</param>
    public FrequencyOrder(ReadOnlySpan<long> counts)
    {
        _words = new int[counts.Length];
        _ranks = new int[counts.Length];
        var keys = new (long Count, int Word)[counts.Length];
        for (var word = 0; word < keys.Length; word++) keys[word] = (-counts[word], word);
        Array.Sort(keys);
        for (var rank = 0; rank < keys.Length; rank++) (_words[rank], _ranks[keys[rank].Word]) = (keys[rank].Word, rank);
    }

    /// <summary>Words of the vocabulary.</summary>
    public int Count => _words.Length;

    /// <summary>The word of a rank, 0 being the most frequent one's.</summary>
    public int Word(int rank) => _words[rank];

    /// <summary>The rank of a word.</summary>
    public int Rank(int word) => _ranks[word];
}
