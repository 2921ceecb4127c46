using System.Numerics;

namespace Microsoft.ML.Recurrent.Data;

/// <summary>Copies the steps of a sequence between layouts with different strides: the distance from one step to the next.</summary>
internal static class StepCopy
{
    /// <summary>Copies the first <paramref name="width"/> numbers of each step.</summary>
    public static void Numbers(ReadOnlySpan<float> source, int sourceStride, Span<float> destination, int stride, int width)
    {
        if (sourceStride == width && stride == width)
        {
            source.CopyTo(destination);
            return;
        }
        if (width == 1)
        {
            for (int from = 0, to = 0; from < source.Length; from += sourceStride, to += stride) destination[to] = source[from];
            return;
        }
        for (int from = 0, to = 0; from < source.Length; from += sourceStride, to += stride) source.Slice(from, width).CopyTo(destination[to..]);
    }

    /// <summary>Copies the first number of each step as an id.</summary>
    public static void Ids<TSource, TId>(ReadOnlySpan<TSource> source, int sourceStride, Span<TId> destination, int stride)
        where TSource : INumberBase<TSource>
        where TId : INumberBase<TId>
    {
        for (int from = 0, to = 0; from < source.Length; from += sourceStride, to += stride) destination[to] = TId.CreateTruncating(source[from]);
    }
}
