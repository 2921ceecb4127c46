using System.Text;

namespace Microsoft.ML.Recurrent.Tokens;

/// <summary>Characters, as Unicode scalar values.</summary>
internal sealed class CharacterTokenizer : TextTokenizer
{
    internal override TokenizerManifest Manifest { get; } = new(TokenizerManifest.Characters);

    internal override PieceRule Form { get; } = new(PieceForm.Joined);

    internal override void Tokenize(ReadOnlyMemory<char> text, List<ReadOnlyMemory<char>> tokens, List<int> ids, TokenLimit limit)
    {
        for (var start = 0; start < text.Length && !limit.IsReached(tokens.Count);)
        {
            Rune.DecodeFromUtf16(text.Span[start..], out _, out var width);
            tokens.Add(text.Slice(start, width));
            start += width;
        }
        limit.Apply(tokens);
    }
}
