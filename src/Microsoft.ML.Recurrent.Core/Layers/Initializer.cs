using Microsoft.ML.Recurrent.Autograd;
using Microsoft.ML.Recurrent.Tensors;

namespace Microsoft.ML.Recurrent.Layers;

/// <summary>Weight initialization. Each method draws from the given stream only, so a seed reproduces the same bits.</summary>
internal static class Initializer
{
    /// <summary>U(-a, a) with a = sqrt(6 / (fan in + fan out)) (Glorot and Bengio 2010).</summary>
    public static void GlorotUniform(Parameter parameter, int fanIn, int fanOut, ulong seed) =>
        GlorotUniform(parameter.Value.Span, fanIn, fanOut, new RandomStream(seed, parameter.Name));

    public static void GlorotUniform(Span<float> weights, int fanIn, int fanOut, RandomStream random) =>
        Uniform(weights, Math.Sqrt(6.0 / (fanIn + fanOut)), random);

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
    /// A uniformly random orthogonal matrix [rows, columns] (Saxe et al. 2014): the rows, or the columns if there are fewer, are orthonormal, so that a
    /// recurrent product preserves the norm of the state.
    /// </summary>
    public static void Orthogonal(Span<float> weights, int rows, int columns, RandomStream random)
    {
        if (weights.Length != rows * columns)
            throw new ArgumentException($"{weights.Length} numbers do not form a matrix of {rows} x {columns}.", nameof(weights));

        // The orthonormalized rows of a Gaussian matrix are uniform over the orthogonal matrices.
        if (rows <= columns)
        {
            OrthonormalRows(weights, rows, columns, random);
            return;
        }

        using var transposed = Tensor.Rent(new Shape(columns, rows));
        OrthonormalRows(transposed.Span, columns, rows, random);
        for (var i = 0; i < rows; i++)
        {
            for (var j = 0; j < columns; j++) weights[i * columns + j] = transposed[j * rows + i];
        }
    }

    private static unsafe void OrthonormalRows(Span<float> weights, int rows, int columns, RandomStream random)
    {
        random.FillGaussian(weights);
        fixed (float* matrix = weights) Orthogonalization.Orthonormalize(matrix, rows, columns);
    }
}
