namespace Microsoft.ML.Recurrent.Data;

/// <summary>Tells whether numbers are all there, and whether they are numbers at all.</summary>
internal static class FiniteNumbers
{
    /// <summary>Whether none is NaN or infinite.</summary>
    public static bool All(ReadOnlySpan<float> values)
    {
        foreach (var value in values)
        {
            if (!float.IsFinite(value)) return false;
        }
        return true;
    }

    /// <summary>Makes infinite numbers missing ones, as for a model that is told what is missing.</summary>
    public static void LeaveOutInfinite(Span<float> values)
    {
        foreach (ref var value in values)
        {
            if (float.IsInfinity(value)) value = float.NaN;
        }
    }
}
