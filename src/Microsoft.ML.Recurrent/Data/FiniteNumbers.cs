namespace Microsoft.ML.Recurrent.Data;

/// <summary>Checks numbers for missing and infinite values.</summary>
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

    /// <summary>Replaces infinite values by missing ones, for a model with missing-value indicators.</summary>
    public static void LeaveOutInfinite(Span<float> values)
    {
        foreach (ref var value in values)
        {
            if (float.IsInfinity(value)) value = float.NaN;
        }
    }
}
