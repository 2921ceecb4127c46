using System.Text;

namespace Microsoft.ML.Recurrent.Tokens;

/// <summary>Makes the feature of a word; not thread-safe.</summary>
internal sealed class WordFeatureReader(WordFeature feature, int length)
{
    private readonly StringBuilder _shape = new();

    /// <summary>The feature; a part of the word itself where possible.</summary>
    public ReadOnlyMemory<char> Read(ReadOnlyMemory<char> word) => feature switch
    {
        WordFeature.Prefix => word[..Characters(word.Span, fromEnd: false)],
        WordFeature.Suffix => word[^Characters(word.Span, fromEnd: true)..],
        WordFeature.MaskedDigits => Masked(word),
        _ => Shape(word.Span).AsMemory(),
    };

    // Characters of the first or last runes: a surrogate pair is not divided.
    private int Characters(ReadOnlySpan<char> word, bool fromEnd)
    {
        var taken = 0;
        for (var i = 0; i < length && taken < word.Length; i++)
        {
            var rest = fromEnd ? word[..^taken] : word[taken..];
            _ = fromEnd ? Rune.DecodeLastFromUtf16(rest, out _, out var width) : Rune.DecodeFromUtf16(rest, out _, out width);
            taken += width;
        }
        return taken;
    }

    private static ReadOnlyMemory<char> Masked(ReadOnlyMemory<char> word)
    {
        var hasDigit = false;
        foreach (var letter in word.Span) hasDigit |= char.IsDigit(letter);
        return !hasDigit ? word
            : string.Create(word.Length, word, (masked, all) =>
            {
                for (var i = 0; i < masked.Length; i++) masked[i] = char.IsDigit(all.Span[i]) ? '0' : all.Span[i];
            }).AsMemory();
    }

    private string Shape(ReadOnlySpan<char> word)
    {
        _shape.Clear();
        Rune before = default;
        var run = 0;
        foreach (var rune in word.EnumerateRunes())
        {
            var kind = Rune.IsUpper(rune) ? new Rune('X') : Rune.IsLetter(rune) ? new Rune('x') : Rune.IsDigit(rune) ? new Rune('d') : rune;
            run = kind == before ? run + 1 : 1;
            before = kind;
            if (run <= length) _shape.Append(kind.ToString());
        }
        return _shape.ToString();
    }
}
