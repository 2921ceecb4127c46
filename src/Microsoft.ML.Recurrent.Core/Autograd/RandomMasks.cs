using Microsoft.ML.Recurrent.Tensors;

namespace Microsoft.ML.Recurrent.Autograd;

/// <summary>Random masks whose element i depends on key, stream and i only.</summary>
internal static class RandomMasks
{
    /// <summary>Rents a mask with elements of 1 with the given probability, otherwise 0.</summary>
    public static Tensor Bernoulli(Shape shape, float probability, ulong key, ulong stream)
    {
        var mask = Tensor.Rent(shape);
        var span = mask.Span;
        var threshold = (uint)Math.Min(uint.MaxValue, probability * (double)(1L << 32));
        for (var i = 0; i < span.Length; i += Philox.BlockSize)
        {
            var (a, b, c, d) = Philox.Block(key, stream, (ulong)(i / Philox.BlockSize));
            span[i] = a < threshold ? 1 : 0;
            if (i + 1 < span.Length) span[i + 1] = b < threshold ? 1 : 0;
            if (i + 2 < span.Length) span[i + 2] = c < threshold ? 1 : 0;
            if (i + 3 < span.Length) span[i + 3] = d < threshold ? 1 : 0;
        }

        return mask;
    }
}
