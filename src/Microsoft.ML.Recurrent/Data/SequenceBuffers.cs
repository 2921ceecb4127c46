using Microsoft.ML.Data;

namespace Microsoft.ML.Recurrent.Data;

/// <summary>Converts ML.NET vectors to dense arrays.</summary>
internal static class SequenceBuffers
{
    /// <summary>Writes a sparse vector densely into a buffer, which grows as needed.</summary>
    public static void Scatter(in VBuffer<float> vector, ref float[] destination)
    {
        if (destination.Length < vector.Length) destination = new float[Math.Max(vector.Length, 2 * destination.Length)];
        vector.CopyTo(destination.AsSpan(0, vector.Length));
    }
}
