using Microsoft.ML.Recurrent.Autograd;
using Microsoft.ML.Recurrent.Kernels;
using Microsoft.ML.Recurrent.Losses;
using Microsoft.ML.Recurrent.Networks;
using Tensor = Microsoft.ML.Recurrent.Tensors.Tensor;

namespace Microsoft.ML.Recurrent.Translation;

/// <summary>
/// The head of a decoder of tokens: the cross-entropy of the target tokens, as the mean of all tokens of a batch, the end tokens included. Steps past the end
/// of a text do not count. The exported graph does not need it: it writes texts.
/// </summary>
/// <param name="vocabulary">Size of the vocabulary of the targets.</param>
/// <param name="labelSmoothing">In training, the share of a target that is spread over all tokens (Szegedy et al. 2016), from 0 to less than 1.</param>
internal class TokenDecoderHead(int vocabulary, float labelSmoothing = 0) : Head
{
    public override int Outputs => vocabulary;

    public override Tensor Loss(Tape tape, in NetworkOutput output, SequenceBatch batch) =>
        Loss(tape, output, batch, tape.Training ? labelSmoothing : 0);

    public override Tensor PlainLoss(Tape tape, in NetworkOutput output, SequenceBatch batch) => Loss(tape, output, batch, 0);

    /// <summary>The log-probabilities of the steps, [time, rows, vocabulary].</summary>
    public override IReadOnlyList<Tensor> Predict(Tape tape, in NetworkOutput output)
    {
        var answer = tape.Rent(output.Values.Shape);
        for (var row = 0; row < answer.Shape.Rows; row++)
            RowSoftmax.ApplyLog(output.Values.Span.Slice(row * vocabulary, vocabulary), answer.Span.Slice(row * vocabulary, vocabulary));
        return [answer];
    }

    private static Tensor Loss(Tape tape, in NetworkOutput output, SequenceBatch batch, float smoothing)
    {
        var targets = batch.Answers ?? throw new ArgumentException("The loss of a decoder of tokens needs target texts.", nameof(batch));
        var count = batch.AnswerTime * batch.Rows;
        Tensor? weights = null;
        if (batch.Weights is not null)
        {
            weights = tape.Rent(new(count));
            for (var i = 0; i < count; i++) weights[i] = batch.AnswerWeight(i);
        }
        return SoftmaxCrossEntropyLoss.Apply(tape, output.Values, targets.AsSpan(0, count), weights, smoothing, inPlace: tape.Training);
    }
}
