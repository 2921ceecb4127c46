using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using V = System.Runtime.Intrinsics.Vector512<float>;

namespace Microsoft.ML.Recurrent.Kernels.Simd;

/// <summary>
/// AVX-512 with explicit intrinsics: the helpers of <see cref="Vector512"/> run in software on CPUs for which the runtime considers 512 bits not worthwhile.
/// </summary>
internal readonly unsafe struct Avx512Simd : ISimd<V>
{
    public static bool IsSupported => Avx512F.IsSupported && Avx512DQ.IsSupported && Avx2.IsSupported;
    public static string Name => "avx512";
    public static int Width => 16;
    public static int Accumulators => 24;

    public static V Zero
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => V.Zero;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Create(float value) => Vector512.Create(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Load(float* source) => Avx512F.LoadVector512(source);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(float* destination, V value) => Avx512F.Store(destination, value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V LoadPartial(float* source, int count) => Avx512F.MaskLoad(source, First(count), V.Zero);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StorePartial(float* destination, V value, int count) => Avx512F.MaskStore(destination, First(count), value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Prefetch(float* source, int vectors)
    {
        for (var i = 0; i < vectors; i++)
            Sse.Prefetch0(source + (i * Width));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Add(V a, V b) => Avx512F.Add(a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Subtract(V a, V b) => Avx512F.Subtract(a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Multiply(V a, V b) => Avx512F.Multiply(a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Divide(V a, V b) => Avx512F.Divide(a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V MultiplyAdd(V a, V b, V c) => Avx512F.FusedMultiplyAdd(a, b, c);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V MultiplyAddNegated(V a, V b, V c) => Avx512F.FusedMultiplyAddNegated(a, b, c);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Min(V a, V b) => Avx512F.Min(a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Max(V a, V b) => Avx512F.Max(a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Sqrt(V a) => Avx512F.Sqrt(a);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Abs(V a) => Avx512DQ.AndNot(Vector512.Create(-0f), a);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Round(V a) => Avx512F.RoundScale(a, 0);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Reciprocal(V a)
    {
        // One Newton step on an estimate of 14 bits.
        var estimate = Avx512F.Reciprocal14(a);
        var error = Avx512F.FusedMultiplyAddNegated(a, estimate, Vector512.Create(1f));
        return Avx512F.FusedMultiplyAdd(estimate, error, estimate);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Scale(V a, V n) => Avx512F.Scale(a, n);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Decompose(V a, out V exponent)
    {
        exponent = Avx512F.GetExponent(a);
        return Avx512F.GetMantissa(a, 0);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V GreaterThan(V a, V b) => Avx512F.CompareGreaterThan(a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Select(V mask, V a, V b) => Avx512F.BlendVariable(b, a, mask);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Sum(V a)
    {
        var half = Avx.Add(a.GetLower(), Avx512DQ.ExtractVector256(a, 1));
        var quarter = Sse.Add(half.GetLower(), Avx.ExtractVector128(half, 1));
        quarter = Sse.Add(quarter, Sse.MoveHighToLow(quarter, quarter));
        return Sse.AddScalar(quarter, Sse.Shuffle(quarter, quarter, 1)).ToScalar();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float MaxElement(V a)
    {
        var half = Avx.Max(a.GetLower(), Avx512DQ.ExtractVector256(a, 1));
        var quarter = Sse.Max(half.GetLower(), Avx.ExtractVector128(half, 1));
        quarter = Sse.Max(quarter, Sse.MoveHighToLow(quarter, quarter));
        return Sse.MaxScalar(quarter, Sse.Shuffle(quarter, quarter, 1)).ToScalar();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V First(int count) =>
        Avx512F.CompareGreaterThan(Vector512.Create((float)count), Vector512.Create(0f, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15));
}
