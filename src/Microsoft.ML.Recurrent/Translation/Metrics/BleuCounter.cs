using System.Collections.Immutable;

namespace Microsoft.ML.Recurrent.Translation.Metrics;

/// <summary>Counts BLEU over a corpus (Papineni et al. 2002).</summary>
internal sealed class BleuCounter
{
    private const int Orders = 4;

    private readonly long[] _matches = new long[Orders], _totals = new long[Orders];

    public long Tokens { get; private set; }

    public long ReferenceTokens { get; private set; }

    public void Add(string[] translation, IReadOnlyList<string[]> references)
    {
        Tokens += translation.Length;
        // Of two references equally near in length, the shorter one.
        ReferenceTokens += references.OrderBy(reference => Math.Abs(reference.Length - translation.Length)).ThenBy(reference => reference.Length)
            .First().Length;
        for (var order = 1; order <= Orders; order++)
        {
            var wanted = new Dictionary<string, int>(StringComparer.Ordinal);
            foreach (var reference in references)
            {
                foreach (var (gram, count) in Grams(reference, order))
                    if (count > wanted.GetValueOrDefault(gram)) wanted[gram] = count;
            }
            foreach (var (gram, count) in Grams(translation, order)) _matches[order - 1] += Math.Min(count, wanted.GetValueOrDefault(gram));
            _totals[order - 1] += Math.Max(0, translation.Length - order + 1);
        }
    }

    /// <summary>The score, the precisions and the brevity penalty.</summary>
    public (double Score, ImmutableArray<double> Precisions, double BrevityPenalty) Score(bool useEffectiveOrder)
    {
        var precisions = new double[Orders];
        var penalty = Tokens == 0 ? 0 : Tokens >= ReferenceTokens ? 1 : Math.Exp(1 - (double)ReferenceTokens / Tokens);
        if (_matches.All(count => count == 0)) return (0, [.. precisions], penalty);
        var (smoothing, logarithms, orders) = (1.0, 0.0, 0);
        for (; orders < Orders && _totals[orders] > 0; orders++)
        {
            precisions[orders] = 100 * (_matches[orders] > 0 ? _matches[orders] : 1 / (smoothing *= 2)) / _totals[orders];
            logarithms += Math.Log(precisions[orders]);
        }
        if (orders < Orders && !useEffectiveOrder) return (0, [.. precisions], penalty);
        return (penalty * Math.Exp(logarithms / orders), [.. precisions], penalty);
    }

    // Tokens hold no white space, so that joined ones cannot be mistaken for others.
    private static Dictionary<string, int> Grams(string[] tokens, int order)
    {
        var grams = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var i = 0; i + order <= tokens.Length; i++)
        {
            var gram = order == 1 ? tokens[i] : string.Join(' ', tokens, i, order);
            grams[gram] = grams.GetValueOrDefault(gram) + 1;
        }
        return grams;
    }
}
