using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Model.OnnxConverter;
using Microsoft.ML.Recurrent;
using Microsoft.ML.Recurrent.Data;
using Microsoft.ML.Recurrent.Hosting;
using Microsoft.ML.Recurrent.Tokens;
using Microsoft.ML.Runtime;

[assembly: LoadableClass(typeof(TextTokenizingTransformer), null, typeof(SignatureLoadModel), "Tokens for recurrent networks",
    TextTokenizingTransformer.LoaderSignature)]

namespace Microsoft.ML.Recurrent;

/// <summary>Splits a column of text into tokens: a vector of text, or of keys for a <see cref="TextTokenizer"/> with a vocabulary.</summary>
public sealed class TextTokenizingTransformer : TokenColumnTransformer
{
    internal const string LoaderSignature = "RecurrentTokens", Remedy = "Tokens are made of text: use the column of the text itself.";

    private const string FileEntry = "tokenizer.";

    internal TextTokenizingTransformer(IHostEnvironment environment, string outputColumnName, string inputColumnName, TextTokenizer tokenizer,
        TokenizingOptions options)
        : base(environment, outputColumnName, inputColumnName) => (Tokenizer, Options) = (tokenizer, options);

    private TextTokenizingTransformer(IHostEnvironment environment, (string Output, string Input) names, ModelLoadContext context)
        : base(environment, names.Output, names.Input)
    {
        Options = ModelJson.Read<TokenizingOptions>(context.LoadNonEmptyString())!;
        var manifest = ModelJson.Read<TokenizerManifest>(context.LoadNonEmptyString())!;
        var files = new byte[context.Reader.ReadInt32()][];
        for (var i = 0; i < files.Length; i++)
        {
            if (!context.TryLoadBinaryStream(FileEntry + i, reader => files[i] = reader.BaseStream.ReadAll()))
                throw Host.Process(
                    new FormatException($"The tokenizer in this file cannot be read: the entry {FileEntry}{i} is missing. Load an intact copy."));
        }
        Tokenizer = TextTokenizer.Create(manifest, files);
    }

    /// <summary>The tokenizer.</summary>
    public TextTokenizer Tokenizer { get; }

    internal TokenizingOptions Options { get; }

    private protected override VersionInfo Version => CurrentVersion;

    private static VersionInfo CurrentVersion => new(modelSignature: "RECRTOKN", verWrittenCur: 0x00010001, verReadableCur: 0x00010001,
        verWeCanReadBack: 0x00010001, loaderSignature: LoaderSignature, loaderAssemblyName: typeof(TextTokenizingTransformer).Assembly.FullName);

    // Called by ML.NET's component catalog when a model is loaded.
    private static TextTokenizingTransformer Create(IHostEnvironment environment, ModelLoadContext context) =>
        new(environment, LoadNames(context, CurrentVersion), context);

    private protected override void SaveState(ModelSaveContext context)
    {
        if (!Tokenizer.CanSave)
        {
            throw new InvalidOperationException(
                $"The tokenizer of the column '{OutputColumnName}' cannot be saved: TextTokenizer.From takes any tokenizer, and "
                + "does not know its files. Create it by TextTokenizer.Bpe, WordPiece, Bert or SentencePiece.");
        }
        context.SaveNonEmptyString(ModelJson.Write(Options));
        context.SaveNonEmptyString(ModelJson.Write(Tokenizer.Manifest));
        context.Writer.Write(Tokenizer.Files.Count);
        for (var i = 0; i < Tokenizer.Files.Count; i++)
        {
            var file = Tokenizer.Files[i];
            context.SaveBinaryStream(FileEntry + i, writer => writer.Write(file));
        }
    }

    internal override DataViewSchema.DetachedColumn Describe(DataViewSchema.Column input)
    {
        if (input.Type is not TextDataViewType) throw ColumnErrors.Mismatch("text", input.Name, "Text", input.Type.ToString()!, Remedy);
        if (Tokenizer.Vocabulary is not { } vocabulary) return new(OutputColumnName, new VectorDataViewType(TextDataViewType.Instance));
        return TokenKeys.Column(OutputColumnName, size: 0, [.. vocabulary.Select(piece => piece.AsMemory())]);
    }

    internal override Delegate CreateGetter(DataViewRow row, DataViewSchema.Column input)
    {
        var source = row.GetGetter<ReadOnlyMemory<char>>(input);
        ReadOnlyMemory<char> text = default;
        var (tokens, ids) = (new List<ReadOnlyMemory<char>>(), new List<int>());
        var limit = new TokenLimit(Options.MaximumLength, Options.Side);
        if (Tokenizer.Vocabulary is null)
        {
            return (ValueGetter<VBuffer<ReadOnlyMemory<char>>>)((ref VBuffer<ReadOnlyMemory<char>> value) =>
            {
                Read();
                var editor = VBufferEditor.Create(ref value, tokens.Count);
                tokens.CopyTo(editor.Values);
                value = editor.Commit();
            });
        }
        return (ValueGetter<VBuffer<uint>>)((ref VBuffer<uint> value) =>
        {
            Read();
            var editor = VBufferEditor.Create(ref value, ids.Count);
            for (var i = 0; i < ids.Count; i++) editor.Values[i] = (uint)ids[i] + 1;
            value = editor.Commit();
        });

        void Read()
        {
            source(ref text);
            tokens.Clear();
            ids.Clear();
            Tokenizer.Tokenize(Options.LowerCase ? text.ToString().ToLowerInvariant().AsMemory() : text, tokens, ids, limit);
        }
    }

    internal override bool SaveAsOnnx(OnnxContext context, DataViewSchema.DetachedColumn output) => TokenGraph.Split(context, this, output.Type);
}
