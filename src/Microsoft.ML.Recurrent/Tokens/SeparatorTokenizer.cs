namespace Microsoft.ML.Recurrent.Tokens;

/// <summary>What stands between separators.</summary>
/// <param name="name">The name in saved models.</param>
/// <param name="isSeparator">Whether text is split at a character.</param>
internal sealed class SeparatorTokenizer(string name, Func<char, bool> isSeparator) : TextTokenizer
{
    /// <summary>All characters at which text is split.</summary>
    public string[] Separators { get; } =
        [.. Enumerable.Range(0, char.MaxValue + 1).Select(code => (char)code).Where(isSeparator).Select(character => character.ToString())];

    internal override TokenizerManifest Manifest { get; } = new(name);

    internal override PieceRule Form { get; } = new(PieceForm.Separated);

    internal override void Tokenize(ReadOnlyMemory<char> text, List<ReadOnlyMemory<char>> tokens, List<int> ids, TokenLimit limit)
    {
        var span = text.Span;
        for (var start = 0; start < span.Length && !limit.IsReached(tokens.Count);)
        {
            var end = start;
            while (end < span.Length && !isSeparator(span[end])) end++;
            if (end > start) tokens.Add(text[start..end]);
            start = end + 1;
        }
        limit.Apply(tokens);
    }
}
