using Microsoft.ML.Recurrent.Autograd;
using Microsoft.ML.Recurrent.Losses;
using Microsoft.ML.Recurrent.Networks;
using Microsoft.ML.Recurrent.Onnx;
using Microsoft.ML.Recurrent.Tensors;

namespace Microsoft.ML.Recurrent.Classification;

/// <summary>
/// Binary classification head: the network outputs one logit per label, of which there is one, or several that do not exclude each other. The loss may smooth
/// labels and weight classes. Outputs: PredictedLabel (logit above 0), Score (the logit), Probability.
/// </summary>
/// <param name="labels">The number of labels.</param>
/// <param name="isSet">Whether a row has a vector of labels, even if it is one of one label.</param>
/// <param name="smoothing">Label smoothing.</param>
/// <param name="classWeights">The weights of the two values of all labels, or of each; null for 1.</param>
internal sealed class BinaryHead(int labels = 1, bool isSet = false, float smoothing = 0, (float Negative, float Positive)[]? classWeights = null)
    : Head, IOnnxHead
{
    public override int Outputs => labels;

    public override Tensor Loss(Tape tape, in NetworkOutput output, SequenceBatch batch) => Loss(tape, output, batch, smoothing);

    public override Tensor PlainLoss(Tape tape, in NetworkOutput output, SequenceBatch batch) => Loss(tape, output, batch, 0);

    private Tensor Loss(Tape tape, in NetworkOutput output, SequenceBatch batch, float smoothing)
    {
        if (batch.Targets is { } targets)
            return ClassificationLosses.BinaryCrossEntropy(tape, output.Values, targets.Span, batch.Weights, smoothing, classWeights);
        var classes = tape.Rent(new(batch.Rows, 1));
        for (var row = 0; row < batch.Rows; row++) classes[row] = batch.Labels![row];
        return ClassificationLosses.BinaryCrossEntropy(tape, output.Values, classes.Span, batch.Weights, smoothing, classWeights);
    }

    public override IReadOnlyList<Tensor> Predict(Tape tape, in NetworkOutput output)
    {
        var (label, probability) = (tape.Rent(output.Values.Shape), tape.Rent(output.Values.Shape));
        var logits = output.Values.Span;
        for (var i = 0; i < logits.Length; i++)
        {
            label.Span[i] = logits[i] > 0 ? 1 : 0;
            probability.Span[i] = 1 / (1 + MathF.Exp(-logits[i]));
        }
        return [label, output.Values, probability];
    }

    public override Metric? CreateMetric(ValidationMetric metric) => metric switch
    {
        ValidationMetric.Accuracy or ValidationMetric.F1Score when isSet => new LabelSetMetric(metric is ValidationMetric.F1Score),
        ValidationMetric.Accuracy or ValidationMetric.F1Score => new ClassificationMetric(2, first: 0, metric is ValidationMetric.F1Score),
        ValidationMetric.AreaUnderRocCurve => new AucMetric(),
        _ => null,
    };

    public IReadOnlyList<string> Export(OnnxGraphBuilder graph, OnnxNetworkOutput output) =>
        [graph.Greater(output.Values, graph.Scalar(0f)), output.Values, graph.Sigmoid(output.Values)];
}
