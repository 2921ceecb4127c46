using Microsoft.ML.Recurrent.Tensors;

namespace Microsoft.ML.Recurrent.Autograd.Operations;

/// <summary>The exponential average of each step and those before it; steps before the first one count as the first.</summary>
internal sealed class ExponentialAverageOperation : Operation
{
    private float _weight;

    /// <summary>[time, rows, n] to [time, rows, n].</summary>
    /// <param name="tape">Records the operation.</param>
    /// <param name="x">The steps.</param>
    /// <param name="length">The newest step counts as 1 / length; at least 1.</param>
    public static Tensor Apply(Tape tape, Tensor x, int length)
    {
        var y = tape.Rent(x.Shape);
        var (size, weight) = (x.Length / x.Shape[0], 1f / length);
        var numbers = x.Span;
        var averages = y.Span;
        numbers[..size].CopyTo(averages);
        for (var i = size; i < numbers.Length; i++) averages[i] = averages[i - size] + weight * (numbers[i] - averages[i - size]);
        if (tape.Record<ExponentialAverageOperation>(y, x) is { } record) record._weight = weight;
        return y;
    }

    public override void Backward(Tape tape)
    {
        var gradients = Tape.GradientOf(Operands.First)!.Span;
        var upstream = Output.Gradient!.Span;
        var sums = new float[gradients.Length / Output.Shape[0]];
        for (var i = gradients.Length - 1; i >= 0; i--)
        {
            ref var sum = ref sums[i % sums.Length];
            sum += upstream[i];
            // The first step also stands for those before it.
            gradients[i] += (i < sums.Length ? 1 : _weight) * sum;
            sum *= 1 - _weight;
        }
    }
}
