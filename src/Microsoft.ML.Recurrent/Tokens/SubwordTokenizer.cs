using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.ML.Tokenizers;

namespace Microsoft.ML.Recurrent.Tokens;

/// <summary>A tokenizer of Microsoft.ML.Tokenizers: ids where its vocabulary is known, else text.</summary>
internal sealed class SubwordTokenizer : TextTokenizer
{
    private static readonly Regex s_gpt2Words =
        new(@"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+", RegexOptions.Compiled | RegexOptions.CultureInvariant);

    private static readonly Regex s_wordsOrSymbols = new(@"\w+|[^\w\s]+", RegexOptions.Compiled | RegexOptions.CultureInvariant);

    private readonly Tokenizer _tokenizer;
    private readonly SubwordSettings? _settings;
    private readonly string[]? _vocabulary;

    /// <param name="tokenizer">The tokenizer.</param>
    /// <param name="settings">How it is created from its files; null if that is not known.</param>
    /// <param name="files">Those files.</param>
    public SubwordTokenizer(Tokenizer tokenizer, SubwordSettings? settings, IReadOnlyList<byte[]> files)
    {
        (_tokenizer, _settings, Files) = (tokenizer, settings, files);
        _vocabulary = tokenizer switch
        {
            BpeTokenizer bpe => Pieces(bpe.Vocabulary),
            SentencePieceTokenizer unigram => Pieces(unigram.Vocabulary),
            CodeGenTokenizer codes => Pieces(codes.Vocabulary),
            WordPieceTokenizer when files.Count > 0 => [.. Lines(files[0])],
            _ => null,
        };
    }

    internal override IReadOnlyList<string>? Vocabulary => _vocabulary;

    internal override bool CanSave => _settings is not null;

    internal override TokenizerManifest Manifest => new(TokenizerManifest.Subwords) { Settings = _settings };

    internal override IReadOnlyList<byte[]> Files { get; }

    internal override PieceRule Form => _tokenizer switch
    {
        BpeTokenizer { ByteLevel: true } or CodeGenTokenizer => new(PieceForm.Bytes),
        BpeTokenizer { EndOfWordSuffix: { Length: > 0 } suffix } => new(PieceForm.Suffixed) { Mark = suffix },
        BpeTokenizer { ContinuingSubwordPrefix: { Length: > 0 } prefix } => new(PieceForm.Prefixed) { Mark = prefix },
        BertTokenizer bert => new(PieceForm.Prefixed)
        {
            Mark = bert.ContinuingSubwordPrefix,
            Silent = [bert.ClassificationToken, bert.SeparatorToken, bert.PaddingToken],
            EndOfText = _settings?.AddSpecialTokens ?? true ? bert.SeparatorToken : null,
        },
        WordPieceTokenizer words => new(PieceForm.Prefixed) { Mark = words.ContinuingSubwordPrefix },
        SentencePieceTokenizer sentences => new(PieceForm.SentencePiece)
        {
            Silent = [sentences.BeginningOfSentenceToken, sentences.EndOfSentenceToken],
            EndOfText = sentences.AddEndOfSentence ? sentences.EndOfSentenceToken : null,
        },
        // Tokens as text.
        _ => new(PieceForm.Joined),
    };

    /// <exception cref="ArgumentException">The files are not those of such a tokenizer.</exception>
    public static TextTokenizer Create(SubwordSettings settings, params string[] paths)
    {
        foreach (var path in paths)
        {
            ArgumentException.ThrowIfNullOrWhiteSpace(path, nameof(paths));
            if (!File.Exists(path)) throw new FileNotFoundException($"The file '{path}' of the tokenizer does not exist.", path);
        }
        try
        {
            return Create(settings, [.. paths.Select(File.ReadAllBytes)]);
        }
        catch (Exception error) when (error is not ArgumentException { ParamName: nameof(paths) })
        {
            throw new ArgumentException($"The files {string.Join(" and ", paths.Select(path => $"'{path}'"))} are not those of a tokenizer of the kind "
                + $"{settings.Kind}: {error.Message}", nameof(paths), error);
        }
    }

