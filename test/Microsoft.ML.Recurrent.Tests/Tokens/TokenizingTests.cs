using Microsoft.ML.Data;
using Microsoft.ML.Recurrent.Tests.Data;
using Microsoft.ML.Tokenizers;

namespace Microsoft.ML.Recurrent.Tests.Tokens;

/// <summary>TokenizeForRecurrent: words, white space, characters and subwords.</summary>
[TestClass]
public sealed class TokenizingTests
{
    private readonly MLContext _context = new(1);

    [TestMethod]
    [DataRow("It's 5 o'clock, isn’t it?", "It's|5|o'clock|,|isn’t|it|?")]
    [DataRow("'quoted' rock'n'roll 3'4", "'|quoted|'|rock'n'roll|3|'|4")]
    [DataRow("a\tb\r\nc\u00a0d\u3000e", "a|b|c|d|e")]
    [DataRow("😀👍 x", "😀|👍|x")]
    [DataRow("nai\u0308ve Ёлка हिन्दी $9.99", "nai\u0308ve|Ёлка|हिन्दी|$|9|.|99")]
    [DataRow("𠮷野家", "𠮷野家")]
    [DataRow(" \t", "")]
    [DataRow("", "")]
    public void Words_and_symbols(string text, string expected) => Assert.AreEqual(expected, Tokens(text, TextTokenizer.Words));

    [TestMethod]
    [DataRow("a,b  c\td\u00a0e", "a,b|c|d|e")]
    [DataRow("  ", "")]
    public void White_space(string text, string expected) => Assert.AreEqual(expected, Tokens(text, TextTokenizer.WhiteSpace));

    [TestMethod]
    public void Characters_are_whole() => Assert.AreEqual("a| |é|😀", Tokens("a é😀", TextTokenizer.Characters));

    [TestMethod]
    public void Half_a_surrogate_pair_is_a_token_and_no_error()
    {
        // The text of a cut cell: the test framework's own messages would not hold it.
        Assert.AreEqual(3, Tokens("a\ud83d b", TextTokenizer.Words).Split('|').Length);
        Assert.AreEqual(2, Tokens("a\ud83d", TextTokenizer.Characters).Split('|').Length);
    }

    [TestMethod]
    [DataRow(2, TruncationSide.Right, "one|two")]
    [DataRow(2, TruncationSide.Left, "two|three")]
    [DataRow(3, TruncationSide.Left, "one|two|three")]
    [DataRow(9, TruncationSide.Right, "one|two|three")]
    public void Long_rows_are_cut_on_the_chosen_side(int maximum, TruncationSide side, string expected)
    {
        var estimator = _context.Transforms.Text.TokenizeForRecurrent("Tokens", "Text", lowerCase: true, maximumLength: maximum, truncationSide: side);
        Assert.AreEqual(expected, Joined(estimator, "One TWO three"));
    }

    [TestMethod]
    public void Byte_pairs_are_keys_with_the_pieces_as_values()
    {
        using var files = new TokenFiles();
        var (vocabulary, merges) = files.Bpe();
        var tokenizer = TextTokenizer.Bpe(vocabulary, merges, unknownToken: "<unk>", endOfWordSuffix: "</w>");
        Assert.AreEqual("low</w>|lower</w>", Pieces(tokenizer, "low lower"));
        Assert.AreEqual("<unk>", Pieces(tokenizer, "x").Split('|')[0]);
    }

    [TestMethod]
    public void Word_pieces_split_at_white_space_alone_and_bert_at_punctuation()
    {
        using var files = new TokenFiles();
        var vocabulary = files.WordPieces();
        Assert.AreEqual("rain|##fall|[UNK]", Pieces(TextTokenizer.WordPiece(vocabulary), "rainfall rain,"));
        // Marks of their own go everywhere; é is taken apart where .NET has its Unicode data (not with InvariantGlobalization).
        Assert.AreEqual("[CLS]|rain|,|cafe|[SEP]", Pieces(TextTokenizer.Bert(vocabulary), "Rain, cafe\u0301"));
        Assert.AreEqual("[UNK]|,|café", Pieces(TextTokenizer.Bert(vocabulary, lowerCase: false, addSpecialTokens: false), "Rain, café"));
    }

    [TestMethod]
    public void A_cut_row_of_bert_keeps_its_special_tokens()
    {
        using var files = new TokenFiles();
        var tokenizer = TextTokenizer.Bert(files.WordPieces());
        Assert.AreEqual("[CLS]|rain|,|[SEP]", Pieces(tokenizer, "rain, rain, cafe", 4));
        Assert.AreEqual("[CLS]|,|cafe|[SEP]", Pieces(tokenizer, "rain, rain, cafe", 4, TruncationSide.Left));
    }

