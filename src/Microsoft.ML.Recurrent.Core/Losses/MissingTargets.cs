namespace Microsoft.ML.Recurrent.Losses;

/// <summary>What a missing target is: NaN. Losses and metrics leave it out.</summary>
internal static class MissingTargets
{
    /// <summary>Whether a target is missing.</summary>
    public static bool IsMissing(float target) => float.IsNaN(target);

    /// <summary>Whether a target is missing; if so, sets its derivative to 0.</summary>
    public static bool IsMissing(ReadOnlySpan<float> targets, Span<float> slopes, int i)
    {
        if (!IsMissing(targets[i])) return false;
        if (!slopes.IsEmpty) slopes[i] = 0;
        return true;
    }
}
