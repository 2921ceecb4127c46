using System.Text;

namespace Microsoft.ML.Recurrent.Translation;

/// <summary>Joins tokens to a text.</summary>
internal static class TokenJoiner
{
    private const char Blank = '\u2581';

    private const string Continues = "##", EndsWord = "</w>";

    private static readonly Dictionary<char, byte> s_bytes = LettersOfBytes();

    public static string Join(IReadOnlyList<string> tokens, TokenJoining joining) => joining switch
    {
        TokenJoining.Blanks => string.Join(' ', tokens),
        TokenJoining.None => string.Concat(tokens),
        TokenJoining.ByteLevel => Bytes(tokens),
        TokenJoining.SentencePiece => string.Concat(tokens).Replace(Blank, ' ').TrimStart(' '),
        TokenJoining.WordPiece => Pieces(tokens),
        TokenJoining.EndOfWord => string.Concat(tokens).Replace(EndsWord, " ", StringComparison.Ordinal).TrimEnd(' '),
        _ => throw new ArgumentOutOfRangeException(nameof(joining), joining, "The joining is not defined."),
    };

    private static string Pieces(IReadOnlyList<string> tokens)
    {
        var text = new StringBuilder();
        foreach (var token in tokens)
        {
            if (token.StartsWith(Continues, StringComparison.Ordinal) && text.Length > 0) text.Append(token, Continues.Length, token.Length - Continues.Length);
            else text.Append(text.Length > 0 ? " " : "").Append(token);
        }
        return text.ToString();
    }

    // What is no letter of a byte, such as the text of an unknown token, stands for itself.
    private static string Bytes(IReadOnlyList<string> tokens)
    {
        var bytes = new List<byte>();
        foreach (var token in tokens)
        {
            if (token.All(s_bytes.ContainsKey)) bytes.AddRange(token.Select(letter => s_bytes[letter]));
            else bytes.AddRange(Encoding.UTF8.GetBytes(token));
        }
        return Encoding.UTF8.GetString([.. bytes]);
    }

    // GPT-2's letters: printable bytes of Latin-1 are themselves, the others follow from U+0100 on.
    private static Dictionary<char, byte> LettersOfBytes()
    {
        var (letters, next) = (new Dictionary<char, byte>(), 256);
        for (var code = 0; code < 256; code++)
            letters.Add((char)(code is >= '!' and <= '~' or >= 0xA1 and <= 0xAC or >= 0xAE ? code : next++), (byte)code);
        return letters;
    }
}
