using System.Runtime.CompilerServices;

namespace Microsoft.ML.Recurrent.Kernels.Simd;

/// <content>
/// Reductions, softmax and layer normalization. Partial vectors are padded with the neutral element, so the order of additions depends on the count only.
/// </content>
internal sealed unsafe partial class SimdKernels<S, V>
{
    [MethodImpl(Hot)]
    public override float Sum(float* a, nint count)
    {
        V s0 = S.Zero, s1 = S.Zero, s2 = S.Zero, s3 = S.Zero;
        nint i = 0;
        for (; i <= count - (4 * S.Width); i += 4 * S.Width)
        {
            s0 = S.Add(s0, S.Load(a + i));
            s1 = S.Add(s1, S.Load(a + i + S.Width));
            s2 = S.Add(s2, S.Load(a + i + (2 * S.Width)));
            s3 = S.Add(s3, S.Load(a + i + (3 * S.Width)));
        }
        for (; i < count; i += S.Width)
            s0 = S.Add(s0, LoadUpTo(a + i, count - i));
        return S.Sum(S.Add(S.Add(s0, s1), S.Add(s2, s3)));
    }

    [MethodImpl(Hot)]
    public override float Dot(float* a, float* b, nint count)
    {
        V s0 = S.Zero, s1 = S.Zero, s2 = S.Zero, s3 = S.Zero;
        nint i = 0;
        for (; i <= count - (4 * S.Width); i += 4 * S.Width)
        {
            s0 = S.MultiplyAdd(S.Load(a + i), S.Load(b + i), s0);
            s1 = S.MultiplyAdd(S.Load(a + i + S.Width), S.Load(b + i + S.Width), s1);
            s2 = S.MultiplyAdd(S.Load(a + i + (2 * S.Width)), S.Load(b + i + (2 * S.Width)), s2);
            s3 = S.MultiplyAdd(S.Load(a + i + (3 * S.Width)), S.Load(b + i + (3 * S.Width)), s3);
        }
        for (; i < count; i += S.Width)
            s0 = S.MultiplyAdd(LoadUpTo(a + i, count - i), LoadUpTo(b + i, count - i), s0);
        return S.Sum(S.Add(S.Add(s0, s1), S.Add(s2, s3)));
    }

    protected override double SumOfSquaresPart(float* a, nint count)
    {
        const int block = 8192;
        var begin = KernelProfile.Begin();
        float sum = 0;
        for (nint i = 0; i < count; i += block)
        {
            var length = Math.Min(block, count - i);
            sum += Dot(a + i, a + i, length);
        }
        KernelProfile.End(KernelPart.Optimizer, begin);
        return sum;
    }

    [MethodImpl(Hot)]
    public override float Max(float* a, nint count)
    {
        if (count == 0)
            return float.NegativeInfinity;
        if (count < S.Width)
        {
            var largest = a[0];
            for (nint k = 1; k < count; k++)
                largest = a[k] > largest ? a[k] : largest;
            return largest;
        }
        // The last vector overlaps the previous one.
        V m0 = S.Load(a), m1 = S.Load(a + count - S.Width);
        nint i = S.Width;
        for (; i <= count - (2 * S.Width); i += 2 * S.Width)
        {
            m0 = S.Max(m0, S.Load(a + i));
            m1 = S.Max(m1, S.Load(a + i + S.Width));
        }
        for (; i <= count - S.Width; i += S.Width)
            m0 = S.Max(m0, S.Load(a + i));
        return S.MaxElement(S.Max(m0, m1));
    }

    [MethodImpl(Hot)]
    public override void AddRow(float* a, float* row, float* destination, int rows, int columns)
    {
        var begin = KernelProfile.Begin();
        for (var r = 0; r < rows; r++, a += columns, destination += columns)
        {
            var i = 0;
            for (; i <= columns - S.Width; i += S.Width)
                S.Store(destination + i, S.Add(S.Load(a + i), S.Load(row + i)));
            if (i < columns)
                S.StorePartial(destination + i, S.Add(S.LoadPartial(a + i, columns - i), S.LoadPartial(row + i, columns - i)), columns - i);
        }
        KernelProfile.End(KernelPart.Sums, begin);
    }

    [MethodImpl(Hot)]
    protected override void AddColumnSumsPart(float* a, nint leadingDimension, float* sums, int rows, int columns)
    {
        var begin = KernelProfile.Begin();
        var c = 0;
        for (; c <= columns - (4 * S.Width); c += 4 * S.Width)
        {
            V s0 = S.Zero, s1 = S.Zero, s2 = S.Zero, s3 = S.Zero;
            var p = a + c;
            for (var r = 0; r < rows; r++, p += leadingDimension)
            {
                s0 = S.Add(s0, S.Load(p));
                s1 = S.Add(s1, S.Load(p + S.Width));
                s2 = S.Add(s2, S.Load(p + (2 * S.Width)));
                s3 = S.Add(s3, S.Load(p + (3 * S.Width)));
            }
            S.Store(sums + c, S.Add(S.Load(sums + c), s0));
            S.Store(sums + c + S.Width, S.Add(S.Load(sums + c + S.Width), s1));
            S.Store(sums + c + (2 * S.Width), S.Add(S.Load(sums + c + (2 * S.Width)), s2));
            S.Store(sums + c + (3 * S.Width), S.Add(S.Load(sums + c + (3 * S.Width)), s3));
        }
        for (; c < columns; c += S.Width)
        {
            var count = Math.Min(S.Width, columns - c);
            var s = S.Zero;
            var p = a + c;
            for (var r = 0; r < rows; r++, p += leadingDimension)
                s = S.Add(s, LoadUpTo(p, count));
            S.StorePartial(sums + c, S.Add(S.LoadPartial(sums + c, count), s), count);
        }
        KernelProfile.End(KernelPart.Sums, begin);
    }