    public static SubwordTokenizer Create(SubwordSettings settings, IReadOnlyList<byte[]> files)
    {
        Tokenizer tokenizer = settings.Kind switch
        {
            SubwordKind.Bpe => BpeTokenizer.Create(new BpeOptions(ReadVocabulary(files[0]))
            {
                Merges = Lines(files[1]).Where(line => line.Length > 0 && !line.StartsWith("#version", StringComparison.Ordinal)),
                ByteLevel = settings.ByteLevel,
                UnknownToken = settings.UnknownToken,
                EndOfWordSuffix = settings.EndOfWordSuffix,
                ContinuingSubwordPrefix = settings.ContinuingSubwordPrefix,
                // The default would lose the blanks of a byte-level vocabulary.
                PreTokenizer = new RegexPreTokenizer(settings.ByteLevel ? s_gpt2Words : s_wordsOrSymbols, null),
            }),
            SubwordKind.WordPiece => WordPieceTokenizer.Create(Open(0), new() { UnknownToken = settings.UnknownToken! }),
            SubwordKind.Bert => BertTokenizer.Create(Open(0),
                new() { LowerCaseBeforeTokenization = settings.LowerCase, RemoveNonSpacingMarks = settings.LowerCase }),
            SubwordKind.SentencePiece => SentencePieceTokenizer.Create(Open(0), settings.AddSpecialTokens, settings.AddSpecialTokens),
            SubwordKind.TokenizerJson => SentencePieceTokenizer.CreateFromTokenizerJson(Open(0), settings.AddSpecialTokens, settings.AddSpecialTokens),
            var kind => throw new InvalidOperationException($"No tokenizer is known for {kind}."),
        };
        return new(tokenizer, settings, files);

        MemoryStream Open(int file) => new(files[file], writable: false);
    }

    internal override void Tokenize(ReadOnlyMemory<char> text, List<ReadOnlyMemory<char>> tokens, List<int> ids, TokenLimit limit)
    {
        var (known, bert) = (_vocabulary is not null, _tokenizer as BertTokenizer);
        if (known)
        {
            // As a BertTokenizer's own method it would add the special tokens before the row is cut.
            ids.AddRange(_tokenizer is BertTokenizer own ? own.EncodeToIds(text.Span, addSpecialTokens: false) : _tokenizer.EncodeToIds(text.Span));
        }
        else tokens.AddRange(_tokenizer.EncodeToTokens(text.Span, out _).Select(token => token.Value.AsMemory()));
        var marks = bert is not null && (_settings?.AddSpecialTokens ?? true);
        limit.Apply(ids, marks ? 2 : 0);
        limit.Apply(tokens, marks ? 2 : 0);
        if (!marks) return;
        if (known)
        {
            ids.Insert(0, bert!.ClassificationTokenId);
            ids.Add(bert.SeparatorTokenId);
        }
        else
        {
            tokens.Insert(0, bert!.ClassificationToken.AsMemory());
            tokens.Add(bert.SeparatorToken.AsMemory());
        }
    }

    private static string[] Pieces(IReadOnlyDictionary<string, int> ids)
    {
        var pieces = new string[ids.Count == 0 ? 0 : ids.Values.Max() + 1];
        foreach (var (piece, id) in ids) pieces[id] = piece;
        for (var id = 0; id < pieces.Length; id++) pieces[id] ??= $"<{id}>";
        return pieces;
    }

    private static Dictionary<string, int> ReadVocabulary(byte[] file) => JsonSerializer.Deserialize<Dictionary<string, int>>(file)
        ?? throw new InvalidDataException("The vocabulary is empty.");

    private static IEnumerable<string> Lines(byte[] file)
    {
        using var reader = new StreamReader(new MemoryStream(file, writable: false), Encoding.UTF8);
        while (reader.ReadLine() is { } line) yield return line;
    }
}
