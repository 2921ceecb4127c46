using System.Buffers;
using Microsoft.ML.Recurrent.Tensors;
using TensorPrimitives = System.Numerics.Tensors.TensorPrimitives;

namespace Microsoft.ML.Recurrent.Autograd.Operations;

/// <summary>
/// Batch normalization of each feature (Ioffe and Szegedy 2015), as defined by PyTorch: training uses the mean and biased variance of the valid steps of the
/// batch, inference the running statistics. Steps past the length of a row are ignored and become 0.
/// </summary>
internal sealed class BatchNormOperation : Operation
{
    /// <summary>PyTorch's default.</summary>
    public const float DefaultEpsilon = 1e-5f;

    private Tensor? _inverseDeviations;
    private int[]? _lengths;
    private int _count;

    /// <summary>
    /// Normalizes [..., n] by the statistics of the batch and updates the running statistics by <paramref name="momentum"/> (the running variance with the
    /// unbiased variance).
    /// </summary>
    /// <param name="tape">Records the operation.</param>
    /// <param name="x">[time, rows, features] or [rows, features].</param>
    /// <param name="gain">[features].</param>
    /// <param name="bias">[features].</param>
    /// <param name="runningMean">[features], or null.</param>
    /// <param name="runningVariance">[features], or null.</param>
    /// <param name="lengths">Valid steps of each row; null if all are valid.</param>
    /// <param name="momentum">The weight of the batch in the running statistics, from 0 to 1.</param>
    /// <param name="epsilon">Added to the variance.</param>
    public static Tensor ApplyTraining(Tape tape, Tensor x, Tensor gain, Tensor bias, Tensor? runningMean, Tensor? runningVariance, int[]? lengths,
        float momentum = 0.1f, float epsilon = DefaultEpsilon)
    {
        var features = x.Shape.Columns;
        var count = CountOf(x, lengths);
        if (count < 2)
            throw new ArgumentException(
                $"Batch normalization needs at least 2 steps per training batch, but the batch holds {count}. Use larger batches, or layer normalization.",
                nameof(x));
        var mean = ArrayPool<double>.Shared.Rent(2 * features);
        var sums = mean.AsSpan(0, features);
        var squares = mean.AsSpan(features, features);
        sums.Clear();
        squares.Clear();
        for (var row = 0; row < x.Shape.Rows; row++)
        {
            if (!IsTrue(x, lengths, row)) continue;
            var from = Row(x, row);
            for (var j = 0; j < sums.Length; j++) sums[j] += from[j];
        }

        TensorPrimitives.Divide(sums, (double)count, sums);
        for (var row = 0; row < x.Shape.Rows; row++)
        {
            if (!IsTrue(x, lengths, row)) continue;
            var from = Row(x, row);
            for (var j = 0; j < sums.Length; j++) squares[j] += (from[j] - sums[j]) * (from[j] - sums[j]);
        }

        using Tensor means = Tensor.Rent(new Shape(features)), inverse = Tensor.Rent(new Shape(features));
        for (var j = 0; j < features; j++)
        {
            (means.Span[j], inverse.Span[j]) = ((float)sums[j], (float)(1 / Math.Sqrt(squares[j] / count + epsilon)));
            if (runningMean is not null) runningMean.Span[j] += momentum * ((float)sums[j] - runningMean.Span[j]);
            if (runningVariance is not null) runningVariance.Span[j] += momentum * ((float)(squares[j] / (count - 1)) - runningVariance.Span[j]);
        }

        ArrayPool<double>.Shared.Return(mean);
        return Normalize(tape, x, gain, bias, means, inverse, lengths, count);
    }

    /// <summary>Normalizes [..., n] by the running statistics.</summary>
    public static Tensor ApplyInference(Tape tape, Tensor x, Tensor gain, Tensor bias, Tensor runningMean, Tensor runningVariance, int[]? lengths,
        float epsilon = DefaultEpsilon)
    {
        using var inverse = Tensor.Rent(new Shape(x.Shape.Columns));
        for (var j = 0; j < inverse.Length; j++) inverse.Span[j] = 1 / MathF.Sqrt(runningVariance.Span[j] + epsilon);
        return Normalize(tape, x, gain, bias, runningMean, inverse, lengths, 0);
    }

