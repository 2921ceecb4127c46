using Microsoft.ML.Recurrent.Autograd;
using Microsoft.ML.Recurrent.Tensors;

namespace Microsoft.ML.Recurrent.Losses;

/// <summary>
/// The Kullback-Leibler divergence of diagonal normal distributions from the standard normal (Kingma and Welling 2014), in nats: the sum over the dimensions of
/// (exp(v) + mean^2 - 1 - v) / 2 with v = log variance.
/// </summary>
internal sealed class GaussianKlLoss : DifferentiatedLoss
{
    /// <summary>
    /// The weighted mean over the rows, [1]. With free bits, it is the sum over the dimensions of the greater of their mean and <paramref name="freeBits"/>
    /// (Kingma et al. 2016): below that, a dimension has no gradient.
    /// </summary>
    /// <param name="tape">Records the loss.</param>
    /// <param name="distribution">[rows, 2 n]: the means of a row, then the logarithms of its variances.</param>
    /// <param name="weights">[rows], at least 0; null for equal weights.</param>
    /// <param name="freeBits">Nats for each dimension, at least 0.</param>
    public static Tensor Apply(Tape tape, Tensor distribution, Tensor? weights = null, float freeBits = 0)
    {
        var (rows, n) = (distribution.Shape.Rows, distribution.Shape.Columns / 2);
        var totalWeight = 0.0;
        for (var row = 0; row < rows; row++) totalWeight += weights?[row] ?? 1;
        var loss = tape.Rent(new Shape(1));
        var record = tape.Record<GaussianKlLoss>(loss, distribution);
        var derivative = record is null ? null : Tensor.Rent(distribution.Shape);
        derivative?.Span.Clear();
        double total = 0;
        for (var j = 0; j < n && totalWeight > 0; j++)
        {
            double mean = 0;
            for (var row = 0; row < rows; row++) mean += (weights?[row] ?? 1) * OfDimension(RowOf(row), j) / totalWeight;
            total += Math.Max(mean, freeBits);
            if (derivative is null || mean <= freeBits) continue;
            for (var row = 0; row < rows; row++)
            {
                var (at, share) = (2 * row * n + j, (float)((weights?[row] ?? 1) / totalWeight));
                (derivative[at], derivative[at + n]) = (share * distribution[at], 0.5f * share * (MathF.Exp(distribution[at + n]) - 1));
            }
        }
        loss.Span[0] = (float)total;
        record?.Keep(derivative);
        return loss;

        ReadOnlySpan<float> RowOf(int row) => distribution.Span.Slice(2 * row * n, 2 * n);
    }

    /// <summary>The divergence of one dimension of a row, in nats.</summary>
    /// <param name="row">The means of the row, then the logarithms of its variances.</param>
    /// <param name="dimension">The dimension.</param>
    public static double OfDimension(ReadOnlySpan<float> row, int dimension)
    {
        double mean = row[dimension], logVariance = row[row.Length / 2 + dimension];
        return 0.5 * (Math.Exp(logVariance) + mean * mean - 1 - logVariance);
    }
}
