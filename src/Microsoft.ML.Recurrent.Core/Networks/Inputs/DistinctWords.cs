namespace Microsoft.ML.Recurrent.Networks.Inputs;

/// <summary>
/// The different words of a batch by their letters. Most steps of a batch have a word, or the padding, that others have too, so a network over letters reads
/// each of them once.
/// </summary>
internal readonly struct DistinctWords
{
    private DistinctWords(int[] places, int count, int[] letters, int[] lengths) => (Places, Count, Letters, Lengths) = (places, count, letters, lengths);

    /// <summary>Of each word of the batch, the place of its letters among the different ones.</summary>
    public int[] Places { get; }

    /// <summary>The number of different words.</summary>
    public int Count { get; }

    /// <summary>Their letters, letter first: time x <see cref="Count"/>.</summary>
    public int[] Letters { get; }

    /// <summary>Their lengths.</summary>
    public int[] Lengths { get; }

    /// <param name="letters">Letter first: time x words, 0 past the end of a word.</param>
    /// <param name="lengths">The letters of each word.</param>
    /// <param name="time">The letters of the longest word.</param>
    /// <param name="words">The number of words.</param>
    public static DistinctWords Find(int[] letters, int[] lengths, int time, int words)
    {
        var places = new int[words];
        // The first word with each hash, and from there the next one with the same hash: an open table.
        var slots = new int[System.Numerics.BitOperations.RoundUpToPowerOf2((uint)(2 * words + 1))];
        var first = new int[words];
        var count = 0;
        for (var word = 0; word < words; word++)
        {
            var hash = (uint)lengths[word];
            for (var t = 0; t < lengths[word]; t++) hash = (hash ^ (uint)letters[t * words + word]) * 16777619;
            var slot = (hash ^ hash >> 15) & (uint)(slots.Length - 1);
            while (slots[slot] is > 0 and var taken && !AreEqual(first[taken - 1], word)) slot = slot + 1 & (uint)(slots.Length - 1);
            if (slots[slot] == 0)
            {
                first[count++] = word;
                slots[slot] = count;
            }
            places[word] = slots[slot] - 1;
        }
        var (own, ownLengths) = (new int[time * count], new int[count]);
        for (var i = 0; i < count; i++)
        {
            ownLengths[i] = lengths[first[i]];
            for (var t = 0; t < ownLengths[i]; t++) own[t * count + i] = letters[t * words + first[i]];
        }
        return new(places, count, own, ownLengths);

        bool AreEqual(int one, int other)
        {
            if (lengths[one] != lengths[other]) return false;
            for (var t = 0; t < lengths[one]; t++)
                if (letters[t * words + one] != letters[t * words + other]) return false;
            return true;
        }
    }
}
