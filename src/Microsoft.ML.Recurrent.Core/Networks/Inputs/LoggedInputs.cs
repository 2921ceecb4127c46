using Microsoft.ML.Recurrent.Autograd;
using Microsoft.ML.Recurrent.Tensors;

namespace Microsoft.ML.Recurrent.Networks.Inputs;

/// <summary>Log transform of raw values and its inverse. Values without a logarithm become NaN.</summary>
internal static class LoggedInputs
{
    /// <summary>The log transform of a value; NaN if undefined.</summary>
    public static float Log(float x, TargetTransform transform)
    {
        if (transform is TargetTransform.None) return x;
        if (transform is TargetTransform.Log1p) x += 1;
        return x > 0 ? MathF.Log(x) : float.NaN;
    }

    /// <summary>The inverse of <see cref="Log"/>.</summary>
    public static float Exp(float x, TargetTransform transform) =>
        transform switch { TargetTransform.None => x, TargetTransform.Log => MathF.Exp(x), _ => MathF.Exp(x) - 1 };

    /// <summary>Applies the log transform to the first features of a sequence.</summary>
    public static Tensor Apply(Tape tape, Tensor x, TargetTransform transform, int features)
    {
        if (transform is TargetTransform.None) return x;
        var (y, columns) = (tape.Rent(x.Shape), x.Shape.Columns);
        for (var i = 0; i < x.Length; i++) y[i] = i % columns < features ? Log(x[i], transform) : x[i];
        return y;
    }
}
