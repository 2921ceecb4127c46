using Microsoft.ML.Recurrent.Autograd;
using Microsoft.ML.Recurrent.Kernels;
using Microsoft.ML.Recurrent.Tensors;
using TensorPrimitives = System.Numerics.Tensors.TensorPrimitives;

namespace Microsoft.ML.Recurrent.Losses;

/// <summary>
/// Soft-max cross-entropy, -log p(label), as a weighted mean over rows. The derivative comes with the loss, since the exponentials are at hand; the backward pass hands it on.
/// </summary>
internal sealed unsafe class SoftmaxCrossEntropyLoss : Operation
{
    private Tensor? _logits, _derivative;

    /// <summary>[1] from logits [rows, classes] and labels; a row with a negative label is left out.</summary>
    /// <param name="tape">Writes the loss down.</param>
    /// <param name="logits">[..., classes]; every axis but the last is one of rows.</param>
    /// <param name="labels">One class a row, or a negative number.</param>
    /// <param name="weights">[rows], at least 0; null where all rows count the same.</param>
    /// <param name="smoothing">Share of the target spread over all classes (Szegedy et al. 2016), from 0 to below 1.</param>
    public static Tensor Apply(Tape tape, Tensor logits, ReadOnlySpan<int> labels, Tensor? weights = null, float smoothing = 0)
    {
        var (rows, classes) = (logits.Shape.Rows, logits.Shape.Columns);
        if (labels.Length < rows) throw new ArgumentException($"There are {rows} rows but {labels.Length} labels.", nameof(labels));
        if (weights is not null && weights.Length < rows) throw new ArgumentException($"There are {rows} rows but {weights.Length} weights.", nameof(weights));
        if (smoothing is < 0 or >= 1 or float.NaN) throw new ArgumentOutOfRangeException(nameof(smoothing), smoothing, "Label smoothing lies from 0 up to, but not including, 1.");
        double totalWeight = 0;
        for (var row = 0; row < rows; row++) totalWeight += labels[row] < 0 ? 0 : weights is null ? 1 : weights.Span[row];

        var loss = tape.Rent(new Shape(1));
        var record = tape.Record<SoftmaxCrossEntropyLoss>(loss, logits);
        var derivative = record is null ? null : Tensor.Rent(logits.Shape);
        using var losses = Tensor.Rent(new Shape(rows));
        var scale = totalWeight > 0 ? (float)(1 / totalWeight) : 0;
        fixed (int* targets = labels)
            CpuKernels.Current.SoftmaxCrossEntropy(logits.Pointer, targets, weights is null ? null : weights.Pointer, smoothing, scale, losses.Pointer, derivative is null ? null : derivative.Pointer, rows, classes);
        double total = 0;
        foreach (var value in losses.Span) total += value;
        loss.Span[0] = totalWeight > 0 ? (float)(total / totalWeight) : 0;
        if (record is not null) (record._logits, record._derivative) = (logits, derivative);
        return loss;
    }

    public override void Backward(Tape tape)
    {
        var upstream = Output.Gradient!.Span[0];
        if (upstream != 1) TensorPrimitives.Multiply(_derivative!.Span, upstream, _derivative.Span);
        Tape.HandOver(_logits!, ref _derivative);
    }

    public override void Release()
    {
        _derivative?.Dispose();
        (_logits, _derivative) = (null, null);
        base.Release();
    }
}
