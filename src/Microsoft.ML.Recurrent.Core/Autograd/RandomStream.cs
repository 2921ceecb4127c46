using System.Runtime.CompilerServices;

namespace Microsoft.ML.Recurrent.Autograd;

/// <summary>
/// A sequence of random numbers from <see cref="Philox"/>. <see cref="State"/> is the whole state: key, stream and the number of 32-bit numbers drawn. A stream
/// reset to a state continues with the same numbers.
/// </summary>
internal sealed class RandomStream
{
    private ulong _position;
    private ulong _blockIndex = ulong.MaxValue;
    private (uint A, uint B, uint C, uint D) _block;

    public RandomStream(ulong key, ulong stream = 0) => (Key, Stream) = (key, stream);

    /// <summary>A separate stream per name, so the numbers drawn for one parameter do not depend on the others.</summary>
    public RandomStream(ulong key, string name)
        : this(key, StreamOf(name))
    {
    }

    public ulong Key { get; private set; }

    public ulong Stream { get; private set; }

    /// <summary>The current position.</summary>
    public RandomState State
    {
        get => new(Key, Stream, _position);
        set => (Key, Stream, _position, _blockIndex) = (value.Key, value.Stream, value.Position, ulong.MaxValue);
    }

    /// <summary>The stream number of a name (FNV-1a over its UTF-16 code units).</summary>
    public static ulong StreamOf(string name)
    {
        var hash = 0xCBF29CE484222325;
        foreach (var c in name) hash = (hash ^ c) * 0x100000001B3;
        return hash;
    }

    public uint NextUInt32()
    {
        var index = _position / Philox.BlockSize;
        if (index != _blockIndex) (_block, _blockIndex) = (Philox.Block(Key, Stream, index), index);
        return (_position++ % Philox.BlockSize) switch { 0 => _block.A, 1 => _block.B, 2 => _block.C, _ => _block.D };
    }

    public ulong NextUInt64() => NextUInt32() | (ulong)NextUInt32() << 32;

    /// <summary>Uniform in [0, 1), with 24 bits.</summary>
    public float NextSingle() => (NextUInt32() >> 8) * (1f / (1 << 24));

    /// <summary>Uniform in [0, 1), with 53 bits.</summary>
    public double NextDouble() => (NextUInt64() >> 11) * (1.0 / (1L << 53));

    /// <summary>Uniform in [0, <paramref name="exclusiveMaximum"/>), without bias (Lemire 2019).</summary>
    public int NextInt32(int exclusiveMaximum)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(exclusiveMaximum);
        var range = (uint)exclusiveMaximum;
        var product = (ulong)NextUInt32() * range;
        for (var threshold = (0 - range) % range; (uint)product < threshold;) product = (ulong)NextUInt32() * range;
        return (int)(product >> 32);
    }

    /// <summary>Standard normal (Box and Muller 1958). Only one number of each pair is used, so the position is the whole state.</summary>
    public double NextGaussian() => Math.Sqrt(-2 * Math.Log(1 - NextDouble())) * Math.Cos(2 * Math.PI * NextDouble());

    /// <summary>
    /// Fills with standard normal numbers in single precision, four per block of the generator: several times faster than <see cref="NextGaussian"/>, but with
    /// different numbers. Starts at a new block; the stream continues after the last one.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void FillGaussian(Span<float> values)
    {
        var index = (_position + Philox.BlockSize - 1) / Philox.BlockSize;
        Span<float> four = stackalloc float[Philox.BlockSize];
        for (var i = 0; i < values.Length; i += four.Length, index++)
        {
            var (a, b, c, d) = Philox.Block(Key, Stream, index);
            (four[0], four[1]) = Pair(a, b);
            (four[2], four[3]) = Pair(c, d);
            four[..Math.Min(four.Length, values.Length - i)].CopyTo(values[i..]);
        }

        _position = index * Philox.BlockSize;
    }

    // The Box-Muller pair of two 32-bit numbers. Half a unit is added to keep the argument of the logarithm above 0.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (float, float) Pair(uint a, uint b)
    {
        var radius = MathF.Sqrt(-2 * MathF.Log((a + 0.5f) * (1f / 4294967296)));
        var (sine, cosine) = MathF.SinCos(b * (2 * MathF.PI / 4294967296));
        return (radius * cosine, radius * sine);
    }

    /// <summary>Shuffles the items (Fisher and Yates); every order is equally likely.</summary>
    public void Shuffle<T>(Span<T> items)
    {
        for (var i = items.Length - 1; i > 0; i--)
        {
            var j = NextInt32(i + 1);
            (items[i], items[j]) = (items[j], items[i]);
        }
    }
}

/// <summary>The state of a <see cref="RandomStream"/>, as saved in a checkpoint.</summary>
internal readonly record struct RandomState(ulong Key, ulong Stream, ulong Position);
