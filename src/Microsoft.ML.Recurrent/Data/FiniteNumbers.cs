namespace Microsoft.ML.Recurrent.Data;

/// <summary>Tells whether numbers are all there.</summary>
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
}
