using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using V = System.Runtime.Intrinsics.Vector128<float>;

namespace Microsoft.ML.Recurrent.Kernels.Simd;

/// <summary>Arm's 128-bit Advanced SIMD (NEON) on Arm64.</summary>
internal readonly unsafe struct AdvSimdSimd : ISimd<V>
{
    public static bool IsSupported => AdvSimd.Arm64.IsSupported;
    public static string Name => "advsimd";
    public static int Width => 4;
    public static int Accumulators => 24;

    public static V Zero
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => V.Zero;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Create(float value) => Vector128.Create(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Load(float* source) => AdvSimd.LoadVector128(source);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(float* destination, V value) => AdvSimd.Store(destination, value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V LoadPartial(float* source, int count) => count switch
    {
        1 => Vector128.Create(source[0], 0, 0, 0),
        2 => Vector128.Create(source[0], source[1], 0, 0),
        3 => Vector128.Create(source[0], source[1], source[2], 0),
        _ => AdvSimd.LoadVector128(source),
    };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StorePartial(float* destination, V value, int count)
    {
        if (count >= 4)
            AdvSimd.Store(destination, value);
        else
        {
            destination[0] = value.GetElement(0);
            if (count > 1)
                destination[1] = value.GetElement(1);
            if (count > 2)
                destination[2] = value.GetElement(2);
        }
    }

    /// <summary>Does nothing: the instruction is not available.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Prefetch(float* source, int vectors) { }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Add(V a, V b) => AdvSimd.Add(a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Subtract(V a, V b) => AdvSimd.Subtract(a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Multiply(V a, V b) => AdvSimd.Multiply(a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Divide(V a, V b) => AdvSimd.Arm64.Divide(a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V MultiplyAdd(V a, V b, V c) => AdvSimd.FusedMultiplyAdd(c, a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V MultiplyAddNegated(V a, V b, V c) => AdvSimd.FusedMultiplySubtract(c, a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Min(V a, V b) => AdvSimd.Min(a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Max(V a, V b) => AdvSimd.Max(a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Sqrt(V a) => AdvSimd.Arm64.Sqrt(a);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Abs(V a) => AdvSimd.Abs(a);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Round(V a) => AdvSimd.RoundToNearest(a);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Reciprocal(V a) => AdvSimd.Arm64.Divide(Vector128.Create(1f), a);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Scale(V a, V n)
    {
        // Two factors, since 2^n itself may be outside the normal range.
        Vector128<int> whole = AdvSimd.ConvertToInt32RoundToEven(n), half = AdvSimd.ShiftRightArithmetic(whole, 1);
        return AdvSimd.Multiply(AdvSimd.Multiply(a, PowerOfTwo(half)), PowerOfTwo(AdvSimd.Subtract(whole, half)));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Decompose(V a, out V exponent)
    {
        var bits = a.AsInt32();
        exponent = AdvSimd.ConvertToSingle(AdvSimd.Subtract(AdvSimd.ShiftRightLogical(bits, 23), Vector128.Create(127)));
        return AdvSimd.Or(AdvSimd.And(bits, Vector128.Create(0x007FFFFF)), Vector128.Create(0x3F800000)).AsSingle();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V GreaterThan(V a, V b) => AdvSimd.CompareGreaterThan(a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Select(V mask, V a, V b) => AdvSimd.BitwiseSelect(mask, a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Sum(V a) => a.GetElement(0) + a.GetElement(2) + (a.GetElement(1) + a.GetElement(3));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float MaxElement(V a) => AdvSimd.Arm64.MaxAcross(a).ToScalar();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V PowerOfTwo(Vector128<int> n) => Vector128.ShiftLeft(AdvSimd.Add(n, Vector128.Create(127)), 23).AsSingle();
}
