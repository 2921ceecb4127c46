using Microsoft.ML.Recurrent.Autograd;
using Microsoft.ML.Recurrent.Tensors;
using static Microsoft.ML.Recurrent.Losses.RegressionLosses;
using TensorPrimitives = System.Numerics.Tensors.TensorPrimitives;

namespace Microsoft.ML.Recurrent.Losses;

/// <summary>Losses of logits against classes.</summary>
internal static class ClassificationLosses
{
    /// <summary>-log p(target) with p = sigmoid(logit), mean over all elements; targets in [0, 1], of the logits' shape.</summary>
    public static Tensor BinaryCrossEntropy(Tape tape, Tensor logits, Tensor targets, Tensor? weights = null)
    {
        if (logits.Length != targets.Length) throw new ArgumentException($"The logits are {logits.Shape} but the targets are {targets.Shape}.", nameof(targets));
        return RowLoss.Apply<Tensor>(tape, logits, WeightsOf(weights), targets, static (in Tensor targets, int row, ReadOnlySpan<float> x, Span<float> d, float scale) =>
        {
            var t = RowOf(targets, row, x.Length);
            double sum = 0;
            for (var i = 0; i < x.Length; i++)
            {
                sum += Binary(x[i], t[i], out var slope);
                if (!d.IsEmpty) d[i] = slope * scale / x.Length;
            }

            return sum / x.Length;
        });
    }

    /// <summary>The same for labels 0 and 1, one logit a row.</summary>
    public static Tensor BinaryCrossEntropy(Tape tape, Tensor logits, ReadOnlySpan<int> labels, Tensor? weights = null)
    {
        if (labels.Length < logits.Length) throw new ArgumentException($"There are {logits.Length} logits but {labels.Length} labels.", nameof(labels));
        return RowLoss.Apply(tape, logits, WeightsOf(weights), labels, static (in ReadOnlySpan<int> labels, int row, ReadOnlySpan<float> x, Span<float> d, float scale) =>
        {
            double sum = 0;
            for (var i = 0; i < x.Length; i++)
            {
                sum += Binary(x[i], labels[row * x.Length + i], out var slope);
                if (!d.IsEmpty) d[i] = slope * scale / x.Length;
            }

            return sum / x.Length;
        });
    }

    /// <summary>-log p(label) with p the soft-max of the row's logits [rows, classes], mean over rows; see <see cref="SoftmaxCrossEntropyLoss"/>.</summary>
    public static Tensor SoftmaxCrossEntropy(
        Tape tape, Tensor logits, ReadOnlySpan<int> labels, Tensor? weights = null, float smoothing = 0, Tensor? classWeights = null, bool inPlace = false) =>
        SoftmaxCrossEntropyLoss.Apply(tape, logits, labels, weights, smoothing, classWeights, inPlace);

    private static double Binary(float logit, float target, out float slope)
    {
        var e = Math.Exp(-Math.Abs(logit));
        slope = (float)((logit >= 0 ? 1 : e) / (1 + e)) - target;
        return Math.Max(logit, 0) - (double)logit * target + Math.Log(1 + e);
    }
}
