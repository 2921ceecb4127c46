using System.Numerics.Tensors;
using Microsoft.ML.Recurrent.Autograd;
using Microsoft.ML.Recurrent.Kernels;
using Microsoft.ML.Recurrent.Losses;
using Microsoft.ML.Recurrent.Networks;
using Microsoft.ML.Recurrent.Onnx;
using Tensor = Microsoft.ML.Recurrent.Tensors.Tensor;

namespace Microsoft.ML.Recurrent.Classification;

/// <summary>
/// Multiclass classification head: the network outputs one logit per class. The loss may smooth labels and weight classes. Outputs: PredictedLabel (the key of
/// the largest logit, from 1; 0 for NaN) and Score (the class probabilities).
/// </summary>
internal sealed class MulticlassHead(int classes, float smoothing = 0, float[]? classWeights = null) : Head, IOnnxHead
{
    public override int Outputs => classes;

    public override Tensor Loss(Tape tape, in NetworkOutput output, SequenceBatch batch) => Loss(tape, output, batch, smoothing);

    public override Tensor PlainLoss(Tape tape, in NetworkOutput output, SequenceBatch batch) => Loss(tape, output, batch, 0);

    private Tensor Loss(Tape tape, in NetworkOutput output, SequenceBatch batch, float smoothing)
    {
        using var weights = classWeights is null ? null : Tensor.From(new(classes), classWeights);
        return ClassificationLosses.SoftmaxCrossEntropy(tape, output.Values, batch.Labels, batch.Weights, smoothing, weights);
    }

    public override IReadOnlyList<Tensor> Predict(Tape tape, in NetworkOutput output)
    {
        var rows = output.Values.Shape.Rows;
        var (label, scores) = (tape.Rent(new(rows, 1)), tape.Rent(output.Values.Shape));
        for (var row = 0; row < rows; row++)
        {
            var logits = output.Values.Span.Slice(row * classes, classes);
            // The index of a NaN where there is one: such a row has no class.
            var greatest = TensorPrimitives.IndexOfMax(logits);
            label.Span[row] = float.IsNaN(logits[greatest]) ? 0 : greatest + 1;
            RowSoftmax.Apply(logits, scores.Span.Slice(row * classes, classes));
        }
        return [label, scores];
    }

    public override Metric? CreateMetric(ValidationMetric metric) =>
        metric is ValidationMetric.Accuracy or ValidationMetric.F1Score
            ? new ClassificationMetric(classes, first: 1, metric is ValidationMetric.F1Score)
            : null;

    public IReadOnlyList<string> Export(OnnxGraphBuilder graph, OnnxNetworkOutput output) =>
        [graph.Add(graph.ArgMax(output.Values, 1), graph.Constant(1L)), graph.Softmax(output.Values, 1)];
}
