using Microsoft.ML.Recurrent.Tensors;

namespace Microsoft.ML.Recurrent.Losses;

/// <summary>The best path of a conditional random field (Viterbi 1967).</summary>
internal static class CrfDecoder
{
    /// <summary>
    /// Writes the most likely tags of the valid steps of a row to <paramref name="tags"/> and returns the score of the path. Ties go to the lower tags.
    /// </summary>
    public static double Decode(Tensor emissions, int row, ReadOnlySpan<float> transitions, ReadOnlySpan<float> start, ReadOnlySpan<float> end, Span<int> tags)
    {
        var (rows, count, length) = (emissions.Shape[1], emissions.Shape[2], tags.Length);
        var (best, next, from) = (new double[count], new double[count], new int[length * count]);
        var first = emissions.Span.Slice(row * count, count);
        for (var k = 0; k < count; k++) best[k] = start[k] + first[k];
        for (var t = 1; t < length; t++)
        {
            var emission = emissions.Span.Slice((t * rows + row) * count, count);
            for (var k = 0; k < count; k++)
            {
                var (greatest, which) = (double.NegativeInfinity, 0);
                for (var j = 0; j < count; j++)
                {
                    var score = best[j] + transitions[j * count + k];
                    if (score > greatest) (greatest, which) = (score, j);
                }

                (next[k], from[t * count + k]) = (greatest + emission[k], which);
            }

            (best, next) = (next, best);
        }

        var (total, tag) = (double.NegativeInfinity, 0);
        for (var k = 0; k < count; k++)
        {
            if (best[k] + end[k] > total) (total, tag) = (best[k] + end[k], k);
        }

        for (var t = length - 1; t >= 0; t--)
        {
            tags[t] = tag;
            tag = from[t * count + tag];
        }

        return total;
    }
}
