using System.Globalization;
using System.Text;

namespace Microsoft.ML.Recurrent.Tokens;

/// <summary>
/// Words and symbols. Written by code points, so that a character of two UTF-16 units stays whole; <see cref="Pattern"/> says the same for graphs.
/// </summary>
internal sealed class WordTokenizer : TextTokenizer
{
    /// <summary>The same tokens as a regular expression of RE2, by which ONNX Runtime's Tokenizer splits.</summary>
    public const string Pattern = @"[\p{L}\p{M}\p{N}]+(?:['’]\p{L}[\p{L}\p{M}\p{N}]*)*|[^\p{L}\p{M}\p{N}\p{Z}\p{Cc}]";

    internal override TokenizerManifest Manifest { get; } = new(TokenizerManifest.Words);

    internal override PieceRule Form { get; } = new(PieceForm.Separated);

    internal override void Tokenize(ReadOnlyMemory<char> text, List<ReadOnlyMemory<char>> tokens, List<int> ids, TokenLimit limit)
    {
        for (var start = 0; start < text.Length && !limit.IsReached(tokens.Count);)
        {
            var end = start + Next(text.Span[start..], out var isToken);
            if (isToken) tokens.Add(text[start..end]);
            start = end;
        }
        limit.Apply(tokens);
    }

    // The length of the word, symbol or separator at the beginning.
    private static int Next(ReadOnlySpan<char> text, out bool isToken)
    {
        var length = Width(text, out var kind);
        isToken = kind is not CharacterKind.Separator;
        if (kind is not (CharacterKind.Letter or CharacterKind.Other)) return length;
        while (length < text.Length)
        {
            var rest = text[length..];
            var width = Width(rest, out kind);
            if (kind is not (CharacterKind.Letter or CharacterKind.Other))
            {
                if (rest[0] is not ('\'' or '’') || rest.Length == 1) break;
                width += Width(rest[1..], out kind);
                if (kind is not CharacterKind.Letter) break;
            }
            length += width;
        }
        return length;
    }

    private static int Width(ReadOnlySpan<char> text, out CharacterKind kind)
    {
        Rune.DecodeFromUtf16(text, out var rune, out var width);
        kind = Rune.GetUnicodeCategory(rune) switch
        {
            <= UnicodeCategory.OtherLetter => CharacterKind.Letter,
            <= UnicodeCategory.OtherNumber => CharacterKind.Other,
            <= UnicodeCategory.Control => CharacterKind.Separator,
            _ => CharacterKind.Symbol,
        };
        return width;
    }

    private enum CharacterKind
    {
        Letter,

        // Marks and digits.
        Other,
        Separator,
        Symbol,
    }
}
