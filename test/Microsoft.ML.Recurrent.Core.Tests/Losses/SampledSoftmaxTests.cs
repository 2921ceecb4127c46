using Microsoft.ML.Recurrent.Autograd;
using Microsoft.ML.Recurrent.Losses;
using Microsoft.ML.Recurrent.Tensors;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Recurrent.Core.Tests.Losses;

[TestClass]
public class SampledSoftmaxTests
{
    private const int Vocabulary = 40, Rows = 6, Size = 5;

    // An ignored row, and words that are certainly in the sample.
    private static readonly int[] s_labels = [0, 39, -1, 1, 17, 0];

    [TestMethod]
    [DataRow(8)]
    [DataRow(30)]
    [DataRow(40)]
    public void Gradients_hold(int samples)
    {
        using var weights = Tensor.From(new Shape(Rows), [1, 2, 5, 0.5f, 1, 0]);
        var words = new int[samples];
        var tries = SampledSoftmaxLoss.Sample(words, Vocabulary, 5, 0);
        GradientChecker.Check((tape, x) => [SampledSoftmaxLoss.Apply(tape, x[0], x[1], x[2], s_labels, samples, weights)], x =>
        {
            double Logit(int row, int word) => Enumerable.Range(0, Size).Sum(j => x[0][row * Size + j] * x[1][word * Size + j]) + x[2][word]
                - SampledSoftmaxLoss.LogExpected(word, Vocabulary, tries);
            var rows = Enumerable.Range(0, Rows).Where(row => s_labels[row] >= 0).ToArray();
            return [[rows.Sum(
                row => weights[row] * (Math.Log(words.Where(word => word != s_labels[row]).Append(s_labels[row]).Sum(word => Math.Exp(Logit(row, word))))
                    - Logit(row, s_labels[row])))
                / rows.Sum(row => (double)weights[row])]];
        }, new(2, 3, Size), new(Vocabulary, Size), new(Vocabulary));
    }

    [TestMethod]
    public void Words_are_drawn_once_and_frequent_ones_more_often()
    {
        var counts = new int[Vocabulary];
        double expected = 0;
        for (ulong stream = 0; stream < 2000; stream++)
        {
            var words = new int[8];
            var tries = SampledSoftmaxLoss.Sample(words, Vocabulary, 3, stream);
            Assert.AreEqual(8, words.Distinct().Count());
            foreach (var word in words) counts[word]++;
            expected += Math.Exp(SampledSoftmaxLoss.LogExpected(10, Vocabulary, tries));
        }

        NumberAssert.IsGreaterThan(3 * counts[30], counts[0]);
        Assert.AreEqual(expected, counts[10], 4 * Math.Sqrt(expected), "how often a word comes is as expected");
    }

    [TestMethod]
    public void The_whole_vocabulary_is_the_full_softmax_up_to_the_correction()
    {
        var random = new RandomStream(8);
        float[] Numbers(int count) => [.. GradientChecker.Normal(random, count).Select(v => (float)v)];
        using Tensor states = Tensor.From(new Shape(Rows, Size), Numbers(Rows * Size)),
            weight = Tensor.From(new Shape(Vocabulary, Size), Numbers(Vocabulary * Size)), bias = Tensor.Zeros(new Shape(Vocabulary));
        using var tape = new Tape(4);
        var words = new int[Vocabulary];
        var tries = SampledSoftmaxLoss.Sample(words, Vocabulary, 4, 0);
        CollectionAssert.AreEquivalent(Enumerable.Range(0, Vocabulary).ToArray(), words);
        // With the correction added to the bias, the rest is the plain softmax.
        for (var word = 0; word < Vocabulary; word++) bias[word] = SampledSoftmaxLoss.LogExpected(word, Vocabulary, tries);
        var sampled = SampledSoftmaxLoss.Apply(tape, states, weight, bias, s_labels, Vocabulary)[0];
        bias.Span.Clear();
        var logits = Microsoft.ML.Recurrent.Autograd.Operations.LinearOperation.Apply(tape, states, weight, bias);
        Assert.AreEqual(SoftmaxCrossEntropyLoss.Apply(tape, logits, s_labels)[0], sampled, 1e-5f);
    }

    [TestMethod]
    public void Any_numbering_of_the_words_will_do_with_their_order()
    {
        var random = new RandomStream(8);
        var counts = new long[Vocabulary];
        foreach (ref var count in counts.AsSpan()) count = random.NextInt32(1000);
        counts[3] = counts[30] = 500;
        var order = new FrequencyOrder(counts);
        for (var rank = 1; rank < Vocabulary; rank++)
        {
            Assert.IsTrue(counts[order.Word(rank - 1)] > counts[order.Word(rank)]
                || counts[order.Word(rank - 1)] == counts[order.Word(rank)] && order.Word(rank - 1) < order.Word(rank));
            Assert.AreEqual(rank, order.Rank(order.Word(rank)));
        }

        // The same words, numbered by rank and not.
        var numbers = GradientChecker.Normal(random, Vocabulary * Size).Select(v => (float)v).ToArray();
        var moved = new float[Vocabulary * Size];
        for (var rank = 0; rank < Vocabulary; rank++) numbers.AsSpan(rank * Size, Size).CopyTo(moved.AsSpan(order.Word(rank) * Size));
        using Tensor states = Tensor.From(new Shape(Rows, Size), numbers[..(Rows * Size)]), weight = Tensor.From(new Shape(Vocabulary, Size), numbers),
            other = Tensor.From(new Shape(Vocabulary, Size), moved),
            bias = Tensor.Zeros(new Shape(Vocabulary));
        using Tape tape = new(4), second = new(4);
        var labels = s_labels.Select(label => label < 0 ? label : order.Word(label)).ToArray();
        Assert.AreEqual(SampledSoftmaxLoss.Apply(tape, states, weight, bias, s_labels, 8)[0],
            SampledSoftmaxLoss.Apply(second, states, other, bias, labels, 8, order: order)[0]);
        Assert.Throws<ArgumentException>(() => SampledSoftmaxLoss.Apply(tape, states, weight, bias, s_labels, 8, order: new FrequencyOrder([1, 2])));
    }

    [TestMethod]
    public void Bad_arguments_are_refused()
    {
        using var tape = new Tape();
        using Tensor states = Tensor.Zeros(new Shape(2, 3)), weight = Tensor.Zeros(new Shape(5, 3)), bias = Tensor.Zeros(new Shape(5));
        Assert.Throws<ArgumentException>(() => SampledSoftmaxLoss.Apply(tape, states, weight, bias, [1], 2));
        Assert.Throws<ArgumentOutOfRangeException>(() => SampledSoftmaxLoss.Apply(tape, states, weight, bias, [1, 5], 2));
        Assert.Throws<ArgumentOutOfRangeException>(() => SampledSoftmaxLoss.Apply(tape, states, weight, bias, [1, 2], 6));
        using var narrow = Tensor.Zeros(new Shape(5, 2));
        Assert.Throws<ArgumentException>(() => SampledSoftmaxLoss.Apply(tape, states, narrow, bias, [1, 2], 2));
    }
}