    [TestMethod]
    public void A_bert_tokenizer_held_as_any_tokenizer_adds_its_special_tokens()
    {
        using var files = new TokenFiles();
        Tokenizer held = BertTokenizer.Create(files.WordPieces());
        Assert.AreEqual("[CLS]|rain|,|[SEP]", Joined(Estimator(TextTokenizer.From(held)), "rain,"));
    }

    [TestMethod]
    public void A_unigram_model()
    {
        using var files = new TokenFiles();
        Assert.AreEqual("▁rain|fall|▁rain", Pieces(TextTokenizer.SentencePiece(files.Unigram()), "rainfall rain"));
    }

    [TestMethod]
    public void A_file_that_is_no_vocabulary_is_named()
    {
        using var files = new TokenFiles();
        var path = files.Write("broken.json", "{ \"a\": 1");
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => TextTokenizer.Bpe(path, path)).Message, "broken.json");
        Assert.ThrowsExactly<FileNotFoundException>(() => TextTokenizer.WordPiece("absent.txt"));
    }

    [TestMethod]
    public void Columns_of_other_types_are_refused()
    {
        var data = _context.Data.LoadFromEnumerable([new { Text = 1f }]);
        var pipeline = _context.Transforms.Text.TokenizeForRecurrent("Tokens", "Text");
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => pipeline.Fit(data)).Message, "expected Text, found Single");
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => pipeline.GetOutputSchema(SchemaShapes.Create(data.Schema)));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => _context.Transforms.Text.TokenizeForRecurrent("Tokens", maximumLength: 0));
    }

    [TestMethod]
    public void A_prediction_engine_takes_one_text()
    {
        var model = _context.Transforms.Text.TokenizeForRecurrent("Tokens", "Text").Fit(TextRow.View(_context, "a"));
        using var engine = _context.Model.CreatePredictionEngine<TextRow, TokenRow>(model);
        CollectionAssert.AreEqual(new[] { "one", "two" }, engine.Predict(new() { Text = "one two" }).Tokens);
        CollectionAssert.AreEqual(new[] { "x" }, engine.Predict(new() { Text = "x" }).Tokens);
    }

    [TestMethod]
    public void Words_survive_a_saved_model()
    {
        var data = TextRow.View(_context, "One TWO three", "😀");
        foreach (var tokenizer in new[] { TextTokenizer.Words, TextTokenizer.WhiteSpace, TextTokenizer.Characters })
        {
            var model = _context.Transforms.Text.TokenizeForRecurrent("Tokens", "Text", tokenizer, lowerCase: true, maximumLength: 2).Fit(data);
            using var file = new MemoryStream();
            _context.Model.Save(model, data.Schema, file);
            var loaded = _context.Model.Load(file, out _);
            Assert.AreEqual(Joined(model), Joined(loaded));
        }

        string Joined(ITransformer model) => string.Join(' ', model.Transform(data).GetColumn<string[]>("Tokens").Select(row => string.Join('|', row)));
    }

    [TestMethod]
    public void A_tokenizer_without_files_cannot_be_saved_and_says_what_can()
    {
        using var files = new TokenFiles();
        var data = TextRow.View(_context, "rain");
        var model = Estimator(TextTokenizer.From(BertTokenizer.Create(files.WordPieces()))).Fit(data);
        var error = Assert.ThrowsExactly<InvalidOperationException>(() => _context.Model.Save(model, data.Schema, new MemoryStream()));
        StringAssert.Contains(error.Message, "TextTokenizer.Bpe");
    }

    private string Tokens(string text, TextTokenizer tokenizer) => Joined(Estimator(tokenizer), text);

    private TextTokenizingEstimator Estimator(TextTokenizer tokenizer) => _context.Transforms.Text.TokenizeForRecurrent("Tokens", "Text", tokenizer);

    private string Pieces(TextTokenizer tokenizer, string text, int? maximum = null, TruncationSide side = TruncationSide.Right) =>
        Joined(_context.Transforms.Text.TokenizeForRecurrent("Tokens", "Text", tokenizer, maximumLength: maximum, truncationSide: side)
            .Append(_context.Transforms.Conversion.MapKeyToValue("Tokens")), text);

    private string Joined(IEstimator<ITransformer> estimator, string text)
    {
        var data = TextRow.View(_context, text);
        return string.Join('|', estimator.Fit(data).Transform(data).GetColumn<string[]>("Tokens").Single());
    }

    private sealed class TokenRow
    {
        public string[] Tokens { get; set; } = [];
    }
}
