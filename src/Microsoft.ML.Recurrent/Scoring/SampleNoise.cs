using System.Numerics;
using System.Runtime.InteropServices;
using Microsoft.ML.Recurrent.Autograd;
using Microsoft.ML.Recurrent.Data;

namespace Microsoft.ML.Recurrent.Scoring;

/// <summary>
/// The standard normal noise for a forecaster's samples. It is derived from the inputs of the row and the seed of the model, so a row has the same samples
/// whatever the other rows and the order; different rows have different samples.
/// </summary>
internal static class SampleNoise
{
    /// <summary>Fills the noise of a batch, if the model takes any.</summary>
    /// <param name="batch">The batch, with its other inputs filled.</param>
    public static void Fill(ScoringBatch batch)
    {
        if (batch.NoiseInput is not { } noise) return;
        for (var row = 0; row < batch.Rows; row++)
        {
            var key = batch.NoiseSeed;
            for (var i = 0; i < noise; i++)
            {
                key = Mix(key, batch.Inputs[i].IsInteger ? MemoryMarshal.Cast<long, uint>(batch.Tokens(row, i))
                    : batch.Inputs[i].IsDouble ? MemoryMarshal.Cast<double, uint>(batch.Doubles(row, i))
                    : MemoryMarshal.Cast<float, uint>(batch.Values(row, i)));
            }
            new RandomStream(key, "samples").FillGaussian(batch.Values(row, noise));
        }
    }

    private static ulong Mix(ulong key, ReadOnlySpan<uint> words)
    {
        foreach (var word in words) key = BitOperations.RotateLeft((key ^ word) * 0x9E3779B97F4A7C15, 29);
        return key;
    }
}
