using System.Numerics;

namespace Microsoft.ML.Recurrent;

/// <summary>Checks numbers for missing and infinite values.</summary>
internal static class FiniteNumbers
{
    /// <summary>Whether none is NaN or infinite; true for no numbers.</summary>
    public static bool All<T>(ReadOnlySpan<T> values)
        where T : IFloatingPointIeee754<T>
    {
        foreach (var value in values)
        {
            if (!T.IsFinite(value)) return false;
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
