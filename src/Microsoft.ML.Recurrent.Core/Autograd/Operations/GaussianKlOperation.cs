using Microsoft.ML.Recurrent.Tensors;
using TensorPrimitives = System.Numerics.Tensors.TensorPrimitives;

namespace Microsoft.ML.Recurrent.Autograd.Operations;

/// <summary>
/// The Kullback-Leibler divergence of a diagonal normal distribution from the standard normal (Kingma and Welling 2014): the sum of (exp(v) + mean^2 - 1 - v) /
/// 2 with v = log variance.
/// </summary>
internal sealed class GaussianKlOperation : Operation
{
    /// <summary>[rows, n] and [rows, n] to [rows].</summary>
    public static Tensor Apply(Tape tape, Tensor mean, Tensor logVariance)
    {
        if (mean.Shape != logVariance.Shape)
            throw new ArgumentException($"The means are {mean.Shape}, but the log variances are {logVariance.Shape}.", nameof(logVariance));
        var (rows, columns) = (mean.Shape.Rows, mean.Shape.Columns);
        var y = tape.Rent(new Shape(rows));
        for (var row = 0; row < rows; row++)
        {
            var (m, v) = (row * columns, 0.0);
            for (var j = m; j < m + columns; j++) v += Math.Exp(logVariance.Span[j]) + (double)mean.Span[j] * mean.Span[j] - 1 - logVariance.Span[j];
            y.Span[row] = (float)(0.5 * v);
        }

        tape.Record<GaussianKlOperation>(y, mean, logVariance);
        return y;
    }

    public override void Backward(Tape tape)
    {
        var (mean, logVariance) = (Operands.First!, Operands.Second!);
        var (dmean, dvariance) = (Tape.GradientOf(mean), Tape.GradientOf(logVariance));
        var columns = mean.Shape.Columns;
        for (var row = 0; row < Output.Length; row++)
        {
            var upstream = Output.Gradient!.Span[row];
            if (dmean is not null)
                TensorPrimitives.MultiplyAdd(mean.Span.Slice(row * columns, columns), upstream, dmean.Span.Slice(row * columns, columns),
                    dmean.Span.Slice(row * columns, columns));
            if (dvariance is null) continue;
            for (var j = row * columns; j < (row + 1) * columns; j++) dvariance.Span[j] += 0.5f * upstream * (MathF.Exp(logVariance.Span[j]) - 1);
        }
    }
}
