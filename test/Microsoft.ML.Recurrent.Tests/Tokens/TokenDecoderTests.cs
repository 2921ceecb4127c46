using Microsoft.ML.Recurrent.Tokens;

namespace Microsoft.ML.Recurrent.Tests.Tokens;

[TestClass]
public sealed class TokenDecoderTests
{
    [TestMethod]
    public void A_character_comes_when_its_last_byte_has_come()
    {
        var decoder = new TokenDecoder(new(PieceForm.Bytes));
        var pieces = ByteLevelBpe.Bytes("né 😀\n");
        CollectionAssert.AreEqual(new[] { "n", "", "é", " ", "", "", "", "😀", "\n" }, pieces.Select(decoder.Add).ToArray());
        Assert.AreEqual("", decoder.Finish());
        CollectionAssert.AreEqual(new[] { "", "", "\uFFFDn" }, ByteLevelBpe.Bytes("😀")[..2].Append("n").Select(decoder.Add).ToArray());
        decoder.Add(ByteLevelBpe.Bytes("é")[0]);
        Assert.AreEqual("\uFFFD", decoder.Finish());
        Assert.AreEqual("", decoder.Finish());
    }

    [TestMethod]
    public void Halves_of_a_surrogate_pair_wait_for_each_other()
    {
        var decoder = new TokenDecoder(new(PieceForm.Joined));
        CollectionAssert.AreEqual(new[] { "a", "", "😀" }, "a😀".Select(unit => decoder.Add(unit.ToString())).ToArray());
        decoder.Add("\ud83d");
        Assert.AreEqual("\uFFFD", decoder.Finish());
    }

    [TestMethod]
    [DataRow("Separated", "", "don't|stop|.", "don't stop .")]
    [DataRow("Joined", "", "a|b| |c", "ab c")]
    [DataRow("Prefixed", "##", "rain|##fall|[SEP]|,|##", "rainfall , ##")]
    [DataRow("Suffixed", "</w>", "lo|w</w>|er</w>", "low er")]
    [DataRow("SentencePiece", "", "▁rain|fall|▁|<0xC3>|<0xA9>|t", "rainfall ét")]
    public void Each_form(string form, string mark, string tokens, string expected)
    {
        var decoder = new TokenDecoder(new(Enum.Parse<PieceForm>(form)) { Mark = mark, Silent = ["[SEP]"] });
        Assert.AreEqual(expected, string.Concat(tokens.Split('|').Select(decoder.Add)) + decoder.Finish());
        // A second text begins as the first did.
        Assert.AreEqual(expected, string.Concat(tokens.Split('|').Select(decoder.Add)) + decoder.Finish());
    }

    [TestMethod]
    [DataRow("low lower")]
    [DataRow("lower low low")]
    public void Pieces_with_suffixes_give_the_text_back(string text)
    {
        using var files = new TokenFiles();
        var (vocabulary, merges) = files.Bpe();
        Assert.AreEqual(text, Again(TextTokenizer.Bpe(vocabulary, merges, unknownToken: "<unk>", endOfWordSuffix: "</w>"), text));
    }

    [TestMethod]
    public void Word_pieces_and_unigrams_give_the_text_back()
    {
        using var files = new TokenFiles();
        var pieces = files.WordPieces();
        Assert.AreEqual("rainfall rain", Again(TextTokenizer.WordPiece(pieces), "rainfall rain"));
        Assert.AreEqual("rainfall , rain", Again(TextTokenizer.Bert(pieces), "rainfall, rain"));
        Assert.AreEqual("rainfall rain", Again(TextTokenizer.SentencePiece(files.Unigram()), "rainfall rain"));
    }

    [TestMethod]
    [DataRow("A naïve café, 3.5 €: 😀👍🏽 — 東京!\r\n  two  blanks\t", 0)]
    [DataRow("the rain in the main", 30)]
    [DataRow("\u0001 control", 30)]
    public void Byte_level_pieces_give_any_text_back(string text, int merges)
    {
        using var files = new TokenFiles();
        var (vocabulary, list) = ByteLevelBpe.Write(files, ["the rain in the main plain", "a naïve café 😀😀"], merges);
        Assert.AreEqual(text, Again(TextTokenizer.Bpe(vocabulary, list, byteLevel: true), text));
    }

    private static string Again(TextTokenizer tokenizer, string text)
    {
        List<int> ids = [];
        tokenizer.Tokenize(text.AsMemory(), [], ids, new(null, TruncationSide.Right));
        var decoder = new TokenDecoder(tokenizer.Form);
        return string.Concat(ids.Select(id => decoder.Add(tokenizer.Vocabulary![id]))) + decoder.Finish();
    }
}
