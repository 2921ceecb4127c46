using Microsoft.ML.Recurrent.Autograd;
using Microsoft.ML.Recurrent.Networks;
using Microsoft.ML.Recurrent.Tests.Onnx;
using Microsoft.ML.Recurrent.Training;
using Microsoft.ML.Recurrent.Translation;

namespace Microsoft.ML.Recurrent.Tests.Translation;

/// <summary>The loss of a decoder of tokens: the mean of all tokens, whatever pads them.</summary>
[TestClass]
public sealed class TokenDecoderHeadTests
{
    private static readonly int[][] s_targets = [[2, 5, TokenDecoderModels.End], [1, 3, 0, 4, TokenDecoderModels.End], [TokenDecoderModels.End]];

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public void The_loss_is_the_mean_of_the_tokens_of_rows_that_are_alone(bool isWeighted)
    {
        using var network = TestModels.Network(TokenDecoderModels.Networks["Lstm 2 General fed tied"]);
        var rows = TestRows.Random(network.Description, 3, longest: 6);
        float[]? weights = isWeighted ? [0.5f, 2, 3] : null;
        using var head = new TokenDecoderHead(TokenDecoderModels.Vocabulary);
        var (together, weight) = Loss(network, head, rows, s_targets, weights);
        double sum = 0, count = 0;
        for (var row = 0; row < 3; row++)
        {
            var (loss, tokens) = Loss(network, head, rows.Only(row), [s_targets[row]], weights is null ? null : [weights[row]]);
            Assert.AreEqual(s_targets[row].Length * (weights?[row] ?? 1), tokens, 1e-6);
            (sum, count) = (sum + loss * tokens, count + tokens);
        }
        Assert.AreEqual(count, weight, 1e-6);
        Assert.AreEqual(sum / count, together, 1e-5);
    }

    [TestMethod]
    public void Smoothed_labels_are_for_training_only()
    {
        using var network = TestModels.Network(TokenDecoderModels.Networks["Gru 1 Dot"]);
        var rows = TestRows.Random(network.Description, 3, longest: 6);
        using TokenDecoderHead plain = new(TokenDecoderModels.Vocabulary), smooth = new(TokenDecoderModels.Vocabulary, 0.2f);
        using var tape = new Tape();
        using var batch = Batch(network.Description, rows, s_targets, null);
        var output = network.Forward(tape, batch);
        var logs = plain.Predict(tape, output)[0];
        double expected = 0;
        for (var row = 0; row < 3; row++)
            for (var step = 0; step < s_targets[row].Length; step++)
            {
                var own = logs.Span.Slice((step * 3 + row) * TokenDecoderModels.Vocabulary, TokenDecoderModels.Vocabulary).ToArray();
                expected -= 0.8 * own[s_targets[row][step]] + 0.2 * own.Average();
            }
        var unsmoothed = plain.Loss(tape, output, batch)[0];
        Assert.AreEqual(unsmoothed, smooth.Loss(tape, output, batch)[0], 1e-6);
        Assert.AreEqual(unsmoothed, smooth.PlainLoss(tape, output, batch)[0], 1e-6);
        using var training = new Tape { Training = true };
        var smoothed = smooth.Loss(training, network.Forward(training, batch), batch)[0];
        Assert.AreEqual(expected / s_targets.Sum(target => target.Length), smoothed, 1e-5);
        Assert.AreNotEqual(unsmoothed, smoothed, 1e-3f);
    }

    private static (double Loss, double Weight) Loss(Network network, TokenDecoderHead head, TestRows rows, int[][] targets, float[]? weights)
    {
        using var tape = new Tape { Recording = false };
        using var batch = Batch(network.Description, rows, targets, weights);
        return (head.Loss(tape, network.Forward(tape, batch), batch)[0], Learner.WeightOf(batch));
    }

    private static SequenceBatch Batch(NetworkDescription description, TestRows rows, int[][] targets, float[]? weights)
    {
        using var sources = rows.ToBatch(description);
        var batch = new SequenceBatch();
        batch.Resize(rows.Count, rows.Time, 0, tokens: true, lengths: true, weights: weights is not null, answerTime: targets.Max(target => target.Length));
        Array.Copy(sources.Tokens!, batch.Tokens!, rows.Count * rows.Time);
        Array.Copy(sources.Lengths!, batch.Lengths!, rows.Count);
        weights?.CopyTo(batch.Weights!.Span);
        for (var row = 0; row < rows.Count; row++)
            for (var step = 0; step < targets[row].Length; step++) batch.Answers![step * rows.Count + row] = targets[row][step];
        return batch;
    }
}
