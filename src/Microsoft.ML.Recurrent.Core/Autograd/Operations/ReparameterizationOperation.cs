using Microsoft.ML.Recurrent.Tensors;
using TensorPrimitives = System.Numerics.Tensors.TensorPrimitives;

namespace Microsoft.ML.Recurrent.Autograd.Operations;

/// <summary>
/// Draws from diagonal normal distributions so that gradients reach their parameters (the reparameterization trick, Kingma and Welling 2014): mean +
/// exp(log variance / 2) x noise.
/// </summary>
internal sealed class ReparameterizationOperation : Operation
{
    /// <summary>[rows, 2 n] to [rows, n].</summary>
    /// <param name="tape">Records the operation.</param>
    /// <param name="distribution">[rows, 2 n]: the means of a row, then the logarithms of its variances.</param>
    /// <param name="noise">[rows, n], standard normal; null to draw the means.</param>
    public static Tensor Apply(Tape tape, Tensor distribution, Tensor? noise)
    {
        var (rows, n) = (distribution.Shape.Rows, distribution.Shape.Columns / 2);
        if (distribution.Shape.Columns != 2 * n || noise is not null && noise.Length != rows * n)
            throw new ArgumentException($"Means and log variances {distribution.Shape} do not go with the noise {noise?.Shape}.", nameof(distribution));
        var drawn = tape.Rent(new Shape(rows, n));
        var distances = Tensor.Rent(drawn.Shape);
        for (var row = 0; row < rows; row++)
        {
            ReadOnlySpan<float> at = distribution.Span.Slice(2 * row * n, 2 * n);
            var distance = distances.Span.Slice(row * n, n);
            distance.Clear();
            for (var j = 0; j < n && noise is not null; j++) distance[j] = MathF.Exp(0.5f * at[n + j]) * noise[row * n + j];
            TensorPrimitives.Add(at[..n], distance, drawn.Span.Slice(row * n, n));
        }
        if (tape.Record<ReparameterizationOperation>(drawn, distribution) is { } record) record._kept = distances;
        else distances.Dispose();
        return drawn;
    }

    public override void Backward(Tape tape)
    {
        var gradient = Tape.GradientOf(Operands.First)!;
        var (rows, n) = (Output.Shape.Rows, Output.Shape.Columns);
        for (var row = 0; row < rows; row++)
        {
            ReadOnlySpan<float> upstream = Output.Gradient!.Span.Slice(row * n, n), distance = _kept!.Span.Slice(row * n, n);
            Span<float> mean = gradient.Span.Slice(2 * row * n, n), logVariance = gradient.Span.Slice((2 * row + 1) * n, n);
            TensorPrimitives.Add(mean, upstream, mean);
            for (var j = 0; j < n; j++) logVariance[j] += 0.5f * upstream[j] * distance[j];
        }
    }
}
