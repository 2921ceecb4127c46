using System.Numerics;

namespace Microsoft.ML.Recurrent.Core.Tests;

/// <summary>The functions used in the equations of the cells.</summary>
internal static class CellMath
{
    /// <summary>y = W x + b, W [y, x], b [y] or empty.</summary>
    public static void Affine<T>(ReadOnlySpan<T> w, ReadOnlySpan<T> b, ReadOnlySpan<T> x, Span<T> y)
        where T : INumber<T>
    {
        for (var i = 0; i < y.Length; i++)
        {
            var sum = b.IsEmpty ? T.Zero : b[i];
            var row = w.Slice(i * x.Length, x.Length);
            for (var j = 0; j < x.Length; j++) sum += row[j] * x[j];
            y[i] = sum;
        }
    }

    public static T Sigmoid<T>(T x)
        where T : IFloatingPointIeee754<T>
    {
        var e = T.Exp(-T.Abs(x));
        return (x < T.Zero ? e : T.One) / (T.One + e);
    }

    public static T Activate<T>(RecurrentActivation activation, T x)
        where T : IFloatingPointIeee754<T> => activation switch
        {
            RecurrentActivation.Tanh => T.Tanh(x),
            RecurrentActivation.Relu => x > T.Zero ? x : T.Zero,
            RecurrentActivation.LeakyRelu => x > T.Zero ? x : T.CreateChecked(0.01) * x,
            RecurrentActivation.Elu => x > T.Zero ? x : T.ExpM1(x),
            RecurrentActivation.Sigmoid => Sigmoid(x),
            _ => throw new ArgumentOutOfRangeException(nameof(activation), activation, "There is no such activation."),
        };
}
