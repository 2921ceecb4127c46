using Microsoft.ML.Recurrent.Kernels;
using Microsoft.ML.Recurrent.Tensors;

namespace Microsoft.ML.Recurrent.Autograd.Operations;

/// <summary>The weighted mean of the steps of a sequence; the weights are the softmax of given scores over the valid steps of each row.</summary>
internal sealed unsafe class AttentionPoolOperation : Operation
{
    private int[]? _lengths;

    /// <summary>[time, rows, n] to [rows, n].</summary>
    /// <param name="tape">Records the operation.</param>
    /// <param name="scores">[time, rows, 1] or [time, rows].</param>
    /// <param name="values">[time, rows, n].</param>
    /// <param name="lengths">Valid steps of each row; null if all are valid.</param>
    public static Tensor Apply(Tape tape, Tensor scores, Tensor values, int[]? lengths)
    {
        var (time, rows, features) = (values.Shape[0], values.Shape[1], values.Shape[2]);
        if (scores.Length != time * rows)
            throw new ArgumentException($"Scores {scores.Shape} do not fit values {values.Shape}: there must be one per step.", nameof(scores));
        var (y, kernels) = (tape.Rent(new Shape(rows, features)), CpuKernels.Current);
        var weights = Tensor.Rent(new Shape(rows, time));
        y.Span.Clear();
        for (var row = 0; row < rows; row++)
        {
            var length = lengths is null ? time : lengths[row];
            var own = weights.Pointer + (nint)row * time;
            for (var t = 0; t < length; t++) own[t] = scores.Pointer[(nint)t * rows + row];
            kernels.Softmax(own, own, 1, length);
            for (var t = 0; t < length; t++)
                kernels.Axpy(own[t], values.Pointer + ((nint)t * rows + row) * features, y.Pointer + (nint)row * features, features);
        }

        if (tape.Record<AttentionPoolOperation>(y, scores, values) is { } record)
            (record._kept, record._lengths) = (weights, lengths);
        else weights.Dispose();
        return y;
    }

    public override void Backward(Tape tape)
    {
        var (values, kernels) = (Operands.Second!, CpuKernels.Current);
        var (time, rows, features) = (values.Shape[0], values.Shape[1], values.Shape[2]);
        var (dscores, dvalues) = (Tape.GradientOf(Operands.First), Tape.GradientOf(values));
        using var slopes = Tensor.Rent(new Shape(2, time));
        float* slope = slopes.Pointer, dscore = slopes.Pointer + time;
        for (var row = 0; row < rows; row++)
        {
            var length = _lengths is null ? time : _lengths[row];
            var weights = _kept!.Pointer + (nint)row * time;
            var upstream = Output.Gradient!.Pointer + (nint)row * features;
            for (var t = 0; t < length; t++)
            {
                var at = ((nint)t * rows + row) * features;
                if (dvalues is not null) kernels.Axpy(weights[t], upstream, dvalues.Pointer + at, features);
                if (dscores is not null) slope[t] = kernels.Dot(upstream, values.Pointer + at, features);
            }

            if (dscores is null) continue;
            kernels.Fill(0, dscore, length);
            kernels.SoftmaxBackward(weights, slope, dscore, 1, length);
            for (var t = 0; t < length; t++) dscores.Pointer[(nint)t * rows + row] += dscore[t];
        }
    }
}
