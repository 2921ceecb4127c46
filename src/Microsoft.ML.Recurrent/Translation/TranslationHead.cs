using Microsoft.ML.Recurrent.Autograd;
using Microsoft.ML.Recurrent.Losses;
using Microsoft.ML.Recurrent.Networks;
using Tensor = Microsoft.ML.Recurrent.Tensors.Tensor;

namespace Microsoft.ML.Recurrent.Translation;

/// <summary>The head of a translation: the network outputs the logits of each target token after those before it, [target steps, rows, vocabulary].</summary>
/// <param name="network">The network, which the metric translates with.</param>
/// <param name="manifest">What its ids mean.</param>
/// <param name="smoothing">The label smoothing of training.</param>
internal sealed class TranslationHead(Network network, TranslationManifest manifest, float smoothing) : Head
{
    public override int Outputs => network.Description.Outputs;

    /// <summary>The mean over target tokens; smoothed labels are for training alone.</summary>
    public override Tensor Loss(Tape tape, in NetworkOutput output, SequenceBatch batch) =>
        SoftmaxCrossEntropyLoss.Apply(tape, output.Values, batch.Answers.AsSpan(0, batch.AnswerTime * batch.Rows), smoothing: tape.Training ? smoothing : 0,
            inPlace: tape.Training);

    public override Tensor PlainLoss(Tape tape, in NetworkOutput output, SequenceBatch batch) =>
        SoftmaxCrossEntropyLoss.Apply(tape, output.Values, batch.Answers.AsSpan(0, batch.AnswerTime * batch.Rows));

    public override IReadOnlyList<Tensor> Predict(Tape tape, in NetworkOutput output) =>
        throw new NotSupportedException("A translation is searched for token by token.");

    public override Metric? CreateMetric(ValidationMetric metric) => metric is ValidationMetric.Bleu ? new BleuMetric(network, manifest) : null;
}
