using System.Buffers;
using System.Globalization;
using System.Text;

namespace Microsoft.ML.Recurrent.Tokens;

/// <summary>
/// Makes text of tokens, one after the other: what a token completes is returned at once. The bytes of a character may come in several tokens; until it is
/// whole they are kept, and bytes that are no UTF-8 become U+FFFD.
/// </summary>
/// <param name="rule">The form of the tokens.</param>
internal sealed class TokenDecoder(PieceRule rule)
{
    private const char LowerBlock = '\u2581';

    // Both keep what is incomplete: half a surrogate pair, or some of the bytes of a character.
    private readonly Encoder _encoder = Encoding.UTF8.GetEncoder();
    private readonly Decoder _decoder = Encoding.UTF8.GetDecoder();
    private readonly ArrayBufferWriter<byte> _bytes = new();
    private bool _hasText, _owesBlank;

    /// <summary>The text that is complete with this token; may be empty.</summary>
    public string Add(string token)
    {
        if (rule.Silent.Contains(token)) return "";
        _bytes.Clear();
        switch (rule.Form)
        {
            case PieceForm.Separated:
                if (_hasText) Write(" ");
                Write(token);
                break;
            case PieceForm.Joined:
                Write(token);
                break;
            case PieceForm.Bytes:
                foreach (var character in token)
                {
                    if (ByteCharacters.ByteOf(character) is { } value) Write(value);
                    else Write(character.ToString());
                }
                break;
            case PieceForm.Prefixed:
                var continues = token.StartsWith(rule.Mark, StringComparison.Ordinal) && token.Length > rule.Mark.Length;
                if (_hasText && !continues) Write(" ");
                Write(continues ? token[rule.Mark.Length..] : token);
                break;
            case PieceForm.Suffixed:
                if (_owesBlank) Write(" ");
                _owesBlank = token.EndsWith(rule.Mark, StringComparison.Ordinal);
                Write(_owesBlank ? token[..^rule.Mark.Length] : token);
                break;
            case PieceForm.SentencePiece:
                if (ByteOf(token) is { } own) Write(own);
                else
                {
                    var text = token.Replace(LowerBlock, ' ');
                    // The block before the first word is the library's own.
                    Write(_hasText || text is not [' ', ..] ? text : text[1..]);
                }
                break;
        }
        _hasText = true;
        return Decode(flush: false);
    }

    /// <summary>Ends the text: what is left of an incomplete character becomes U+FFFD. The next token begins a new text.</summary>
    public string Finish()
    {
        _bytes.Clear();
        Write("", flush: true);
        (_hasText, _owesBlank) = (false, false);
        return Decode(flush: true);
    }

    private string Decode(bool flush)
    {
        var characters = new char[_decoder.GetCharCount(_bytes.WrittenSpan, flush)];
        return new(characters, 0, _decoder.GetChars(_bytes.WrittenSpan, characters, flush));
    }

    private void Write(string text, bool flush = false)
    {
        var target = _bytes.GetSpan(Encoding.UTF8.GetMaxByteCount(text.Length + 1));
        _bytes.Advance(_encoder.GetBytes(text, target, flush));
    }

    private void Write(byte value)
    {
        Write("", flush: true);
        _bytes.GetSpan(1)[0] = value;
        _bytes.Advance(1);
    }

    private static byte? ByteOf(string token) => token is ['<', '0', 'x', var high, var low, '>']
        && byte.TryParse([high, low], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value) ? value : null;
}
