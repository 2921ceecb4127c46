using System.Runtime.CompilerServices;

namespace Microsoft.ML.Recurrent.Kernels.Simd;

/// <summary>A function of a vector and a constant; a type parameter of a loop, so that it is inlined.</summary>
internal interface IUnaryOperation
{
    static abstract V Apply<S, V>(V x, V alpha)
        where S : struct, ISimd<V>
        where V : struct;
}

/// <summary>An activation and its derivative, which depends on the argument x, the value y, or both.</summary>
internal interface IActivation : IUnaryOperation
{
    static abstract V Derivative<S, V>(V x, V y, V alpha)
        where S : struct, ISimd<V>
        where V : struct;
}

internal readonly struct ScaleOperation : IUnaryOperation
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<S, V>(V x, V alpha) where S : struct, ISimd<V> where V : struct => S.Multiply(x, alpha);
}

internal readonly struct TanhActivation : IActivation
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<S, V>(V x, V alpha) where S : struct, ISimd<V> where V : struct => VectorMath<S, V>.Tanh(x);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Derivative<S, V>(V x, V y, V alpha) where S : struct, ISimd<V> where V : struct => S.MultiplyAddNegated(y, y, S.Create(1f));
}

internal readonly struct SigmoidActivation : IActivation
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<S, V>(V x, V alpha) where S : struct, ISimd<V> where V : struct => VectorMath<S, V>.Sigmoid(x);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Derivative<S, V>(V x, V y, V alpha) where S : struct, ISimd<V> where V : struct => S.MultiplyAddNegated(y, y, y);
}

internal readonly struct ReluActivation : IActivation
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<S, V>(V x, V alpha) where S : struct, ISimd<V> where V : struct => S.Max(S.Zero, x);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Derivative<S, V>(V x, V y, V alpha) where S : struct, ISimd<V> where V : struct =>
        S.Select(S.GreaterThan(y, S.Zero), S.Create(1f), S.Zero);
}

internal readonly struct LeakyReluActivation : IActivation
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<S, V>(V x, V alpha) where S : struct, ISimd<V> where V : struct =>
        S.Select(S.GreaterThan(x, S.Zero), x, S.Multiply(x, alpha));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Derivative<S, V>(V x, V y, V alpha) where S : struct, ISimd<V> where V : struct =>
        S.Select(S.GreaterThan(y, S.Zero), S.Create(1f), alpha);
}

internal readonly struct EluActivation : IActivation
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<S, V>(V x, V alpha) where S : struct, ISimd<V> where V : struct
    {
        // e^x - 1 = 2 tanh(x/2) / (1 - tanh(x/2)) is precise near zero.
        var t = VectorMath<S, V>.Tanh(S.Multiply(x, S.Create(0.5f)));
        var near = S.Divide(S.Add(t, t), S.Subtract(S.Create(1f), t));
        var negative = S.Select(S.GreaterThan(x, S.Create(-1f)), near, S.Subtract(VectorMath<S, V>.Exp(x), S.Create(1f)));
        return S.Select(S.GreaterThan(x, S.Zero), x, S.Multiply(alpha, negative));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Derivative<S, V>(V x, V y, V alpha) where S : struct, ISimd<V> where V : struct =>
        S.Select(S.GreaterThan(y, S.Zero), S.Create(1f), S.Add(y, alpha));
}

internal readonly struct GeluActivation : IActivation
{
    private const float InverseRootTwo = 0.70710678f, InverseRootTwoPi = 0.39894228f;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<S, V>(V x, V alpha) where S : struct, ISimd<V> where V : struct => S.Multiply(x, Distribution<S, V>(x));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Derivative<S, V>(V x, V y, V alpha) where S : struct, ISimd<V> where V : struct
    {
        var density = S.Multiply(S.Create(InverseRootTwoPi), VectorMath<S, V>.Exp(S.Multiply(S.Create(-0.5f), S.Multiply(x, x))));
        return S.MultiplyAdd(x, density, Distribution<S, V>(x));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V Distribution<S, V>(V x) where S : struct, ISimd<V> where V : struct =>
        S.MultiplyAdd(S.Create(0.5f), VectorMath<S, V>.Erf(S.Multiply(x, S.Create(InverseRootTwo))), S.Create(0.5f));
}

internal readonly struct SiluActivation : IActivation
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<S, V>(V x, V alpha) where S : struct, ISimd<V> where V : struct => S.Multiply(x, VectorMath<S, V>.Sigmoid(x));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Derivative<S, V>(V x, V y, V alpha) where S : struct, ISimd<V> where V : struct
    {
        // s + x s (1 - s), from the argument only.
        var s = VectorMath<S, V>.Sigmoid(x);
        return S.MultiplyAdd(S.Multiply(x, s), S.Subtract(S.Create(1f), s), s);
    }
}

internal readonly struct SoftplusActivation : IActivation
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<S, V>(V x, V alpha) where S : struct, ISimd<V> where V : struct => VectorMath<S, V>.Softplus(x);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Derivative<S, V>(V x, V y, V alpha) where S : struct, ISimd<V> where V : struct => VectorMath<S, V>.Sigmoid(x);
}
