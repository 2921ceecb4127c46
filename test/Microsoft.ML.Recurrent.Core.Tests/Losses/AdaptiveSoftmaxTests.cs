using Microsoft.ML.Recurrent.Autograd;
using Microsoft.ML.Recurrent.Losses;
using Microsoft.ML.Recurrent.Tensors;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Recurrent.Core.Tests.Losses;

[TestClass]
public class AdaptiveSoftmaxTests
{
    private const int Rows = 5, Size = 6, Vocabulary = 20, Head = 5, FirstEnd = 11;

    private static readonly int[] s_labels = [0, 4, 7, 19, 12];

    // The head's weight and bias, then of each cluster its projection and its weight.
    private static readonly Shape[] s_shapes =
        [new(Rows, Size), new(Head + 2, Size), new(Head + 2), new(3, Size), new(FirstEnd - Head, 3), new(1, Size), new(Vocabulary - FirstEnd, 1)];

    /// <summary>
    /// By PyTorch's <c>AdaptiveLogSoftmaxWithLoss(6, 20, [5, 11], div_value=2, head_bias=True)</c> in double precision: element i of the k-th operand, from 0
    /// on, is sin(0.7 i + k).
    /// </summary>
    [TestMethod]
    public void Agrees_with_PyTorch()
    {
        double[] logProbabilities =
        [
            -0.6112791, -6.163164, -2.631236, -2.256755, -7.568453, -7.100864, -9.052663, -3.928969, -7.150524, -9.021439, -3.910836, -4.46684, -6.622638,
            -8.178552, -8.402812, -7.189945, -5.110381, -3.142172, -2.210996, -2.754802,
        ];
        double[][] gradients =
        [
            [
                -0.07684124, -0.06336381, -0.02008539, 0.0326395, 0.07001353, 0.07445909, 0.03652171, -0.01502854, -0.05951064, -0.07600395, -0.05675142,
                -0.01080781, 0.1443845, 0.2874209, 0.2952786, 0.1642623, -0.04400921, -0.2315825, -0.2602673, -0.1599817, 0.01554585, 0.1837619, 0.2655519,
                0.2224487, -0.391296, -0.3216437, -0.1007172, 0.1675781, 0.3570588, 0.3786092,
            ],
            [
                0.09524861, 0.04307506, -0.02935736, -0.08798256, -0.1052282, -0.07298335, -0.2284236, -0.2124077, -0.0964931, 0.06480372, 0.1956223, 0.2344367,
                -0.0284694, -0.03996733, -0.03266801, -0.01000441, 0.01736442, 0.03656649, 0.01830308, 0.02959296, 0.02696481, 0.01165469, -0.009136812,
                -0.02563113, 0.1242351, 0.1516085, 0.1076781, 0.01310498, -0.08763161, -0.1471537, -0.19289, -0.0930086, 0.0506162, 0.1704354, 0.2100962,
                0.1509454, 0.2119963, 0.1211071, -0.02674063, -0.1620118, -0.2210863, -0.1761805,
            ],
            [0.1206169, 0.327515, 0.06214413, 0.05635522, -0.1254755, -0.1577652, -0.2833904],
            [
                -0.01284564, -0.004796429, 0.005508618, 0.01322288, 0.01471821, 0.009291338, -0.0111418, -0.004160233, 0.004777958, 0.011469, 0.01276599,
                0.008058939, -0.004197798, -0.001567414, 0.001800149, 0.004321074, 0.00480973, 0.003036295,
            ],
            [
                0.005703099, 0.006916897, -0.01248527, 0.0008099451, 0.0009823268, -0.001773138, -0.1512987, -0.1834998, 0.3312242, 0.005426801, 0.006581794,
                -0.01188039, 0.0008356338, 0.001013483, -0.001829376, 0.1385232, 0.1680053, -0.303256,
            ],
            [-0.06286383, 0.05531057, 0.1474715, 0.1702743, 0.1129945, 0.002571519],
            [0.01321317, -0.5109653, 0.1978145, 0.2400262, 0.08612307, 0.01892183, 0.007698922, 0.006015969, -0.05884844],
        ];
        using var tape = new Tape { Training = true };
        var x = s_shapes.Select((shape, k) =>
            Tape.Watch(Tensor.From(shape, [.. Enumerable.Range(0, shape.Length).Select(i => (float)Math.Sin(0.7 * i + k))]))).ToArray();
        using (var reading = new Tape { Recording = false })
        {
            var all = AdaptiveSoftmaxLoss.LogProbabilities(reading, x[0], x[1], x[2], Tails(x), [.. Enumerable.Range(0, Vocabulary)]);
            GoldenVectors.AssertClose(logProbabilities, all.Span.Slice(2 * Vocabulary, Vocabulary), "log-probabilities");
        }
        var loss = AdaptiveSoftmaxLoss.Apply(tape, x[0], x[1], x[2], Tails(x), s_labels);
        Assert.AreEqual(4.016552131047855, loss[0], 1e-5);
        tape.Backward(loss);
        for (var k = 0; k < x.Length; k++) GoldenVectors.AssertClose(gradients[k], x[k].Gradient!.Span, $"gradient of operand {k}", gradient: true);
        foreach (var tensor in x) tensor.Dispose();
    }

    /// <summary>A row without a label, a row axis more, and a cluster that no row needs.</summary>
    [TestMethod]
    [DataRow(new[] { 0, -1, 7, 19, 12, 3 })]
    [DataRow(new[] { 0, -1, 2, 19, 12, 3 })]
    [DataRow(new[] { 0, -1, 2, 4, 1, 3 })]
    public void Gradients_hold(int[] labels) => GradientChecker.Check(
        (tape, x) => [AdaptiveSoftmaxLoss.Apply(tape, x[0], x[1], x[2], Tails(x), labels)],
        x => [[labels.Select((label, row) => (label, row)).Where(pair => pair.label >= 0).Average(pair => -LogProbability(x, pair.row, pair.label))]],
        [new Shape(2, 3, Size), .. s_shapes[1..]]);

