namespace Microsoft.ML.Recurrent.Tokens;

/// <summary>The most tokens of a row, and the side from which further ones are dropped.</summary>
/// <param name="Maximum">The maximum; null for none.</param>
/// <param name="Side">The side that is cut.</param>
internal readonly record struct TokenLimit(int? Maximum, TruncationSide Side)
{
    /// <summary>Drops what is too much.</summary>
    /// <param name="tokens">The tokens.</param>
    /// <param name="reserved">Places for tokens that are added later.</param>
    public void Apply<T>(List<T> tokens, int reserved = 0)
    {
        if (Maximum is not { } maximum) return;
        var excess = tokens.Count - Math.Max(0, maximum - reserved);
        if (excess > 0) tokens.RemoveRange(Side is TruncationSide.Left ? 0 : tokens.Count - excess, excess);
    }

    /// <summary>Whether no further token is needed after these.</summary>
    public bool IsReached(int count) => Side is TruncationSide.Right && count >= Maximum;
}
