using System.Runtime.CompilerServices;

namespace Microsoft.ML.Recurrent.Autograd;

/// <summary>
/// Philox 4x32-10, a counter-based random generator (Salmon et al. 2011). Block i of a stream depends on key, stream and i only, so any thread can generate any
/// part of a stream in any order with the same result.
/// </summary>
internal static class Philox
{
    /// <summary>Numbers per block.</summary>
    public const int BlockSize = 4;

    private const uint Multiplier0 = 0xD2511F53, Multiplier1 = 0xCD9E8D57, Weyl0 = 0x9E3779B9, Weyl1 = 0xBB67AE85;

    /// <summary>
    /// Four independent uniform 32-bit numbers: block <paramref name="index"/> of stream <paramref name="stream"/> under <paramref name="key"/>.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static (uint A, uint B, uint C, uint D) Block(ulong key, ulong stream, ulong index)
    {
        var (c0, c1, c2, c3) = ((uint)index, (uint)(index >> 32), (uint)stream, (uint)(stream >> 32));
        var (k0, k1) = ((uint)key, (uint)(key >> 32));
        for (var round = 0; round < 10; round++)
        {
            var p0 = (ulong)Multiplier0 * c0;
            var p1 = (ulong)Multiplier1 * c2;
            (c0, c1, c2, c3) = ((uint)(p1 >> 32) ^ c1 ^ k0, (uint)p1, (uint)(p0 >> 32) ^ c3 ^ k1, (uint)p0);
            k0 += Weyl0;
            k1 += Weyl1;
        }

        return (c0, c1, c2, c3);
    }

    /// <summary>Hashes two numbers to one; each input bit changes about half of the output bits (SplitMix64's finalizer, Steele et al. 2014).</summary>
    public static ulong Mix(ulong a, ulong b)
    {
        var z = a + 0x9E3779B97F4A7C15 * (b + 1);
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
