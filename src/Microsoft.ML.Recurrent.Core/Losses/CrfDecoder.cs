using System.Numerics.Tensors;
using Tensor = Microsoft.ML.Recurrent.Tensors.Tensor;

namespace Microsoft.ML.Recurrent.Losses;

/// <summary>
/// The best path of a conditional random field (Viterbi 1967). It adds in Single and in the order of the exported graph, <c>(score + transition)</c>, the
/// maximum, <c>+ emission</c>, and takes the first of equal tags, so that both find the same path.
/// </summary>
internal static class CrfDecoder
{
    /// <summary>Writes the most likely tags of the valid steps of a row to <paramref name="tags"/> and returns the score of the path.</summary>
    /// <param name="emissions">[time, rows, tags].</param>
    /// <param name="row">The row.</param>
    /// <param name="transitions">The scores of transitions by the later tag, then by the earlier one: [to, from].</param>
    /// <param name="start">[tags], scores of the first tag.</param>
    /// <param name="end">[tags], scores of the last tag.</param>
    /// <param name="tags">Receives as many tags as the row has steps.</param>
    public static float Decode(Tensor emissions, int row, ReadOnlySpan<float> transitions, ReadOnlySpan<float> start, ReadOnlySpan<float> end, Span<int> tags)
    {
        var (rows, count, length) = (emissions.Shape[1], emissions.Shape[2], tags.Length);
        var states = new float[length * count];
        var sums = new float[count];
        TensorPrimitives.Add(start, Emission(0), states.AsSpan(0, count));
        for (var t = 1; t < length; t++)
        {
            var before = states.AsSpan((t - 1) * count, count);
            for (var k = 0; k < count; k++)
            {
                TensorPrimitives.Add(before, transitions.Slice(k * count, count), sums);
                states[t * count + k] = TensorPrimitives.Max<float>(sums) + Emission(t)[k];
            }
        }

        TensorPrimitives.Add(states.AsSpan((length - 1) * count, count), end, sums);
        var (tag, total) = Greatest(sums);
        tags[length - 1] = tag;
        for (var t = length - 1; t > 0; t--)
        {
            TensorPrimitives.Add(states.AsSpan((t - 1) * count, count), transitions.Slice(tag * count, count), sums);
            tags[t - 1] = tag = Greatest(sums).Index;
        }

        return total;

        ReadOnlySpan<float> Emission(int t) => emissions.Span.Slice((t * rows + row) * count, count);
    }

    // The first of equal ones.
    private static (int Index, float Value) Greatest(ReadOnlySpan<float> values)
    {
        var greatest = 0;
        for (var i = 1; i < values.Length; i++)
            if (values[i] > values[greatest]) greatest = i;
        return (greatest, values[greatest]);
    }
}
