namespace Microsoft.ML.Recurrent.Tokens;

/// <summary>Which tokens a vocabulary takes.</summary>
/// <param name="MinimumCount">How often a token must occur.</param>
/// <param name="MaximumSize">The most keys, the reserved ones included; null for no limit.</param>
/// <param name="UnknownToken">The token whose key unknown tokens get; null for the missing key.</param>
/// <param name="PaddingToken">A token with a key of its own for padding; null for none.</param>
internal sealed record VocabularyRule(int MinimumCount, int? MaximumSize, string? UnknownToken, string? PaddingToken)
{
    /// <summary>The values of the keys: the reserved ones, then by falling count, ties by ordinal order.</summary>
    public string[] Choose(IReadOnlyDictionary<string, long> counts)
    {
        string[] reserved = [.. new[] { PaddingToken, UnknownToken }.OfType<string>()];
        string[] frequent =
        [
            .. counts.Where(pair => pair.Value >= MinimumCount && !reserved.Contains(pair.Key))
                .OrderByDescending(pair => pair.Value).ThenBy(pair => pair.Key, StringComparer.Ordinal)
                .Take((MaximumSize ?? int.MaxValue) - reserved.Length).Select(pair => pair.Key),
        ];
        return frequent.Length == 0 ? [] : [.. reserved, .. frequent];
    }
}
