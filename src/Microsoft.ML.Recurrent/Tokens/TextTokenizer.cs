using Microsoft.ML.Data;
using Microsoft.ML.Recurrent.Tokens;
using Microsoft.ML.Runtime;
using Microsoft.ML.Tokenizers;

namespace Microsoft.ML.Recurrent;

/// <summary>
/// Splits text into tokens: words, characters, or the pieces of a subword vocabulary. It is saved with the pipeline, its files included, so that a loaded
/// pipeline needs none of them.
/// </summary>
/// <remarks>
/// <code>mlContext.Transforms.Text.TokenizeForRecurrent("Tokens", "Text", TextTokenizer.Characters)</code>
/// Thread-safe. Words, white space and characters give tokens as text; the subword tokenizers give keys, whose values are the pieces of the vocabulary: piece
/// i is key i + 1.
/// </remarks>
public abstract class TextTokenizer
{
    private protected TextTokenizer()
    {
    }

    /// <summary>
    /// Words and symbols: runs of letters, marks and digits, with apostrophes between letters (<c>don't</c>), are tokens; every other character that is neither
    /// white space nor a control character is a token of its own.
    /// </summary>
    public static TextTokenizer Words { get; } = new WordTokenizer();

    /// <summary>What stands between white space (Unicode's, tabs and line breaks included): for text whose tokens are already separated.</summary>
    public static TextTokenizer WhiteSpace { get; } = new SeparatorTokenizer(TokenizerManifest.WhiteSpace, char.IsWhiteSpace);

    /// <summary>
    /// What stands between blanks (U+0020) alone, as ML.NET's TokenizeIntoWords and ONNX's StringSplit split: tabs and line breaks stay inside tokens.
    /// </summary>
    public static TextTokenizer Blanks { get; } = new SeparatorTokenizer(TokenizerManifest.Blanks, static character => character == ' ');

    /// <summary>Characters: Unicode scalar values, white space included.</summary>
    public static TextTokenizer Characters { get; } = new CharacterTokenizer();

    /// <summary>Byte-pair encoding (Sennrich et al. 2016).</summary>
    /// <param name="vocabularyPath">The JSON file of the vocabulary, from piece to id (<c>vocab.json</c>).</param>
    /// <param name="mergesPath">The merges, one pair a line, by rank (<c>merges.txt</c>).</param>
    /// <param name="byteLevel">Whether the vocabulary is that of bytes, as GPT-2's. Text is then split by GPT-2's pattern, and nothing is unknown.</param>
    /// <param name="unknownToken">The piece for characters that the vocabulary lacks; null drops them.</param>
    /// <param name="endOfWordSuffix">The suffix of pieces that end a word, such as <c>&lt;/w&gt;</c>; null for none.</param>
    /// <param name="continuingSubwordPrefix">The prefix of pieces that do not begin a word, such as <c>##</c>; null for none.</param>
    /// <exception cref="ArgumentException">A file is not a vocabulary, or is no list of merges of its pieces.</exception>
    /// <exception cref="FileNotFoundException">A file does not exist.</exception>
    public static TextTokenizer Bpe(string vocabularyPath, string mergesPath, bool byteLevel = false, string? unknownToken = null,
        string? endOfWordSuffix = null, string? continuingSubwordPrefix = null) =>
        SubwordTokenizer.Create(new()
        {
            Kind = SubwordKind.Bpe,
            ByteLevel = byteLevel,
            UnknownToken = unknownToken,
            EndOfWordSuffix = endOfWordSuffix,
            ContinuingSubwordPrefix = continuingSubwordPrefix,
        }, vocabularyPath, mergesPath);

    /// <summary>
    /// Word pieces of words between white space (Wu et al. 2016): punctuation is not split off. For BERT's own splitting use <see cref="Bert"/>.
    /// </summary>
    /// <param name="vocabularyPath">The vocabulary, one piece a line, by id (<c>vocab.txt</c>).</param>
    /// <param name="unknownToken">The piece of unknown words; the vocabulary must hold it.</param>
    /// <exception cref="ArgumentException">The file is not a vocabulary, or lacks the unknown token.</exception>
    /// <exception cref="FileNotFoundException">The file does not exist.</exception>
    public static TextTokenizer WordPiece(string vocabularyPath, string unknownToken = "[UNK]") =>
        SubwordTokenizer.Create(new() { Kind = SubwordKind.WordPiece, UnknownToken = unknownToken }, vocabularyPath);

