namespace Microsoft.ML.Recurrent.Translation.Metrics;

/// <summary>Counts chrF over a corpus (Popovic 2015), with the nearest reference of each text.</summary>
internal sealed class ChrfCounter
{
    private const int Orders = 6;

    // Recall counts twice as much as precision, squared.
    private const double Factor = 4;

    private readonly Counts[] _sums = new Counts[Orders];

    public void Add(int[] translation, IReadOnlyList<int[]> references)
    {
        var own = Letters(translation);
        var (best, bestScore) = (default(Counts[]), -1.0);
        foreach (var reference in references)
        {
            var counts = Compare(own, Letters(reference));
            var score = Score(counts);
            if (score > bestScore) (best, bestScore) = (counts, score);
        }
        for (var i = 0; i < Orders; i++) _sums[i] += best![i];
    }

    public double Score() => Score(_sums);

    private static double Score(Counts[] counts)
    {
        var (precision, recall, orders) = (0.0, 0.0, 0);
        foreach (var (own, wanted, matches) in counts)
        {
            if (own == 0 || wanted == 0) continue;
            precision += (double)matches / own;
            recall += (double)matches / wanted;
            orders++;
        }
        if (orders == 0 || precision + recall == 0) return 0;
        (precision, recall) = (precision / orders, recall / orders);
        return 100 * (1 + Factor) * precision * recall / (Factor * precision + recall);
    }

    private static Counts[] Compare(string own, string wanted)
    {
        var counts = new Counts[Orders];
        for (var order = 1; order <= Orders; order++)
        {
            var (mine, theirs) = (Grams(own, order), Grams(wanted, order));
            long matches = 0, total = 0, reference = 0;
            foreach (var (gram, count) in mine) (total, matches) = (total + count, matches + Math.Min(count, theirs.GetValueOrDefault(gram)));
            foreach (var count in theirs.Values) reference += count;
            // An order that the reference is too short for is left out.
            counts[order - 1] = new(reference > 0 ? total : 0, reference, matches);
        }
        return counts;
    }

    // Two chars a code point, so that no n-gram begins or ends inside one beyond 16 bits.
    private static string Letters(int[] codePoints)
    {
        var letters = new char[2 * codePoints.Length];
        for (var i = 0; i < codePoints.Length; i++) (letters[2 * i], letters[2 * i + 1]) = ((char)(codePoints[i] >> 16), (char)codePoints[i]);
        return new(letters);
    }

    private static Dictionary<string, int> Grams(string letters, int order)
    {
        var grams = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var i = 0; i + 2 * order <= letters.Length; i += 2)
        {
            var gram = letters.Substring(i, 2 * order);
            grams[gram] = grams.GetValueOrDefault(gram) + 1;
        }
        return grams;
    }

    /// <param name="Own">N-grams of the translation.</param>
    /// <param name="Wanted">N-grams of the reference.</param>
    /// <param name="Matches">N-grams of both.</param>
    private readonly record struct Counts(long Own, long Wanted, long Matches)
    {
        public static Counts operator +(Counts a, Counts b) => new(a.Own + b.Own, a.Wanted + b.Wanted, a.Matches + b.Matches);
    }
}
