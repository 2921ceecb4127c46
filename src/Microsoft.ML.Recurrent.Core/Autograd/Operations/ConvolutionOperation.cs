using Microsoft.ML.Recurrent.Kernels;
using Microsoft.ML.Recurrent.Tensors;

namespace Microsoft.ML.Recurrent.Autograd.Operations;

/// <summary>
/// A convolution over time: one matrix product per kernel position. As steps are contiguous rows, each kernel position reads the whole input, shifted.
/// </summary>
internal sealed unsafe class ConvolutionOperation : Operation
{
    private int _stride, _before;

    /// <summary>The number of output steps for <paramref name="time"/> input steps.</summary>
    public static int TimeAfter(int time, int kernel, int stride, ConvolutionPadding padding) =>
        padding == ConvolutionPadding.Valid ? Math.Max(0, (time - kernel) / stride + 1) : (time + stride - 1) / stride;

    /// <summary>[time, rows, in] to [time after, rows, out]; steps past the length of a row must be zero.</summary>
    /// <param name="tape">Records the operation.</param>
    /// <param name="x">[time, rows, in].</param>
    /// <param name="weight">[out, in, kernel].</param>
    /// <param name="bias">[out].</param>
    /// <param name="stride">The stride, at least 1.</param>
    /// <param name="padding">The padding.</param>
    public static Tensor Apply(Tape tape, Tensor x, Tensor weight, Tensor bias, int stride, ConvolutionPadding padding)
    {
        var (time, rows, kernel) = (x.Shape[0], x.Shape[1], weight.Shape[2]);
        if (weight.Shape[1] != x.Shape[2]) throw new ArgumentException($"A weight {weight.Shape} does not fit an input {x.Shape}.", nameof(weight));
        if (padding == ConvolutionPadding.Valid && time < kernel)
            throw new ArgumentException($"{time} steps are fewer than the {kernel} of the kernel.", nameof(x));
        var steps = TimeAfter(time, kernel, stride, padding);
        var outside = Math.Max(0, (steps - 1) * stride + kernel - time);
        var before = padding switch { ConvolutionPadding.Same => outside / 2, ConvolutionPadding.Causal => kernel - 1, _ => 0 };
        var y = tape.Rent(new Shape(steps, rows, weight.Shape[0]));
        y.Span.Clear();
        using var tap = Tensor.Rent(new Shape(weight.Shape[0], weight.Shape[1]));
        for (var k = 0; k < kernel; k++)
        {
            Take(weight, k, tap);
            foreach (var (from, to, count) in new Pieces(k - before, time, steps, stride))
                Multiply(x.Pointer + (nint)from * rows * x.Shape[2], tap, y.Pointer + (nint)to * rows * tap.Shape[0], count * rows);
        }

        CpuKernels.Current.AddRow(y.Pointer, bias.Pointer, y.Pointer, steps * rows, weight.Shape[0]);
        if (tape.Record<ConvolutionOperation>(y, x, weight, bias) is { } record) (record._stride, record._before) = (stride, before);
        return y;

        static void Multiply(float* x, Tensor tap, float* y, int rows) =>
            MatrixProduct.Multiply(false, true, rows, tap.Shape[0], tap.Shape[1], x, tap.Shape[1], tap.Pointer, tap.Shape[1], y, tap.Shape[0],
                accumulate: true);
    }

    public override void Backward(Tape tape)
    {
        var (x, weight) = (Operands.First!, Operands.Second!);
        var (time, rows, inputs, outputs, kernel) = (x.Shape[0], x.Shape[1], x.Shape[2], weight.Shape[0], weight.Shape[2]);
        var upstream = Output.Gradient!.Pointer;
        var (dx, dw) = (Tape.GradientOf(x), Tape.GradientOf(weight));
        if (Tape.GradientOf(Operands.Third) is { } db) CpuKernels.Current.AddColumnSums(upstream, outputs, db.Pointer, Output.Shape.Rows, outputs);
        using var tap = Tensor.Rent(new Shape(outputs, inputs));
        using var dTap = dw is null ? null : Tensor.Rent(new Shape(outputs, inputs));
        for (var k = 0; k < kernel; k++)
        {
            Take(weight, k, tap);
            dTap?.Span.Clear();
            foreach (var (from, to, count) in new Pieces(k - _before, time, Output.Shape[0], _stride))
            {
                var slopes = upstream + (nint)to * rows * outputs;
                if (dTap is not null)
                    MatrixProduct.Multiply(true, false, outputs, inputs, count * rows, slopes, outputs, x.Pointer + (nint)from * rows * inputs, inputs,
                        dTap.Pointer, inputs, accumulate: true);
                if (dx is not null)
                    MatrixProduct.Multiply(false, false, count * rows, inputs, outputs, slopes, outputs, tap.Pointer, inputs,
                        dx.Pointer + (nint)from * rows * inputs, inputs, accumulate: true);
            }

            for (var i = 0; dTap is not null && i < dTap.Length; i++) dw!.Span[i * kernel + k] += dTap.Span[i];
        }
    }

    private static void Take(Tensor weight, int k, Tensor tap)
    {
        for (var i = 0; i < tap.Length; i++) tap.Span[i] = weight.Span[i * weight.Shape[2] + k];
    }

    // The steps to which one kernel position applies: a single piece if the stride is 1, else one per step.
    private ref struct Pieces(int shift, int time, int steps, int stride)
    {
        private int _next;

        public (int From, int To, int Count) Current { get; private set; }

        public readonly Pieces GetEnumerator() => this;

        public bool MoveNext()
        {
            while (_next < steps && _next * stride + shift < 0) _next++;
            var last = Math.Min(steps, (time - shift + stride - 1) / stride);
            if (_next >= last) return false;
            var count = stride == 1 ? last - _next : 1;
            Current = (_next * stride + shift, _next, count);
            _next += count;
            return true;
        }
    }
}
