using System.Numerics;
using System.Runtime.CompilerServices;
using V = System.Numerics.Vector<float>;

namespace Microsoft.ML.Recurrent.Kernels.Simd;

/// <summary>The portable path, with the width of <see cref="Vector{T}"/> on this machine.</summary>
internal readonly unsafe struct PortableSimd : ISimd<V>
{
    public static string Name => "portable";
    public static int Width => V.Count;
    public static int Accumulators => 12;

    public static V Zero
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => V.Zero;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Create(float value) => new(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Load(float* source) => Vector.Load(source);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(float* destination, V value) => Vector.Store(value, destination);

    public static V LoadPartial(float* source, int count)
    {
        var value = V.Zero;
        Buffer.MemoryCopy(source, &value, sizeof(V), count * sizeof(float));
        return value;
    }

    public static void StorePartial(float* destination, V value, int count) =>
        Buffer.MemoryCopy(&value, destination, count * sizeof(float), count * sizeof(float));

    /// <summary>Does nothing: the instruction is not available.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Prefetch(float* source, int vectors) { }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Add(V a, V b) => a + b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Subtract(V a, V b) => a - b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Multiply(V a, V b) => a * b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Divide(V a, V b) => a / b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V MultiplyAdd(V a, V b, V c) => Vector.FusedMultiplyAdd(a, b, c);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V MultiplyAddNegated(V a, V b, V c) => Vector.FusedMultiplyAdd(-a, b, c);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Min(V a, V b) => Vector.ConditionalSelect(Vector.LessThan(a, b), a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Max(V a, V b) => Vector.ConditionalSelect(Vector.GreaterThan(a, b), a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Sqrt(V a) => Vector.SquareRoot(a);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Abs(V a) => Vector.Abs(a);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Round(V a) => Vector.Round(a, MidpointRounding.ToEven);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Reciprocal(V a) => V.One / a;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Scale(V a, V n)
    {
        // Two factors, since 2^n itself may be outside the normal range.
        Vector<int> whole = Vector.ConvertToInt32(n), half = Vector.ShiftRightArithmetic(whole, 1);
        return a * PowerOfTwo(half) * PowerOfTwo(whole - half);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Decompose(V a, out V exponent)
    {
        var bits = Vector.AsVectorInt32(a);
        exponent = Vector.ConvertToSingle(Vector.ShiftRightLogical(bits, 23) - new Vector<int>(127));
        return Vector.AsVectorSingle((bits & new Vector<int>(0x007FFFFF)) | new Vector<int>(0x3F800000));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V GreaterThan(V a, V b) => Vector.AsVectorSingle(Vector.GreaterThan(a, b));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Select(V mask, V a, V b) => Vector.ConditionalSelect(Vector.AsVectorInt32(mask), a, b);

    public static float Sum(V a)
    {
        float sum = 0;
        for (var i = 0; i < V.Count; i++)
            sum += a[i];
        return sum;
    }

    public static float MaxElement(V a)
    {
        var largest = a[0];
        for (var i = 1; i < V.Count; i++)
            largest = a[i] > largest ? a[i] : largest;
        return largest;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V PowerOfTwo(Vector<int> n) => Vector.AsVectorSingle(Vector.ShiftLeft(n + new Vector<int>(127), 23));
}
