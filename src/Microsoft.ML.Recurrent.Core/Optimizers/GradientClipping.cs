using Microsoft.ML.Recurrent.Autograd;
using Microsoft.ML.Recurrent.Kernels;

namespace Microsoft.ML.Recurrent.Optimizers;

/// <summary>Gradient norms and clipping.</summary>
internal static class GradientClipping
{
    /// <summary>The L2 norm of the gradients of all trainable parameters.</summary>
    public static double GlobalNorm(IReadOnlyList<Parameter> parameters)
    {
        double sum = 0;
        for (var i = 0; i < parameters.Count; i++)
        {
            if (parameters[i].Trainable) sum += SumOfSquares(parameters[i]);
        }

        return Math.Sqrt(sum);
    }

    /// <summary>The L2 norm of the gradient of one parameter.</summary>
    public static double Norm(Parameter parameter) => Math.Sqrt(SumOfSquares(parameter));

    /// <summary>The factor that clips the global gradient norm to <paramref name="maximumNorm"/> (Pascanu et al. 2013), as in PyTorch.</summary>
    public static float ScaleFor(double norm, double maximumNorm) => (float)Math.Min(1, maximumNorm / (norm + 1e-6));

    private static unsafe double SumOfSquares(Parameter parameter)
    {
        var kernels = CpuKernels.Current;
        if (!parameter.TryGetRows(out var gradient, out var rows)) return kernels.SumOfSquares(parameter.GradientToRead.Pointer, parameter.Value.Length);
        var columns = gradient.Length / gradient.Shape[0];
        double sum = 0;
        foreach (var row in rows) sum += kernels.SumOfSquares(gradient.Pointer + (nint)row * columns, columns);
        return sum;
    }
}
