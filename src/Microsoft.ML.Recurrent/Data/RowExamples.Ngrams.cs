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
        var seen = 0;
        foreach (var example in examples)
        {
            if (WeightOf(example) == 0) continue;
            var places = Ngrams(example, length, int.MaxValue);
            different.UnionWith(places);
            seen += places.Length;
            if (different.Count >= most || seen >= MostNgrams) break;
        }
        return Math.Min(different.Count, most);
    }

    /// <summary>
    /// Lets the weights of a path over n-grams begin at those of naive Bayes (Wang and Manning 2012): of each n-gram, the logarithm of how much more likely
    /// than in all rows an output is in those that have it. An output that none or all of the rows have begins at 0.
    /// </summary>
    /// <param name="path">The path.</param>
    /// <param name="length">The most tokens of an n-gram.</param>
    /// <param name="examples">The examples; the ids of their tokens are the codes of the path.</param>
    public void StartNgrams(NgramPath path, int length, ReadOnlySpan<int> examples)
    {
        var (rows, outputs) = (path.Weight.Shape[0], path.Weight.Shape[1]);
        var (counts, totals, all) = (new float[rows], new double[outputs], 0.0);
        var weights = path.Weight.Value.Span;
        weights.Clear();
        foreach (var example in examples)
        {
            var (labels, weight) = (OutputsOf(example, outputs), WeightOf(example));
            all += weight;
            for (var k = 0; k < outputs; k++) totals[k] += weight * labels[k];
            foreach (var place in Ngrams(example, length, rows).Distinct())
            {
                counts[place] += weight;
                for (var k = 0; k < outputs; k++) weights[place * outputs + k] += weight * labels[k];
            }
        }
        // Each n-gram is seen once more for each class, as often with each output as all rows.
        var more = Math.Max(2, outputs);
        for (var place = 0; place < rows; place++)
        {
            for (var k = 0; k < outputs && counts[place] > 0; k++)
            {
                var share = totals[k] / all;
                var own = (weights[place * outputs + k] + more * share) / (counts[place] + more);
                weights[place * outputs + k] = share is <= 0 or >= 1 ? 0
                    : (float)(Math.Log(own / share) - (HasClasses ? 0 : Math.Log((1 - own) / (1 - share))));
            }
        }
    }

    private bool HasClasses => _columns.LabelRole is LabelRole.Key;

    private int[] Ngrams(int example, int length, int rows)
    {
        var ids = TokensOf(_tokenPlaces[0].Places, example);
        var (symbols, places) = (new int[ids.Length + 2], new int[NgramHash.Count(ids.Length, length)]);
        symbols[0] = symbols[^1] = NgramHash.Boundary;
        for (var i = 0; i < ids.Length; i++) symbols[i + 1] = ids[i] + NgramHash.FirstCode;
        NgramHash.Write(symbols, length, rows, places);
        return places;
    }

    // 1 for each class or label that the row has.
    private float[] OutputsOf(int example, int outputs)
    {
        var labels = new float[outputs];
        if (HasClasses) labels[_labels[example]] = 1;
        else if (_labels.Count > 0) labels[0] = _labels[example];
        else for (var k = 0; k < outputs; k++) labels[k] = Targets(example)[k] > 0.5f ? 1 : 0;
        return labels;
    }
}
