using System.Runtime.CompilerServices;

namespace Microsoft.ML.Recurrent.Kernels.Simd;

/// <summary>
/// Elementary functions of vectors. The polynomials and rational functions are minimax fits of the relative error. The stated errors hold for all finite
/// arguments and are tested against double precision. NaN gives NaN.
/// </summary>
internal static class VectorMath<S, V>
    where S : struct, ISimd<V>
    where V : struct
{
    private const float Log2E = 1.44269504f, Ln2High = 0.693359375f, Ln2Low = -2.12194440e-4f;

    /// <summary>e^x within 2 ulp; 0 below -104, infinity above 88.73.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Exp(V x) => ExpInRange(S.Min(S.Create(89.5f), S.Max(S.Create(-104f), x)));

    /// <summary>The hyperbolic tangent within 6 ulp: x P(x²)/Q(x²).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Tanh(V x)
    {
        x = S.Min(S.Create(9f), S.Max(S.Create(-9f), x));
        var z = S.Multiply(x, x);
        var p = S.MultiplyAdd(z, S.Create(-1.2246277937217245e-11f), S.Create(3.064257050759466e-08f));
        var q = S.MultiplyAdd(z, S.Create(1.2890363253299155e-06f), S.Create(0.00039407148827863043f));
        p = S.MultiplyAdd(z, p, S.Create(2.803132832862586e-05f));
        q = S.MultiplyAdd(z, q, S.Create(0.027250159674352053f));
        p = S.MultiplyAdd(z, p, S.Create(0.003869508835286126f));
        q = S.MultiplyAdd(z, q, S.Create(0.47014189196831824f));
        p = S.MultiplyAdd(z, p, S.Create(0.13680857106723737f));
        q = S.MultiplyAdd(z, q, S.Create(1f));
        p = S.MultiplyAdd(z, p, S.Create(1f));
        return S.Multiply(S.Multiply(x, p), S.Reciprocal(q));
    }

    /// <summary>1 / (1 + e^-x) within 4 ulp; does not fall below 1.6e-38.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Sigmoid(V x)
    {
        x = S.Min(S.Create(88f), S.Max(S.Create(-87f), x));
        return S.Reciprocal(S.Add(S.Create(1f), ExpInRange(S.Subtract(S.Zero, x))));
    }

    /// <summary>The natural logarithm within 3 ulp; minus infinity at 0, NaN below.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Log(V x)
    {
        // Subnormal numbers are scaled to the normal range first.
        var small = S.GreaterThan(S.Create(1.17549435e-38f), x);
        var normal = S.Select(small, S.Multiply(x, S.Create(16777216f)), x);
        var mantissa = S.Decompose(normal, out var exponent);
        exponent = S.Select(small, S.Subtract(exponent, S.Create(24f)), exponent);
        var large = S.GreaterThan(mantissa, S.Create(1.41421356f));
        mantissa = S.Select(large, S.Multiply(mantissa, S.Create(0.5f)), mantissa);
        exponent = S.Select(large, S.Add(exponent, S.Create(1f)), exponent);
        V t = S.Subtract(mantissa, S.Create(1f)), z = S.Multiply(t, t);
        var p = S.MultiplyAdd(t, S.Create(-0.07634493052105211f), S.Create(0.12761575647138382f));
        p = S.MultiplyAdd(t, p, S.Create(-0.1316018305324655f));
        p = S.MultiplyAdd(t, p, S.Create(0.14201758232811346f));
        p = S.MultiplyAdd(t, p, S.Create(-0.16623357299036362f));
        p = S.MultiplyAdd(t, p, S.Create(0.2000122686547126f));
        p = S.MultiplyAdd(t, p, S.Create(-0.2500082103547202f));
        p = S.MultiplyAdd(t, p, S.Create(0.33333331707803726f));
        var y = S.MultiplyAdd(S.Multiply(z, t), p, S.Multiply(exponent, S.Create(Ln2Low)));
        y = S.Add(t, S.MultiplyAdd(z, S.Create(-0.5f), y));
        y = S.MultiplyAdd(exponent, S.Create(Ln2High), y);
        y = S.Select(S.GreaterThan(S.Create(float.PositiveInfinity), x), y, x);
        // -1 / sqrt(x) is minus infinity at 0 and NaN below, and propagates NaN.
        return S.Select(S.GreaterThan(x, S.Zero), y, S.Divide(S.Create(-1f), S.Sqrt(S.Add(x, S.Zero))));
    }

    /// <summary>The error function within 6 ulp: x P(x²)/Q(x²).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Erf(V x)
    {
        x = S.Min(S.Create(3.92f), S.Max(S.Create(-3.92f), x));
        var z = S.Multiply(x, x);
        var p = S.MultiplyAdd(z, S.Create(2.0259257303970326e-06f), S.Create(0.0002846871304484415f));
        var q = S.MultiplyAdd(z, S.Create(3.783195534283538e-05f), S.Create(0.0011707138484431563f));
        p = S.MultiplyAdd(z, p, S.Create(0.0038081072740523566f));
        q = S.MultiplyAdd(z, q, S.Create(0.015054979153805792f));
        p = S.MultiplyAdd(z, p, S.Create(0.05287527714117891f));
        q = S.MultiplyAdd(z, q, S.Create(0.11455907332788849f));
        p = S.MultiplyAdd(z, p, S.Create(0.19154895750104492f));
        q = S.MultiplyAdd(z, q, S.Create(0.5030885195055175f));
        p = S.MultiplyAdd(z, p, S.Create(1.128379143767445f));
        q = S.MultiplyAdd(z, q, S.Create(1f));
        return S.Multiply(S.Multiply(x, p), S.Reciprocal(q));
    }

    /// <summary>log(1 + e^x) = max(x, 0) + log1p(e^-|x|), within 4 ulp of max(1, result).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Softplus(V x)
    {
        V u = Exp(S.Subtract(S.Zero, S.Abs(x))), w = S.Add(S.Create(1f), u);
        var lost = S.Divide(S.Subtract(u, S.Subtract(w, S.Create(1f))), w);
        return S.Add(S.Max(S.Zero, x), S.Add(Log(w), lost));
    }

    // x in [-104, 89.5]: e^x = 2^n e^r with |r| <= ln(2)/2.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V ExpInRange(V x)
    {
        var n = S.Round(S.Multiply(x, S.Create(Log2E)));
        var r = S.MultiplyAddNegated(n, S.Create(Ln2High), x);
        r = S.MultiplyAddNegated(n, S.Create(Ln2Low), r);
        var p = S.MultiplyAdd(r, S.Create(0.001381314441003584f), S.Create(0.00836941884630444f));
        p = S.MultiplyAdd(r, p, S.Create(0.04166845678949763f));
        p = S.MultiplyAdd(r, p, S.Create(0.16666514791280568f));
        p = S.MultiplyAdd(r, p, S.Create(0.4999999305071357f));
        p = S.MultiplyAdd(S.Multiply(r, r), p, S.Add(r, S.Create(1f)));
        return S.Scale(p, n);
    }
}
