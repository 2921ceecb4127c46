using System.Numerics;
using System.Runtime.InteropServices;
using Microsoft.ML.Recurrent.Autograd;
using Microsoft.ML.Recurrent.Data;

namespace Microsoft.ML.Recurrent.Scoring;

/// <summary>
/// The normal scores from which a forecaster's samples are drawn. They follow from what a row's inputs hold, and from the model's seed: the same row has the
/// same samples whatever rows it is scored with, and in whatever order; other rows have others.
/// </summary>
internal static class SampleNoise
{
    /// <summary>Fills the noise of a batch's rows, where the model takes any.</summary>
    /// <param name="batch">The batch, its other inputs filled.</param>
    public static void Fill(ScoringBatch batch)
    {
        if (batch.NoiseInput is not { } noise) return;
        for (int row = 0; row < batch.Rows; row++)
        {
            ulong key = batch.NoiseSeed;
            for (int i = 0; i < noise; i++)
                key = Mix(key,
                    batch.Inputs[i].IsInteger ? MemoryMarshal.Cast<long, uint>(batch.Tokens(row, i)) : MemoryMarshal.Cast<float, uint>(batch.Values(row, i)));
            new RandomStream(key, "samples").FillGaussian(batch.Values(row, noise));
        }
    }

    private static ulong Mix(ulong key, ReadOnlySpan<uint> words)
    {
        foreach (uint word in words) key = BitOperations.RotateLeft((key ^ word) * 0x9E3779B97F4A7C15, 29);
        return key;
    }
}
