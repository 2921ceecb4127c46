using Microsoft.ML.Recurrent.Networks;

namespace Microsoft.ML.Recurrent.Data;

/// <content>The n-grams of tokens.</content>
internal sealed partial class RowExamples
{
    // Of more, those of the first rows tell enough.
    private const int MostNgrams = 1 << 22;

    /// <summary>Counts the different n-grams of the first column, at most <paramref name="most"/>.</summary>
    /// <param name="examples">The examples.</param>
    /// <param name="length">The most tokens of an n-gram.</param>
    /// <param name="most">The count ends there.</param>
    public int CountNgrams(ReadOnlySpan<int> examples, int length, int most)
    {
        HashSet<int> different = [];
        int[] symbols = [], places = [];
        var seen = 0;
        foreach (var example in examples)
        {
            var ids = TokensOf(_tokenPlaces[0].Places, example);
            var count = NgramHash.Count(ids.Length, length);
            if (symbols.Length < ids.Length + 2) symbols = new int[ids.Length + 2];
            if (places.Length < count) places = new int[count];
            symbols[0] = symbols[ids.Length + 1] = NgramHash.Boundary;
            for (var i = 0; i < ids.Length; i++) symbols[i + 1] = ids[i] + NgramHash.FirstCode;
            NgramHash.Write(symbols.AsSpan(0, ids.Length + 2), length, int.MaxValue, places);
            foreach (var place in places.AsSpan(0, count)) different.Add(place);
            seen += count;
            if (different.Count >= most || seen >= MostNgrams) break;
        }
        return Math.Min(different.Count, most);
    }
}
