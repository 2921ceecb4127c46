using Microsoft.ML.Recurrent.Autograd;
using Microsoft.ML.Recurrent.Autograd.Operations;
using Microsoft.ML.Recurrent.Losses;
using Microsoft.ML.Recurrent.Optimizers;
using Microsoft.ML.Recurrent.Tensors;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Recurrent.Core.Tests.Autograd;

/// <summary>Sparse row gradients of tables equal dense ones, and only the touched rows are cleared, measured and updated.</summary>
[TestClass]
public class RowGradientTests
{
    private const int Words = 50, Size = 7;

    private static readonly int[][] s_steps = [[3, 9, 3, 41], [9, 0, 12, 12], [49, 48, 3, 1], [5, 5, 5, 5]];

    [TestMethod]
    public void A_step_leaves_nothing_of_the_one_before()
    {
        using var table = Table();
        using var tape = new Tape();
        foreach (var words in s_steps)
        {
            Backward(tape, table, words);
            Assert.IsTrue(table.TryGetRows(out var gradient, out var rows));
            CollectionAssert.AreEqual(words.Distinct().ToArray(), rows.ToArray());
            CollectionAssert.AreEqual(Expected(words), gradient.Span.ToArray());
            table.ZeroGradient();
        }
    }

    [TestMethod]
    public void Several_backward_passes_add_up()
    {
        using var table = Table();
        using var tape = new Tape();
        foreach (var words in s_steps) Backward(tape, table, words);
        Assert.IsTrue(table.TryGetRows(out var gradient, out var rows));
        CollectionAssert.AreEquivalent(s_steps.SelectMany(words => words).Distinct().ToArray(), rows.ToArray());
        CollectionAssert.AreEqual(s_steps.Select(Expected).Aggregate((a, b) => [.. a.Zip(b, (x, y) => x + y)]), gradient.Span.ToArray());
    }

    [TestMethod]
    public void What_is_written_by_hand_is_seen_and_forgotten()
    {
        using var table = Table();
        using var tape = new Tape();
        Backward(tape, table, s_steps[0]);
        table.Gradient.Span.Fill(1);
        Assert.IsFalse(table.TryGetRows(out _, out _));
        Assert.AreEqual(Math.Sqrt(Words * Size), GradientClipping.Norm(table), 1e-6);

        table.ZeroGradient();
        Assert.IsFalse(table.TryGetRows(out _, out _));
        Backward(tape, table, s_steps[1]);
        Assert.IsTrue(table.TryGetRows(out var gradient, out _));
        CollectionAssert.AreEqual(Expected(s_steps[1]), gradient.Span.ToArray());
    }

    [TestMethod]
    public void A_head_tied_to_the_table_touches_all_of_it()
    {
        using var table = Table();
        using var tape = new Tape();
        for (var step = 0; step < 3; step++)
        {
            // The head precedes the table in the second pass and follows it in the others, so the backward passes meet in either order.
            var words = s_steps[step];
            var x = step == 1 ? null : EmbeddingOperation.Apply(tape, table.Value, words, new Shape(words.Length, Size));
            var states = x ?? tape.Keep(Tensor.Zeros(new Shape(words.Length, Size)));
            var logits = LinearOperation.Apply(tape, states, table.Value);
            Tape.GradientOf(logits)!.Span.Fill(0.5f);
            if (x is null)
            {
                x = EmbeddingOperation.Apply(tape, table.Value, words, new Shape(words.Length, Size));
                Tape.GradientOf(x)!.Span.Fill(1);
            }

            var expected = new double[Words * Size];
            for (var i = 0; i < words.Length * Size; i++)
            {
                for (var word = 0; word < Words; word++) expected[word * Size + i % Size] += 0.5 * states[i];
                expected[words[i / Size] * Size + i % Size] += step == 1
                    ? 1
                    : Enumerable.Range(0, Words).Sum(word => 0.5 * table.Value[word * Size + i % Size]);
            }

            table.ZeroGradient();
            tape.Backward();
            tape.Reset();
            Assert.IsFalse(table.TryGetRows(out _, out _));
            var actual = table.GradientToRead.Span.ToArray();
            for (var i = 0; i < actual.Length; i++) Assert.AreEqual(expected[i], actual[i], 1e-4);
        }
    }