    public override void Backward(Tape tape)
    {
        var (x, features) = (Operands.First!, Output.Shape.Columns);
        var upstream = Output.Gradient!;
        using Tensor sumOfGradients = Tensor.Zeros(new Shape(features)), sumOfProducts = Tensor.Zeros(new Shape(features));
        Span<float> sums = sumOfGradients.Span, products = sumOfProducts.Span;
        for (var row = 0; row < x.Shape.Rows; row++)
        {
            if (!IsTrue(x, _lengths, row)) continue;
            TensorPrimitives.Add(sums, Row(upstream, row), sums);
            TensorPrimitives.MultiplyAdd(Row(upstream, row), Row(_kept!, row), products, products);
        }

        if (Tape.GradientOf(Operands.Second) is { } dgain) TensorPrimitives.Add(dgain.Span, products, dgain.Span);
        if (Tape.GradientOf(Operands.Third) is { } dbias) TensorPrimitives.Add(dbias.Span, sums, dbias.Span);
        if (Tape.GradientOf(x) is not { } dx) return;

        // dx = gain / deviation x (dy - mean(dy) - normalized x mean(dy normalized)); the means only if they depend on x.
        using Tensor factor = Tensor.Rent(new Shape(features)), inner = Tensor.Rent(new Shape(features));
        TensorPrimitives.Multiply(Operands.Second!.Span, _inverseDeviations!.Span, factor.Span);
        var share = _count > 0 ? 1f / _count : 0;
        TensorPrimitives.Multiply(sums, share, sums);
        TensorPrimitives.Multiply(products, -share, products);
        for (var row = 0; row < x.Shape.Rows; row++)
        {
            if (!IsTrue(x, _lengths, row)) continue;
            TensorPrimitives.Subtract(Row(upstream, row), sums, inner.Span);
            TensorPrimitives.MultiplyAdd(Row(_kept!, row), products, inner.Span, inner.Span);
            TensorPrimitives.MultiplyAdd(inner.Span, factor.Span, Row(dx, row), Row(dx, row));
        }
    }

    public override void Release()
    {
        _inverseDeviations?.Dispose();
        (_inverseDeviations, _lengths) = (null, null);
        base.Release();
    }

    private static Tensor Normalize(Tape tape, Tensor x, Tensor gain, Tensor bias, Tensor mean, Tensor inverseDeviation, int[]? lengths, int count)
    {
        var y = tape.Rent(x.Shape);
        var record = tape.Record<BatchNormOperation>(y, x, gain, bias);
        var normalized = record is null ? null : Tensor.Rent(x.Shape);
        for (var row = 0; row < x.Shape.Rows; row++)
        {
            var to = Row(y, row);
            if (!IsTrue(x, lengths, row))
            {
                to.Clear();
                continue;
            }

            var own = normalized is null ? to : Row(normalized, row);
            TensorPrimitives.Subtract(Row(x, row), mean.Span, own);
            TensorPrimitives.Multiply(own, inverseDeviation.Span, own);
            TensorPrimitives.MultiplyAdd(own, gain.Span, bias.Span, to);
        }

        if (record is not null)
            (record._kept, record._inverseDeviations, record._lengths, record._count) = (normalized, inverseDeviation.Clone(), lengths, count);
        return y;
    }

    // The rows of [time, rows, features] are ordered step by step: within a step, sequences 0, 1, ...
    private static bool IsTrue(Tensor x, int[]? lengths, int row) => lengths is null || x.Shape.Rank < 3 || row / x.Shape[1] < lengths[row % x.Shape[1]];

    private static int CountOf(Tensor x, int[]? lengths)
    {
        if (lengths is null || x.Shape.Rank < 3) return x.Shape.Rows;
        var count = 0;
        for (var row = 0; row < x.Shape[1]; row++) count += Math.Min(lengths[row], x.Shape[0]);
        return count;
    }

    private static Span<float> Row(Tensor x, int row) => x.Span.Slice(row * x.Shape.Columns, x.Shape.Columns);
}
