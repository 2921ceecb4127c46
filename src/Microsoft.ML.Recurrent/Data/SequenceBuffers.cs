using Microsoft.ML.Data;

namespace Microsoft.ML.Recurrent.Data;

/// <summary>Vectors of ML.NET as plain floats.</summary>
internal static class SequenceBuffers
{
    /// <summary>Writes a sparse vector densely into a buffer that grows where it has to.</summary>
    public static void Scatter(in VBuffer<float> vector, ref float[] destination)
    {
        if (destination.Length < vector.Length) destination = new float[Math.Max(vector.Length, 2 * destination.Length)];
        vector.CopyTo(destination.AsSpan(0, vector.Length));
    }
}
