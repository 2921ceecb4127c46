using Microsoft.ML.Recurrent.Autograd;
using Microsoft.ML.Recurrent.Tensors;

namespace Microsoft.ML.Recurrent.Networks.Inputs;

/// <summary>Logarithms of raw numbers, and back. What has none is NaN.</summary>
internal static class LoggedInputs
{
    /// <summary>A number's logarithm; NaN for none.</summary>
    public static float Log(float x, TargetTransform transform)
    {
        if (transform is TargetTransform.None) return x;
        if (transform is TargetTransform.Log1p) x += 1;
        return x > 0 ? MathF.Log(x) : float.NaN;
    }

    /// <summary>The number of a logarithm.</summary>
    public static float Exp(float x, TargetTransform transform) =>
        transform switch { TargetTransform.None => x, TargetTransform.Log => MathF.Exp(x), _ => MathF.Exp(x) - 1 };

    /// <summary>A sequence whose first features are logarithms.</summary>
    public static Tensor Apply(Tape tape, Tensor x, TargetTransform transform, int features)
    {
        if (transform is TargetTransform.None) return x;
        var (y, columns) = (tape.Rent(x.Shape), x.Shape.Columns);
        for (var i = 0; i < x.Length; i++) y[i] = i % columns < features ? Log(x[i], transform) : x[i];
        return y;
    }
}
