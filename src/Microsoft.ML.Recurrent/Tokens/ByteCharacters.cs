namespace Microsoft.ML.Recurrent.Tokens;

/// <summary>
/// The characters by which byte-level vocabularies write bytes (Radford et al. 2019): printable ones of Latin-1 stand for themselves, the other bytes for the
/// characters from U+0100 on, in their order.
/// </summary>
internal static class ByteCharacters
{
    private static readonly Dictionary<char, byte> s_bytes = Create();

    /// <summary>The byte of a character; null if it stands for none.</summary>
    public static byte? ByteOf(char character) => s_bytes.TryGetValue(character, out var value) ? value : null;

    private static Dictionary<char, byte> Create()
    {
        Dictionary<char, byte> bytes = [];
        var next = '\u0100';
        for (var value = 0; value < 256; value++)
        {
            var isPrintable = value is (>= '!' and <= '~') or (>= '\u00A1' and <= '\u00AC') or (>= '\u00AE' and <= '\u00FF');
            bytes.Add(isPrintable ? (char)value : next++, (byte)value);
        }
        return bytes;
    }
}
