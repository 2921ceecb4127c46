using Microsoft.ML.Recurrent.Autograd;
using Microsoft.ML.Recurrent.Autograd.Operations;
using Microsoft.ML.Recurrent.Kernels;
using Microsoft.ML.Recurrent.Tensors;
using TensorPrimitives = System.Numerics.Tensors.TensorPrimitives;

namespace Microsoft.ML.Recurrent.Losses;

/// <summary>
/// Adaptive softmax over a large vocabulary (Grave et al. 2017): the head has the frequent words and one more output for each cluster of rarer ones. The
/// probability of a rare word is that of its cluster times that of the word within it. The outputs of a cluster are computed only for the rows whose word is in
/// it, from a smaller projection of their states. The probabilities are exact: they add up to 1.
/// </summary>
/// <remarks>Words have places: those of the head first, from 0 on, then those of each cluster.</remarks>
internal static class AdaptiveSoftmaxLoss
{
    /// <summary>The mean of -log p over rows, [1]; rows with a negative place are ignored.</summary>
    /// <param name="tape">Records the loss.</param>
    /// <param name="states">[..., n]; all axes but the last are row axes.</param>
    /// <param name="weight">[words of the head + clusters, n].</param>
    /// <param name="bias">[words of the head + clusters].</param>
    /// <param name="tails">The clusters.</param>
    /// <param name="places">The place of each row's word; negative for none.</param>
    /// <exception cref="ArgumentException">Shapes do not fit, or a place is not in the vocabulary.</exception>
    public static Tensor Apply(Tape tape, Tensor states, Tensor weight, Tensor bias, IReadOnlyList<SoftmaxTail> tails, ReadOnlySpan<int> places)
    {
        var rows = states.Shape.Rows;
        var first = FirstWords(weight, tails);
        if (places.Length < rows) throw new ArgumentException($"There are {rows} rows but {places.Length} places of words.", nameof(places));
        int[] targets = tape.RentIntegers(rows), members = tape.RentIntegers(rows), words = tape.RentIntegers(rows);
        var counted = 0;
        for (var row = 0; row < rows; row++)
        {
            if (places[row] >= first[^1])
                throw new ArgumentOutOfRangeException(nameof(places), places[row], $"The places of the vocabulary are 0 to {first[^1] - 1}.");
            targets[row] = places[row] < first[0] ? places[row] : first[0] + ClusterOf(places[row], first);
            if (places[row] >= 0) counted++;
        }

        var loss = SoftmaxCrossEntropyLoss.Apply(tape, LinearOperation.Apply(tape, states, weight, bias), targets.AsSpan(0, rows), inPlace: true);
        for (var cluster = 0; cluster < tails.Count; cluster++)
        {
            var count = 0;
            for (var row = 0; row < rows; row++)
            {
                if (targets[row] != first[0] + cluster) continue;
                (members[count], words[count]) = (row, places[row] - first[cluster]);
                count++;
            }
            if (count == 0) continue;
            var own = RowsOperation.Apply(tape, states, members.AsSpan(0, count));
            var logits = Logits(tape, own, tails[cluster]);
            loss = AddScaledOperation.Apply(tape, loss, SoftmaxCrossEntropyLoss.Apply(tape, logits, words.AsSpan(0, count), inPlace: true), 1,
                (float)count / counted);
        }
        return loss;
    }

    /// <summary>The log-probabilities of all words, [..., vocabulary]. For inference: they have no gradient.</summary>
    /// <param name="tape">The tape, which must not record.</param>
    /// <param name="states">[..., n].</param>
    /// <param name="weight">[words of the head + clusters, n].</param>
    /// <param name="bias">[words of the head + clusters].</param>
    /// <param name="tails">The clusters.</param>
    /// <param name="words">The word at each place: the order of the result is that of the words.</param>
    public static Tensor LogProbabilities(Tape tape, Tensor states, Tensor weight, Tensor bias, IReadOnlyList<SoftmaxTail> tails, ReadOnlySpan<int> words)
    {
        if (tape.WillRecord(states, weight, bias))
            throw new NotSupportedException("The log-probabilities of an adaptive softmax have no gradient: learn from its loss.");
        var first = FirstWords(weight, tails);
        var (rows, vocabulary) = (states.Shape.Rows, first[^1]);
        var result = tape.Rent(states.Shape.WithColumns(vocabulary));
        var head = LinearOperation.Apply(tape, states, weight, bias);
        Tensor[] inner = [.. tails.Select(tail => Logits(tape, states, tail))];
        for (var row = 0; row < rows; row++)
        {
            var to = result.Span.Slice(row * vocabulary, vocabulary);
            var outer = Row(head, row);
            RowSoftmax.ApplyLog(outer, outer);
            for (var place = 0; place < first[0]; place++) to[words[place]] = outer[place];
            for (var cluster = 0; cluster < inner.Length; cluster++)
            {
                var own = Row(inner[cluster], row);
                RowSoftmax.ApplyLog(own, own);
                TensorPrimitives.Add(own, outer[first[0] + cluster], own);
                for (var word = 0; word < own.Length; word++) to[words[first[cluster] + word]] = own[word];
            }
        }
        return result;

        static Span<float> Row(Tensor values, int row) => values.Span.Slice(row * values.Shape.Columns, values.Shape.Columns);
    }

    private static Tensor Logits(Tape tape, Tensor states, SoftmaxTail tail) =>
        LinearOperation.Apply(tape, LinearOperation.Apply(tape, states, tail.Projection), tail.Weight);

    // The first place of each cluster, then the size of the vocabulary.
    private static int[] FirstWords(Tensor weight, IReadOnlyList<SoftmaxTail> tails)
    {
        var first = new int[tails.Count + 1];
        first[0] = weight.Shape[0] - tails.Count;
        for (var cluster = 0; cluster < tails.Count; cluster++) first[cluster + 1] = first[cluster] + tails[cluster].Weight.Shape[0];
        return first;
    }

    private static int ClusterOf(int place, int[] first)
    {
        var cluster = 0;
        while (place >= first[cluster + 1]) cluster++;
        return cluster;
    }
}
