using Microsoft.ML.Data;

namespace Microsoft.ML.Recurrent.Data;

/// <summary>Converts ML.NET vectors to dense arrays.</summary>
internal static class SequenceBuffers
{
    /// <summary>Writes a sparse vector densely into a buffer, which grows as needed.</summary>
    public static void Scatter(in VBuffer<float> vector, ref float[] destination)
    {
        Fit(ref destination, vector.Length);
        vector.CopyTo(destination.AsSpan(0, vector.Length));
    }

    /// <summary>Grows a buffer to at least a length; its contents are then undefined.</summary>
    public static void Fit<T>(ref T[] buffer, int length)
    {
        if (buffer.Length < length) buffer = new T[Math.Max(length, 2 * buffer.Length)];
    }
}