    [TestMethod]
    public void A_sampled_softmax_touches_its_words_alone()
    {
        using var table = Table();
        using var bias = new Parameter("bias", new Shape(Words));
        using var states = Tensor.Zeros(new Shape(2, Size));
        states.Span.Fill(1);
        using var tape = new Tape(4);
        for (var step = 0; step < 3; step++)
        {
            table.ZeroGradient();
            bias.ZeroGradient();
            tape.Backward(SampledSoftmaxLoss.Apply(tape, states, table.Value, bias.Value, [40 + step, 47], 5));
            tape.Reset();
            Assert.IsTrue(table.TryGetRows(out var gradient, out var rows));
            NumberAssert.IsLessThanOrEqualTo(7, rows.Length);
            for (var word = 0; word < Words; word++)
                Assert.AreEqual(rows.Contains(word), gradient.Span.Slice(word * Size, Size).ContainsAnyExcept(0), $"word {word} in step {step}");
        }
    }

    [TestMethod]
    [DataRow(OptimizerKind.Sgd, 0f, 0f)]
    [DataRow(OptimizerKind.Sgd, 0.9f, 0f)]
    [DataRow(OptimizerKind.Sgd, 0f, 0.1f)]
    [DataRow(OptimizerKind.Nesterov, 0.9f, 0.1f)]
    [DataRow(OptimizerKind.Adam, 0f, 0f)]
    [DataRow(OptimizerKind.AdamW, 0f, 0.1f)]
    [DataRow(OptimizerKind.AmsGrad, 0f, 0f)]
    [DataRow(OptimizerKind.NAdam, 0f, 0f)]
    [DataRow(OptimizerKind.Adamax, 0f, 0f)]
    [DataRow(OptimizerKind.Adagrad, 0f, 0f)]
    [DataRow(OptimizerKind.Adagrad, 0f, 0.1f)]
    [DataRow(OptimizerKind.RmsProp, 0.9f, 0f)]
    [DataRow(OptimizerKind.Adadelta, 0f, 0f)]
    public void Updates_have_the_bits_of_whole_tables(OptimizerKind kind, float momentum, float decay)
    {
        var (rows, whole) = (Train(asWhole: false), Train(asWhole: true));
        CollectionAssert.AreEqual(whole, rows);

        float[] Train(bool asWhole)
        {
            using var table = Table();
            using var tape = new Tape();
            using var optimizer = Optimizer.Create(kind, momentum, decay);
            for (var step = 0; step < 8; step++)
            {
                table.ZeroGradient();
                Backward(tape, table, s_steps[step % s_steps.Length]);
                if (asWhole) Assert.HasCount(Words * Size, table.Gradient.Span.ToArray());
                Assert.AreEqual(!asWhole, table.TryGetRows(out _, out _));
                optimizer.Step([table], 0.05f, 0.7f);
            }

            return [.. table.Value.Span, .. optimizer.Slots(table).SelectMany(slot => slot.Span.ToArray())];
        }
    }

    [TestMethod]
    public void The_norm_is_that_of_the_whole_table()
    {
        using var table = Table();
        using var tape = new Tape();
        Backward(tape, table, s_steps[0]);
        var norm = GradientClipping.GlobalNorm([table]);
        Assert.IsTrue(table.TryGetRows(out _, out _), "measuring leaves what is known of the rows");
        Assert.AreEqual(Math.Sqrt(Expected(s_steps[0]).Sum(x => (double)x * x)), norm, 1e-5);
    }

    [TestMethod]
    public void Padding_touches_nothing()
    {
        using var table = Table();
        using var tape = new Tape();
        var x = EmbeddingOperation.Apply(tape, table.Value, [4, 0, 4], new Shape(3, Size), paddingIndex: 0);
        Tape.GradientOf(x)!.Span.Fill(1);
        tape.Backward();
        Assert.IsTrue(table.TryGetRows(out _, out var rows));
        CollectionAssert.AreEqual(new[] { 4 }, rows.ToArray());
    }

    private static Parameter Table()
    {
        var table = new Parameter("table", new Shape(Words, Size));
        new RandomStream(6).FillGaussian(table.Value.Span);
        return table;
    }

    // The gradient of the i-th value read is i + 1.
    private static void Backward(Tape tape, Parameter table, int[] words)
    {
        var x = EmbeddingOperation.Apply(tape, table.Value, words, new Shape(words.Length, Size));
        var upstream = Tape.GradientOf(x)!.Span;
        for (var i = 0; i < upstream.Length; i++) upstream[i] = i + 1;
        tape.Backward();
        tape.Reset();
    }

    private static float[] Expected(int[] words)
    {
        var expected = new float[Words * Size];
        for (var i = 0; i < words.Length * Size; i++) expected[words[i / Size] * Size + i % Size] += i + 1;
        return expected;
    }
}
