using Microsoft.ML.Recurrent.Autograd;
using Microsoft.ML.Recurrent.Kernels;
using Microsoft.ML.Recurrent.Tensors;
using TensorPrimitives = System.Numerics.Tensors.TensorPrimitives;

namespace Microsoft.ML.Recurrent.Losses;

/// <summary>
/// Softmax cross-entropy, -log p(label), as a weighted mean over rows. The derivative is computed together with the loss, since both need the exponentials; the
/// backward pass only passes it on.
/// </summary>
internal sealed unsafe class SoftmaxCrossEntropyLoss : DifferentiatedLoss
{
    /// <summary>[1] from logits [rows, classes] and labels; rows with a negative label are ignored.</summary>
    /// <param name="tape">Records the loss.</param>
    /// <param name="logits">[..., classes]; all axes but the last are row axes.</param>
    /// <param name="labels">One class per row; negative for none.</param>
    /// <param name="weights">[rows], at least 0; null for equal weights.</param>
    /// <param name="smoothing">Label smoothing: share of the target spread over all classes (Szegedy et al. 2016), from 0 to less than 1.</param>
    /// <param name="classWeights">[classes]: weights of rows by label, as in PyTorch; null for 1.</param>
    /// <param name="inPlace">Whether the logits are not used elsewhere: their derivative then overwrites them, which saves a matrix of their size.</param>
    public static Tensor Apply(
        Tape tape, Tensor logits, ReadOnlySpan<int> labels, Tensor? weights = null, float smoothing = 0, Tensor? classWeights = null, bool inPlace = false)
    {
        var (rows, classes) = (logits.Shape.Rows, logits.Shape.Columns);
        if (labels.Length < rows) throw new ArgumentException($"There are {rows} rows but {labels.Length} labels.", nameof(labels));
        if (weights is not null && weights.Length < rows) throw new ArgumentException($"There are {rows} rows but {weights.Length} weights.", nameof(weights));
        if (classWeights is not null && classWeights.Length != classes)
            throw new ArgumentException($"There are {classes} classes but {classWeights.Length} class weights.", nameof(classWeights));
        if (smoothing is < 0 or >= 1 or float.NaN)
            throw new ArgumentOutOfRangeException(nameof(smoothing), smoothing, "Label smoothing must be at least 0 and less than 1.");

        using var effective = Tensor.Rent(new Shape(rows));
        double totalWeight = 0;
        for (var row = 0; row < rows; row++)
        {
            var label = labels[row];
            if (label >= classes)
                throw new ArgumentException($"Row {row} has label {label}, but there are {classes} classes, 0 to {classes - 1}.", nameof(labels));
            effective.Span[row] = label < 0 ? 0 : weights is null ? 1 : weights.Span[row];
            totalWeight += effective.Span[row] * (label < 0 || classWeights is null ? 1.0 : classWeights.Span[label]);
        }

        var loss = tape.Rent(new Shape(1));
        var record = tape.Record<SoftmaxCrossEntropyLoss>(loss, logits);
        var derivative = record is null ? null : inPlace && (classWeights is null || smoothing == 0) ? logits.View(logits.Shape) : Tensor.Rent(logits.Shape);
        using var losses = Tensor.Rent(new Shape(rows));
        var scale = totalWeight > 0 ? (float)(1 / totalWeight) : 0;
        if (classWeights is not null && smoothing > 0)
        {
            WeighClassesAndSmooth(logits, labels, effective.Span, smoothing, classWeights.Span, scale, losses.Span, derivative);
        }
        else
        {
            for (var row = 0; row < rows && classWeights is not null; row++) effective.Span[row] *= labels[row] < 0 ? 0 : classWeights.Span[labels[row]];
            fixed (int* targets = labels)
                CpuKernels.Current.SoftmaxCrossEntropy(logits.Pointer, targets, effective.Pointer, smoothing, scale, losses.Pointer,
                    PointerOf(derivative), rows, classes);
        }

        double total = 0;
        foreach (var value in losses.Span) total += value;
        loss.Span[0] = totalWeight > 0 ? (float)(total / totalWeight) : 0;
        record?.Keep(derivative);
        return loss;
    }

    // With both options, PyTorch weights each class of the smoothed part by its own class weight.
    private static void WeighClassesAndSmooth(
        Tensor logits, ReadOnlySpan<int> labels, ReadOnlySpan<float> rowWeights, float smoothing, ReadOnlySpan<float> classWeights, float scale,
        Span<float> losses, Tensor? derivative)
    {
        var classes = logits.Shape.Columns;
        for (var row = 0; row < losses.Length; row++)
        {
            var (label, weight) = (labels[row], rowWeights[row]);
            losses[row] = 0;
            var slopes = derivative is null ? default : derivative.Span.Slice(row * classes, classes);
            slopes.Clear();
            if (weight == 0) continue;
            var x = logits.Span.Slice(row * classes, classes);
            var max = TensorPrimitives.Max<float>(x);
            double sum = 0, share = 0, value = 0;
            foreach (var logit in x) sum += Math.Exp(logit - max);
            var logSum = max + Math.Log(sum);
            for (var c = 0; c < classes; c++)
            {
                var target = classWeights[c] * (smoothing / classes + (c == label ? 1 - smoothing : 0));
                share += target;
                value += target * (logSum - x[c]);
            }

            losses[row] = (float)(weight * value);
            for (var c = 0; c < slopes.Length; c++)
            {
                var target = classWeights[c] * (smoothing / classes + (c == label ? 1 - smoothing : 0));
                slopes[c] = (float)(scale * weight * (share * Math.Exp(x[c] - logSum) - target));
            }
        }
    }
}
