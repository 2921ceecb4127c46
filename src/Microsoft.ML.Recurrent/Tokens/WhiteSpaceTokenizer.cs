namespace Microsoft.ML.Recurrent.Tokens;

/// <summary>What stands between white space.</summary>
internal sealed class WhiteSpaceTokenizer : TextTokenizer
{
    /// <summary>All characters at which text is split.</summary>
    public static string[] Separators { get; } =
        [.. Enumerable.Range(0, char.MaxValue + 1).Select(code => (char)code).Where(char.IsWhiteSpace).Select(character => character.ToString())];

    internal override TokenizerManifest Manifest { get; } = new(TokenizerManifest.WhiteSpace);

    internal override void Tokenize(ReadOnlyMemory<char> text, List<ReadOnlyMemory<char>> tokens, List<int> ids, TokenLimit limit)
    {
        var span = text.Span;
        for (var start = 0; start < span.Length && !limit.IsReached(tokens.Count);)
        {
            var end = start;
            while (end < span.Length && !char.IsWhiteSpace(span[end])) end++;
            if (end > start) tokens.Add(text[start..end]);
            start = end + 1;
        }
        limit.Apply(tokens);
    }
}
