using System.Numerics.Tensors;

namespace Microsoft.ML.Recurrent.Forecasting;

/// <summary>Cholesky's factorization of small symmetric matrices, row by row.</summary>
internal static class CholeskyFactor
{
    /// <summary>Replaces a matrix by its factor, in the lower triangle; false if the matrix is not positive definite.</summary>
    public static bool Create(double[] a, int n)
    {
        for (var i = 0; i < n; i++)
        {
            for (var j = 0; j <= i; j++)
            {
                var rest = a[i * n + j] - TensorPrimitives.Dot<double>(a.AsSpan(i * n, j), a.AsSpan(j * n, j));
                if (i == j && !(rest > 0)) return false;
                a[i * n + j] = i == j ? Math.Sqrt(rest) : rest / a[j * n + j];
            }
        }
        return true;
    }

    /// <summary>Replaces the right side by the solution, given the factor.</summary>
    public static void Solve(double[] a, double[] b, int n)
    {
        for (var i = 0; i < n; i++) b[i] = (b[i] - TensorPrimitives.Dot<double>(a.AsSpan(i * n, i), b.AsSpan(0, i))) / a[i * n + i];
        for (var i = n - 1; i >= 0; i--)
        {
            for (var j = i + 1; j < n; j++) b[i] -= a[j * n + i] * b[j];
            b[i] /= a[i * n + i];
        }
    }
}