    [TestMethod]
    public void Probabilities_add_up_to_one_in_any_order_of_words()
    {
        var random = new RandomStream(8);
        var x = s_shapes.Select(shape => Tensor.From(shape, [.. GradientChecker.Normal(random, shape.Length).Select(v => (float)v)])).ToArray();
        using var tape = new Tape { Recording = false };
        var words = Enumerable.Range(0, Vocabulary).Reverse().ToArray();
        var all = AdaptiveSoftmaxLoss.LogProbabilities(tape, x[0], x[1], x[2], Tails(x), words);
        for (var row = 0; row < Rows; row++)
        {
            var values = all.Span.Slice(row * Vocabulary, Vocabulary).ToArray();
            Assert.AreEqual(1, values.Sum(value => Math.Exp(value)), 1e-5);
            var own = Enumerable.Repeat(-1, Rows).ToArray();
            own[row] = s_labels[row];
            Assert.AreEqual(-values[words[s_labels[row]]], AdaptiveSoftmaxLoss.Apply(tape, x[0], x[1], x[2], Tails(x), own)[0], 1e-5f);
        }
        foreach (var tensor in x) tensor.Dispose();
    }

    [TestMethod]
    public void The_cutoffs_cost_less_than_any_others()
    {
        const int size = 100, vocabulary = 50_000;
        var counts = Enumerable.Range(1, vocabulary).Select(rank => 10_000_000L / rank).ToArray();
        var chosen = AdaptiveCutoffs.Choose(counts, size, 4);
        var least = Cost(chosen);
        NumberAssert.IsLessThan(0.05 * size * vocabulary, least, string.Join(", ", chosen));
        NumberAssert.IsGreaterThan(1, chosen.Length);
        var random = new RandomStream(5);
        var tried = 0;
        while (tried < 300)
        {
            // Anywhere, and near those that were chosen; the candidates are not all numbers.
            int[] other = tried % 2 == 0
                ? [.. Enumerable.Range(0, 1 + random.NextInt32(4)).Select(_ => 1 + random.NextInt32(vocabulary - 1)).Order()]
                : [.. chosen.Select(cutoff => (int)(cutoff * (0.7 + 0.6 * random.NextDouble()))).Order()];
            if (other[0] < AdaptiveCutoffs.HeadWordsPerNumber * size
                || other.Zip(other.Skip(1).Append(vocabulary)).Any(pair => pair.Second < 2 * pair.First)) continue;
            NumberAssert.IsLessThan(1.03 * Cost(other), least, $"{string.Join(", ", other)} against {string.Join(", ", chosen)}");
            tried++;
        }
        Assert.IsEmpty(AdaptiveCutoffs.Choose(counts.AsSpan(0, 500), size, 4), "a few words need no clusters");

        double Cost(int[] cutoffs)
        {
            var (cost, total) = ((double)size * (cutoffs[0] + cutoffs.Length), counts.Sum());
            for (var i = 0; i < cutoffs.Length; i++)
            {
                var end = i + 1 < cutoffs.Length ? cutoffs[i + 1] : vocabulary;
                cost += (double)counts[cutoffs[i]..end].Sum() / total * Math.Max(1, (int)(size / Math.Pow(4, i + 1))) * (size + end - cutoffs[i]);
            }
            return cost;
        }
    }

    [TestMethod]
    public void Bad_arguments_are_refused()
    {
        var x = s_shapes.Select(Tensor.Zeros).ToArray();
        using var tape = new Tape();
        Assert.Throws<ArgumentException>(() => AdaptiveSoftmaxLoss.Apply(tape, x[0], x[1], x[2], Tails(x), [1]));
        Assert.Throws<ArgumentOutOfRangeException>(() => AdaptiveSoftmaxLoss.Apply(tape, x[0], x[1], x[2], Tails(x), [1, 2, 3, 4, Vocabulary]));
        Tape.Watch(x[0]);
        Assert.Throws<NotSupportedException>(() => AdaptiveSoftmaxLoss.LogProbabilities(tape, x[0], x[1], x[2], Tails(x), s_labels));
        foreach (var tensor in x) tensor.Dispose();
    }

    private static SoftmaxTail[] Tails(Tensor[] x) => [new(x[3], x[4]), new(x[5], x[6])];

    private static double LogProbability(double[][] x, int row, int word)
    {
        var state = x[0][(row * Size)..((row + 1) * Size)];
        var head = Product(x[1], state, x[2]);
        if (word < Head) return LogSoftmax(head)[word];
        var cluster = word < FirstEnd ? 0 : 1;
        var inner = LogSoftmax(Product(x[4 + 2 * cluster], Product(x[3 + 2 * cluster], state)));
        return LogSoftmax(head)[Head + cluster] + inner[word - (cluster == 0 ? Head : FirstEnd)];
    }

    private static double[] Product(double[] matrix, double[] vector, double[]? bias = null) =>
        [.. Enumerable.Range(0, matrix.Length / vector.Length).Select(row => vector.Select((v, i) => v * matrix[row * vector.Length + i]).Sum()
            + (bias?[row] ?? 0))];

    private static double[] LogSoftmax(double[] logits)
    {
        var sum = Math.Log(logits.Sum(Math.Exp));
        return [.. logits.Select(logit => logit - sum)];
    }
}
