using Microsoft.ML.Recurrent.Tensors;

namespace Microsoft.ML.Recurrent.Autograd.Operations;

/// <summary>The mean of each step and those before it; steps before the first one count as the first.</summary>
internal sealed class MovingAverageOperation : Operation
{
    private int _length;

    /// <summary>[time, rows, n] to [time, rows, n].</summary>
    /// <param name="tape">Records the operation.</param>
    /// <param name="x">The steps.</param>
    /// <param name="length">Steps of an average, at least 1.</param>
    public static Tensor Apply(Tape tape, Tensor x, int length)
    {
        var y = tape.Rent(x.Shape);
        var (time, size) = (x.Shape[0], x.Length / x.Shape[0]);
        var sums = new double[size];
        for (var i = 0; i < size; i++) sums[i] = (double)x[i] * length;
        for (var t = 0; t < time; t++)
        {
            var newest = Step(x, t);
            var oldest = Step(x, Math.Max(0, t - length));
            var result = Step(y, t);
            for (var i = 0; i < size; i++)
            {
                if (t > 0) sums[i] += (double)newest[i] - oldest[i];
                result[i] = (float)(sums[i] / length);
            }
        }
        if (tape.Record<MovingAverageOperation>(y, x) is { } record) record._length = length;
        return y;
    }

    public override void Backward(Tape tape)
    {
        var (dx, upstream) = (Tape.GradientOf(Operands.First)!, Output.Gradient!);
        var (time, size) = (dx.Shape[0], dx.Length / dx.Shape[0]);
        var sums = new double[size];
        for (var t = time - 1; t >= 0; t--)
        {
            var here = Step(upstream, t);
            var result = Step(dx, t);
            var later = t + _length < time ? Step(upstream, t + _length) : default;
            for (var i = 0; i < size; i++)
            {
                sums[i] += here[i] - (later.IsEmpty ? 0.0 : later[i]);
                result[i] += (float)(sums[i] / _length);
            }
        }
        // The first step also stands for those before it: once more in the averages of the first steps.
        var first = Step(dx, 0);
        for (var t = 0; t < Math.Min(time, _length - 1); t++)
        {
            var here = Step(upstream, t);
            for (var i = 0; i < size; i++) first[i] += here[i] * (_length - 1 - t) / _length;
        }
    }

    private static Span<float> Step(Tensor x, int step)
    {
        var size = x.Length / x.Shape[0];
        return x.Span.Slice(step * size, size);
    }
}
