using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Microsoft.ML.Recurrent.Kernels;

/// <summary>Packs operands into the order in which the register tiles read them.</summary>
internal static unsafe class Packing
{
    /// <summary>
    /// destination[k * rowLength + n] = source[k * rowStride + n * columnStride] for k below depth and n below columns, and 0 for n from columns to rowLength -
    /// 1. One of the strides is 1.
    /// </summary>
    public static void PackPanel(float* source, nint rowStride, nint columnStride, int depth, int columns, float* destination, int rowLength) =>
        PackBlock(source, rowStride, columnStride, depth, columns, destination, rowLength, rowLength);

    /// <summary>
    /// Like <see cref="PackPanel"/>, but with a row distance of <paramref name="stride"/> in the panel and <paramref name="padded"/> columns written.
    /// </summary>
    public static void PackBlock(float* source, nint rowStride, nint columnStride, int depth, int columns, float* destination, int padded, int stride)
    {
        if (columnStride == 1)
            Copy(source, rowStride, depth, columns, destination, padded, stride);
        else
            Transpose(source, columnStride, depth, columns, destination, padded, stride);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Copy(float* source, nint rowStride, int depth, int columns, float* destination, int padded, int stride)
    {
        var quads = columns & ~3;
        for (var k = 0; k < depth; k++, source += rowStride, destination += stride)
        {
            var n = 0;
            if (Vector256.IsHardwareAccelerated)
                for (; n <= columns - 8; n += 8)
                    Vector256.Store(Vector256.Load(source + n), destination + n);
            for (; n < quads; n += 4)
                Vector128.Store(Vector128.Load(source + n), destination + n);
            for (; n < columns; n++)
                destination[n] = source[n];
            for (; n < padded; n++)
                destination[n] = 0;
        }
    }

    // Column n of the panel is contiguous in the source: 4 x 4 blocks are transposed in registers.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Transpose(float* source, nint columnStride, int depth, int columns, float* destination, int padded, int stride)
    {
        var n = 0;
        for (; n <= columns - 4; n += 4)
        {
            var s = source + (n * columnStride);
            var d = destination + n;
            var k = 0;
            for (; k <= depth - 4; k += 4, s += 4, d += 4 * (nint)stride)
            {
                Transpose4(s, columnStride, out var r0, out var r1, out var r2, out var r3);
                Vector128.Store(r0, d);
                Vector128.Store(r1, d + stride);
                Vector128.Store(r2, d + (2 * (nint)stride));
                Vector128.Store(r3, d + (3 * (nint)stride));
            }
            for (; k < depth; k++, s++, d += stride)
                for (var i = 0; i < 4; i++)
                    d[i] = s[i * columnStride];
        }
        for (; n < padded; n++)
        {
            var d = destination + n;
            if (n < columns)
                for (var k = 0; k < depth; k++)
                    d[(nint)k * stride] = source[(n * columnStride) + k];
            else
                for (var k = 0; k < depth; k++)
                    d[(nint)k * stride] = 0;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Transpose4(
        float* s, nint stride, out Vector128<float> r0, out Vector128<float> r1, out Vector128<float> r2, out Vector128<float> r3)
    {
        Vector128<float> a = Vector128.Load(s), b = Vector128.Load(s + stride), c = Vector128.Load(s + (2 * stride)), d = Vector128.Load(s + (3 * stride));
        if (System.Runtime.Intrinsics.X86.Sse.IsSupported)
        {
            Vector128<float> ab = System.Runtime.Intrinsics.X86.Sse.UnpackLow(a, b), cd = System.Runtime.Intrinsics.X86.Sse.UnpackLow(c, d);
            Vector128<float> ef = System.Runtime.Intrinsics.X86.Sse.UnpackHigh(a, b), gh = System.Runtime.Intrinsics.X86.Sse.UnpackHigh(c, d);
            r0 = System.Runtime.Intrinsics.X86.Sse.MoveLowToHigh(ab, cd);
            r1 = System.Runtime.Intrinsics.X86.Sse.MoveHighToLow(cd, ab);
            r2 = System.Runtime.Intrinsics.X86.Sse.MoveLowToHigh(ef, gh);
            r3 = System.Runtime.Intrinsics.X86.Sse.MoveHighToLow(gh, ef);
        }
        else
        {
            r0 = Vector128.Create(a.GetElement(0), b.GetElement(0), c.GetElement(0), d.GetElement(0));
            r1 = Vector128.Create(a.GetElement(1), b.GetElement(1), c.GetElement(1), d.GetElement(1));
            r2 = Vector128.Create(a.GetElement(2), b.GetElement(2), c.GetElement(2), d.GetElement(2));
            r3 = Vector128.Create(a.GetElement(3), b.GetElement(3), c.GetElement(3), d.GetElement(3));
        }
    }
}
