using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using V = System.Runtime.Intrinsics.Vector256<float>;

namespace Microsoft.ML.Recurrent.Kernels.Simd;

/// <summary>AVX2 with fused multiply-add.</summary>
internal readonly unsafe struct Avx2Simd : ISimd<V>
{
    public static bool IsSupported => Avx2.IsSupported && Fma.IsSupported;
    public static string Name => "avx2";
    public static int Width => 8;
    public static int Accumulators => 12;

    public static V Zero
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => V.Zero;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Create(float value) => Vector256.Create(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Load(float* source) => Avx.LoadVector256(source);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(float* destination, V value) => Avx.Store(destination, value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V LoadPartial(float* source, int count) => Avx.MaskLoad(source, First(count));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StorePartial(float* destination, V value, int count) => Avx.MaskStore(destination, First(count), value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Prefetch(float* source, int vectors)
    {
        for (var i = 0; i < vectors; i++)
            Sse.Prefetch0(source + (i * Width));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Add(V a, V b) => Avx.Add(a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Subtract(V a, V b) => Avx.Subtract(a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Multiply(V a, V b) => Avx.Multiply(a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Divide(V a, V b) => Avx.Divide(a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V MultiplyAdd(V a, V b, V c) => Fma.MultiplyAdd(a, b, c);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V MultiplyAddNegated(V a, V b, V c) => Fma.MultiplyAddNegated(a, b, c);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Min(V a, V b) => Avx.Min(a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Max(V a, V b) => Avx.Max(a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Sqrt(V a) => Avx.Sqrt(a);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Abs(V a) => Avx.AndNot(Vector256.Create(-0f), a);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Round(V a) => Avx.RoundToNearestInteger(a);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Reciprocal(V a) => Avx.Divide(Vector256.Create(1f), a);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Scale(V a, V n)
    {
        // Two factors, since 2^n itself may be outside the normal range.
        Vector256<int> whole = Avx.ConvertToVector256Int32(n), half = Avx2.ShiftRightArithmetic(whole, 1);
        return Avx.Multiply(Avx.Multiply(a, PowerOfTwo(half)), PowerOfTwo(Avx2.Subtract(whole, half)));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Decompose(V a, out V exponent)
    {
        var bits = a.AsInt32();
        exponent = Avx.ConvertToVector256Single(Avx2.Subtract(Avx2.ShiftRightLogical(bits, 23), Vector256.Create(127)));
        return Avx2.Or(Avx2.And(bits, Vector256.Create(0x007FFFFF)), Vector256.Create(0x3F800000)).AsSingle();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V GreaterThan(V a, V b) => Avx.CompareGreaterThan(a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Select(V mask, V a, V b) => Avx.BlendVariable(b, a, mask);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Sum(V a)
    {
        var half = Sse.Add(a.GetLower(), Avx.ExtractVector128(a, 1));
        half = Sse.Add(half, Sse.MoveHighToLow(half, half));
        return Sse.AddScalar(half, Sse.Shuffle(half, half, 1)).ToScalar();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float MaxElement(V a)
    {
        var half = Sse.Max(a.GetLower(), Avx.ExtractVector128(a, 1));
        half = Sse.Max(half, Sse.MoveHighToLow(half, half));
        return Sse.MaxScalar(half, Sse.Shuffle(half, half, 1)).ToScalar();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V PowerOfTwo(Vector256<int> n) => Avx2.ShiftLeftLogical(Avx2.Add(n, Vector256.Create(127)), 23).AsSingle();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V First(int count) => Avx2.CompareGreaterThan(Vector256.Create(count), Vector256.Create(0, 1, 2, 3, 4, 5, 6, 7)).AsSingle();
}
