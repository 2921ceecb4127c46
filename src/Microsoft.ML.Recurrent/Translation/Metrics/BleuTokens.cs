using System.Text;

namespace Microsoft.ML.Recurrent.Translation.Metrics;

/// <summary>Splits texts into the tokens that BLEU counts.</summary>
internal static class BleuTokens
{
    public static string[] Split(string text, BleuTokenization tokenization) =>
        (tokenization is BleuTokenization.International13a ? Separate(text) : text).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);

    // The rules of mteval-v13a, one after the other: marks stand apart, a full stop or a comma only where no digit stands on that side, a hyphen after a digit.
    private static string Separate(string text)
    {
        text = text.Replace("<skipped>", "", StringComparison.Ordinal).Replace("-\n", "", StringComparison.Ordinal).Replace('\n', ' ');
        if (text.Contains('&'))
        {
            text = text.Replace("&quot;", "\"", StringComparison.Ordinal).Replace("&amp;", "&", StringComparison.Ordinal)
                .Replace("&lt;", "<", StringComparison.Ordinal).Replace("&gt;", ">", StringComparison.Ordinal);
        }
        var marks = new StringBuilder(" ", 2 * text.Length);
        foreach (var letter in text)
        {
            if (IsMark(letter)) marks.Append(' ').Append(letter).Append(' ');
            else marks.Append(letter);
        }
        var before = Pairs(marks.Append(' ').ToString(), (a, b) => !char.IsAsciiDigit(a) && IsStop(b), spaceFirst: false);
        var after = Pairs(before, (a, b) => IsStop(a) && !char.IsAsciiDigit(b), spaceFirst: true);
        return Pairs(after, (a, b) => char.IsAsciiDigit(a) && b == '-', spaceFirst: false);
    }

    // Each pair of neighbours that matches is set apart; the next pair begins after it.
    private static string Pairs(string text, Func<char, char, bool> matches, bool spaceFirst)
    {
        var result = new StringBuilder(2 * text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            if (i + 1 == text.Length || !matches(text[i], text[i + 1]))
            {
                result.Append(text[i]);
                continue;
            }
            if (spaceFirst) result.Append(' ').Append(text[i]).Append(' ').Append(text[++i]);
            else result.Append(text[i]).Append(' ').Append(text[++i]).Append(' ');
        }
        return result.ToString();
    }

    private static bool IsStop(char letter) => letter is '.' or ',';

    // ASCII's marks but for apostrophe, hyphen, full stop and comma.
    private static bool IsMark(char letter) =>
        letter is >= ' ' and <= '&' or >= '(' and <= '+' or >= ':' and <= '@' or '/' or >= '[' and <= '`' or >= '{' and <= '~';
}
