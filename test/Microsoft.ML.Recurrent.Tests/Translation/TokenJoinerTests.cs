using Microsoft.ML.Recurrent.Translation;

namespace Microsoft.ML.Recurrent.Tests.Translation;

/// <summary>Texts of tokens, by each way of joining.</summary>
[TestClass]
public sealed class TokenJoinerTests
{
    [TestMethod]
    [DataRow(TokenJoining.Blanks, "je|l'|aide|.", "je l' aide .")]
    [DataRow(TokenJoining.None, "2|0|2|4|-|0|1", "2024-01")]
    [DataRow(TokenJoining.WordPiece, "un|##believ|##able|!", "unbelievable !")]
    [DataRow(TokenJoining.WordPiece, "##able|un", "##able un")]
    [DataRow(TokenJoining.EndOfWord, "un|lik|ely</w>|story</w>|.</w>", "unlikely story .")]
    [DataRow(TokenJoining.SentencePiece, "▁Bon|jour|▁le|▁monde", "Bonjour le monde")]
    [DataRow(TokenJoining.ByteLevel, "Hello|Ġworld|!", "Hello world!")]
    // é is C3 A9 in UTF-8: two letters of GPT-2's alphabet, here in two pieces.
    [DataRow(TokenJoining.ByteLevel, "cafÃ|©|Ġ<unk>", "café <unk>")]
    [DataRow(TokenJoining.Blanks, "", "")]
    public void Tokens_become_the_text_again(TokenJoining joining, string tokens, string text) =>
        Assert.AreEqual(text, TokenJoiner.Join(tokens.Length == 0 ? [] : tokens.Split('|'), joining));

    [TestMethod]
    public void Each_byte_has_a_letter()
    {
        // The pieces of all 256 bytes of a byte-level vocabulary, as GPT-2 writes them: printable ones first, then U+0100 to U+0143.
        var letters = string.Concat(Enumerable.Range(0, 324).Where(code => code is >= '!' and <= '~' or >= 0xA1 and <= 0xAC or >= 0xAE and <= 0xFF or >= 256)
            .Select(code => (char)code));
        Assert.HasCount(256, letters);
        var text = "ça coûte 12 €,\tdéjà\u00AD vu \uD83D\uDE00";
        var pieces = System.Text.Encoding.UTF8.GetBytes(text).Select(value => LetterOf(value).ToString()).ToArray();
        Assert.AreEqual(text, TokenJoiner.Join(pieces, TokenJoining.ByteLevel));

        static char LetterOf(byte value) => value is >= (byte)'!' and <= (byte)'~' or >= 0xA1 and <= 0xAC or >= 0xAE ? (char)value
            : (char)(256 + (value <= ' ' ? value : value <= 0xA0 ? value - 94 : 67));
    }
}
