using Microsoft.ML.Recurrent.Autograd;
using Microsoft.ML.Recurrent.Tensors;
using static Microsoft.ML.Recurrent.Losses.RegressionLosses;
using TensorPrimitives = System.Numerics.Tensors.TensorPrimitives;

namespace Microsoft.ML.Recurrent.Losses;

/// <summary>Losses of logits against classes.</summary>
internal static class ClassificationLosses
{
    /// <summary>Binary cross-entropy for labels 0 and 1: -log p(label) with p = sigmoid(logit), mean over rows and their logits.</summary>
    /// <param name="tape">Records the loss.</param>
    /// <param name="logits">[rows, n].</param>
    /// <param name="labels">0 or 1 for each logit; of NaN, a label that is not known, the loss is 0.</param>
    /// <param name="weights">[rows], or null for equal weights.</param>
    /// <param name="smoothing">Label smoothing: share of the target spread over both classes (Szegedy et al. 2016), from 0 to less than 1.</param>
    /// <param name="classWeights">
    /// Weights of the negative and the positive term of the loss, like PyTorch's pos_weight, for all logits of a row or for each of them; empty for 1.
    /// </param>
    public static Tensor BinaryCrossEntropy(Tape tape, Tensor logits, ReadOnlySpan<float> labels, Tensor? weights = null, float smoothing = 0,
        ReadOnlySpan<(float Negative, float Positive)> classWeights = default)
    {
        if (labels.Length < logits.Length) throw new ArgumentException($"There are {logits.Length} logits but {labels.Length} labels.", nameof(labels));
        if (smoothing is < 0 or >= 1 or float.NaN)
            throw new ArgumentOutOfRangeException(nameof(smoothing), smoothing, "Label smoothing must be at least 0 and less than 1.");
        return RowLoss.Apply(tape, logits, WeightsOf(weights), new LabelState(labels, smoothing, classWeights),
            static (in LabelState state, int row, ReadOnlySpan<float> x, Span<float> d, float scale) =>
        {
            double sum = 0;
            for (var i = 0; i < x.Length; i++)
            {
                if (MissingTargets.IsMissing(state.Labels[(row * x.Length)..], d, i)) continue;
                var target = state.Labels[row * x.Length + i] * (1 - state.Smoothing) + 0.5f * state.Smoothing;
                // -positive t log p - negative (1 - t) log (1 - p)
                var (negative, positive) = state.Weights.IsEmpty ? (1, 1) : state.Weights[state.Weights.Length == 1 ? 0 : i];
                float ups = positive * target, downs = negative * (1 - target);
                sum += ups * Binary(x[i], 1, out var up) + downs * Binary(x[i], 0, out var down);
                if (!d.IsEmpty) d[i] = (ups * up + downs * down) * scale / x.Length;
            }

            return sum / x.Length;
        });
    }

    /// <summary>-log p(label) with p the softmax of the logits [rows, classes], mean over rows; see <see cref="SoftmaxCrossEntropyLoss"/>.</summary>
    public static Tensor SoftmaxCrossEntropy(
        Tape tape, Tensor logits, ReadOnlySpan<int> labels, Tensor? weights = null, float smoothing = 0, Tensor? classWeights = null, bool inPlace = false) =>
        SoftmaxCrossEntropyLoss.Apply(tape, logits, labels, weights, smoothing, classWeights, inPlace);

    private static double Binary(float logit, float target, out float slope)
    {
        var e = Math.Exp(-Math.Abs(logit));
        slope = (float)((logit >= 0 ? 1 : e) / (1 + e)) - target;
        return Math.Max(logit, 0) - (double)logit * target + Math.Log(1 + e);
    }

    private readonly ref struct LabelState(ReadOnlySpan<float> labels, float smoothing, ReadOnlySpan<(float Negative, float Positive)> weights)
    {
        public readonly ReadOnlySpan<float> Labels = labels;
        public readonly ReadOnlySpan<(float Negative, float Positive)> Weights = weights;
        public readonly float Smoothing = smoothing;
    }
}