    public override void Softmax(float* x, float* y, int rows, int columns)
    {
        for (var r = 0; r < rows; r++, x += columns, y += columns)
        {
            var sum = ExpMinusAndSum(x, y, Max(x, columns), columns);
            Map<ScaleOperation>(1 / sum, y, y, columns);
        }
    }

    [MethodImpl(Hot)]
    public override void SoftmaxBackward(float* y, float* dy, float* dx, int rows, int columns)
    {
        for (var r = 0; r < rows; r++, y += columns, dy += columns, dx += columns)
        {
            var mean = S.Create(Dot(y, dy, columns));
            for (var i = 0; i < columns; i += S.Width)
            {
                var n = columns - i;
                StoreUpTo(dx + i, S.MultiplyAdd(LoadUpTo(y + i, n), S.Subtract(LoadUpTo(dy + i, n), mean), LoadUpTo(dx + i, n)), n);
            }
        }
    }

    protected override void SoftmaxCrossEntropyPart(
        float* logits, int* targets, float* weights, float smoothing, float scale, float* losses, float* gradient, int rows, int columns)
    {
        var begin = KernelProfile.Begin();
        for (var r = 0; r < rows; r++, logits += columns)
        {
            var weight = weights == null ? 1 : weights[r];
            var target = targets[r];
            if (target < 0)
            {
                losses[r] = 0;
                if (gradient != null)
                    Fill(0, gradient + ((nint)r * columns), columns);
                continue;
            }
            float largest = Max(logits, columns), atTarget = logits[target];
            var mean = smoothing == 0 ? 0 : Sum(logits, columns) / columns;
            var row = gradient == null ? null : gradient + ((nint)r * columns);
            var sum = row == null ? SumOfExpMinus(logits, largest, columns) : ExpMinusAndSum(logits, row, largest, columns);
            // Differences of logits first: they stay exact for large logits.
            losses[r] = weight * (((1 - smoothing) * (largest - atTarget)) + (smoothing * (largest - mean)) + MathF.Log(sum));
            if (row == null)
                continue;
            var factor = scale * weight;
            if (smoothing == 0)
                Map<ScaleOperation>(factor / sum, row, row, columns);
            else
                ScaleAndAdd(factor / sum, -factor * smoothing / columns, row, columns);
            row[target] -= factor * (1 - smoothing);
        }
        KernelProfile.End(KernelPart.Softmax, begin);
    }

    [MethodImpl(Hot)]
    private static float SumOfExpMinus(float* x, float shift, int columns)
    {
        V s = S.Create(shift), sum = S.Zero, other = S.Zero;
        var i = 0;
        for (; i <= columns - (2 * S.Width); i += 2 * S.Width)
        {
            sum = S.Add(sum, VectorMath<S, V>.Exp(S.Subtract(S.Load(x + i), s)));
            other = S.Add(other, VectorMath<S, V>.Exp(S.Subtract(S.Load(x + i + S.Width), s)));
        }
        float rest = 0;
        for (; i < columns; i += S.Width)
        {
            var e = VectorMath<S, V>.Exp(S.Subtract(LoadUpTo(x + i, columns - i), s));
            if (columns - i >= S.Width)
                sum = S.Add(sum, e);
            else
                rest = SumFirst(e, columns - i);
        }
        return S.Sum(S.Add(sum, other)) + rest;
    }

    [MethodImpl(Hot)]
    private static float ExpMinusAndSum(float* x, float* y, float shift, int columns)
    {
        V s = S.Create(shift), sum = S.Zero, other = S.Zero;
        var i = 0;
        for (; i <= columns - (2 * S.Width); i += 2 * S.Width)
        {
            V e0 = VectorMath<S, V>.Exp(S.Subtract(S.Load(x + i), s)), e1 = VectorMath<S, V>.Exp(S.Subtract(S.Load(x + i + S.Width), s));
            S.Store(y + i, e0);
            S.Store(y + i + S.Width, e1);
            sum = S.Add(sum, e0);
            other = S.Add(other, e1);
        }
        float rest = 0;
        for (; i < columns; i += S.Width)
        {
            var e = VectorMath<S, V>.Exp(S.Subtract(LoadUpTo(x + i, columns - i), s));
            StoreUpTo(y + i, e, columns - i);
            if (columns - i >= S.Width)
                sum = S.Add(sum, e);
            else
                rest = SumFirst(e, columns - i);
        }
        return S.Sum(S.Add(sum, other)) + rest;
    }

    [MethodImpl(Hot)]
    private static void ScaleAndAdd(float scale, float shift, float* row, int columns)
    {
        V a = S.Create(scale), b = S.Create(shift);
        for (var i = 0; i < columns; i += S.Width)
            StoreUpTo(row + i, S.MultiplyAdd(a, LoadUpTo(row + i, columns - i), b), columns - i);
    }

    private static float SumFirst(V value, int count)
    {
        var buffer = stackalloc float[S.Width];
        S.Store(buffer, value);
        float sum = 0;
        for (var i = 0; i < count; i++)
            sum += buffer[i];
        return sum;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V LoadUpTo(float* source, nint count) => count >= S.Width ? S.Load(source) : S.LoadPartial(source, (int)count);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void StoreUpTo(float* destination, V value, nint count)
    {
        if (count >= S.Width)
            S.Store(destination, value);
        else
            S.StorePartial(destination, value, (int)count);
    }
}