    /// <summary>The tokenizer of BERT: punctuation is split off, then words become word pieces.</summary>
    /// <param name="vocabularyPath">The vocabulary, one piece a line, by id (<c>vocab.txt</c>); it holds [UNK], [CLS] and [SEP].</param>
    /// <param name="lowerCase">Whether text is lower-cased and loses its accents, as uncased models expect. Composed
    /// letters such as é lose theirs only where .NET has its Unicode data (not with InvariantGlobalization).</param>
    /// <param name="addSpecialTokens">Whether rows begin with [CLS] and end with [SEP], also truncated ones.</param>
    /// <exception cref="ArgumentException">The file is not a vocabulary, or lacks a special token.</exception>
    /// <exception cref="FileNotFoundException">The file does not exist.</exception>
    public static TextTokenizer Bert(string vocabularyPath, bool lowerCase = true, bool addSpecialTokens = true) =>
        SubwordTokenizer.Create(new() { Kind = SubwordKind.Bert, LowerCase = lowerCase, AddSpecialTokens = addSpecialTokens }, vocabularyPath);

    /// <summary>
    /// A SentencePiece model (Kudo and Richardson 2018). Unigram models without byte fallback give the ids of the original library; BPE models ignore its
    /// normalization rules and user-defined symbols.
    /// </summary>
    /// <param name="modelPath">The model file (<c>.model</c>), or the <c>tokenizer.json</c> of a unigram model.</param>
    /// <param name="addSpecialTokens">Whether rows begin and end with the model's own sentence markers. Default: false.</param>
    /// <exception cref="ArgumentException">The file is not such a model.</exception>
    /// <exception cref="FileNotFoundException">The file does not exist.</exception>
    public static TextTokenizer SentencePiece(string modelPath, bool addSpecialTokens = false) =>
        SubwordTokenizer.Create(new()
        {
            Kind = Path.GetExtension(modelPath) == ".json" ? SubwordKind.TokenizerJson : SubwordKind.SentencePiece,
            AddSpecialTokens = addSpecialTokens,
        }, modelPath);

    /// <summary>
    /// Any tokenizer of Microsoft.ML.Tokenizers, as it is. It tokenizes in this process only: its type says nothing of its files, so a pipeline with it cannot
    /// be saved. The methods above create tokenizers that can. A <see cref="BertTokenizer"/> adds [CLS] and [SEP].
    /// </summary>
    /// <param name="tokenizer">The tokenizer; it must be thread-safe, as those of the library are.</param>
    public static TextTokenizer From(Tokenizer tokenizer)
    {
        ArgumentNullException.ThrowIfNull(tokenizer);
        return new SubwordTokenizer(tokenizer, null, []);
    }

    /// <summary>The pieces by id; null if tokens are text.</summary>
    internal virtual IReadOnlyList<string>? Vocabulary => null;

    /// <summary>Whether the tokenizer can be saved.</summary>
    internal virtual bool CanSave => true;

    /// <summary>Splits a text.</summary>
    /// <param name="text">The text.</param>
    /// <param name="tokens">The tokens, if <see cref="Vocabulary"/> is null.</param>
    /// <param name="ids">The ids otherwise.</param>
    /// <param name="limit">The most tokens wanted, and the side that is cut.</param>
    internal abstract void Tokenize(ReadOnlyMemory<char> text, List<ReadOnlyMemory<char>> tokens, List<int> ids, TokenLimit limit);

    /// <summary>How the tokens become text again.</summary>
    internal abstract PieceRule Form { get; }

    /// <summary>What the file of a pipeline says of the tokenizer.</summary>
    internal abstract TokenizerManifest Manifest { get; }

    /// <summary>The files of the tokenizer, which are saved with it.</summary>
    internal virtual IReadOnlyList<byte[]> Files => [];

    internal static TextTokenizer Create(TokenizerManifest manifest, IReadOnlyList<byte[]> files) => manifest switch
    {
        { Name: TokenizerManifest.Words } => Words,
        { Name: TokenizerManifest.WhiteSpace } => WhiteSpace,
        { Name: TokenizerManifest.Blanks } => Blanks,
        { Name: TokenizerManifest.Characters } => Characters,
        { Name: TokenizerManifest.Subwords, Settings: { } settings } => SubwordTokenizer.Create(settings, files),
        _ => throw new InvalidDataException($"The tokenizer '{manifest.Name}' is not known: the model was written by a later version. Update the package."),
    };
}
