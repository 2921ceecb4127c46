using Microsoft.ML.Recurrent.Autograd;
using TensorPrimitives = System.Numerics.Tensors.TensorPrimitives;

namespace Microsoft.ML.Recurrent.Layers;

/// <summary>First values of weights. Every one draws from the stream it is given and nothing else, so a seed gives the same bits again.</summary>
internal static class Initializer
{
    /// <summary>U(-a, a) with a = sqrt(6 / (fan in + fan out)) (Glorot and Bengio 2010).</summary>
    public static void GlorotUniform(Span<float> weights, int fanIn, int fanOut, RandomStream random) => Uniform(weights, Math.Sqrt(6.0 / (fanIn + fanOut)), random);

    /// <summary>U(-a, a).</summary>
    public static void Uniform(Span<float> weights, double a, RandomStream random)
    {
        foreach (ref var weight in weights) weight = (float)(a * (2 * random.NextDouble() - 1));
    }

    /// <summary>N(0, deviation^2).</summary>
    public static void Normal(Span<float> weights, double deviation, RandomStream random)
    {
        foreach (ref var weight in weights) weight = (float)(deviation * random.NextGaussian());
    }

    /// <summary>
    /// A random orthogonal matrix [rows, columns], every one equally likely (Saxe et al. 2014): the rows, or the columns where there are fewer of them, are orthonormal, so that a
    /// recurrent product neither shrinks nor stretches the state.
    /// </summary>
    public static void Orthogonal(Span<float> weights, int rows, int columns, RandomStream random)
    {
        if (weights.Length != rows * columns) throw new ArgumentException($"{weights.Length} numbers are no matrix of {rows} x {columns}.", nameof(weights));
        var (count, length) = (Math.Min(rows, columns), Math.Max(rows, columns));
        var basis = new double[count * length];
        foreach (ref var value in basis.AsSpan()) value = random.NextGaussian();
        for (var i = 0; i < count; i++)
        {
            // Modified Gram-Schmidt: the rows of a Gaussian matrix in orthonormal form are uniform over the orthogonal matrices.
            var row = basis.AsSpan(i * length, length);
            for (var j = 0; j < i; j++)
            {
                var other = basis.AsSpan(j * length, length);
                TensorPrimitives.MultiplyAdd<double>(other, -TensorPrimitives.Dot<double>(row, other), row, row);
            }

            TensorPrimitives.Divide(row, TensorPrimitives.Norm<double>(row), row);
        }

        for (var i = 0; i < count; i++)
        {
            for (var j = 0; j < length; j++) weights[rows <= columns ? i * columns + j : j * columns + i] = (float)basis[i * length + j];
        }
    }
}
