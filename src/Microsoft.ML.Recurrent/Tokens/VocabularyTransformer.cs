using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Model.OnnxConverter;
using Microsoft.ML.Recurrent;
using Microsoft.ML.Recurrent.Data;
using Microsoft.ML.Recurrent.Tokens;
using Microsoft.ML.Runtime;

[assembly: LoadableClass(typeof(VocabularyTransformer), null, typeof(SignatureLoadModel), "Vocabulary for recurrent networks",
    VocabularyTransformer.LoaderSignature)]

namespace Microsoft.ML.Recurrent;

/// <summary>Maps tokens to the keys of a vocabulary. Tokens that it lacks get the key of the unknown token, or the missing key (0) if it has none.</summary>
public sealed class VocabularyTransformer : TokenColumnTransformer
{
    internal const string LoaderSignature = "RecurrentVocabulary", Role = "token", Expected = "Text or a vector of Text",
        Remedy = "Split text into tokens with mlContext.Transforms.Text.TokenizeForRecurrent.";

    private readonly ReadOnlyMemory<char>[] _values;
    private readonly Dictionary<string, uint> _keys;

    internal VocabularyTransformer(IHostEnvironment environment, string outputColumnName, string inputColumnName, string[] tokens, string? unknownToken,
        string? paddingToken)
        : base(environment, outputColumnName, inputColumnName)
    {
        (Tokens, UnknownToken, PaddingToken) = (tokens, unknownToken, paddingToken);
        _values = [.. tokens.Select(token => token.AsMemory())];
        _keys = new(StringComparer.Ordinal);
        for (var i = 0; i < tokens.Length; i++) _keys.Add(tokens[i], (uint)i + 1);
    }

    private VocabularyTransformer(IHostEnvironment environment, (string Output, string Input) names, ModelLoadContext context)
        : this(environment, names.Output, names.Input, Texts(context), context.LoadStringOrNull(), context.LoadStringOrNull())
    {
    }

    /// <summary>The tokens of the keys: that of key k is at k - 1.</summary>
    public IReadOnlyList<string> Tokens { get; }

    /// <summary>The token whose key unknown tokens get; null if they get the missing key.</summary>
    public string? UnknownToken { get; }

    /// <summary>The token whose key pads rows; null for none.</summary>
    public string? PaddingToken { get; }

    /// <summary>The key of a token that the vocabulary lacks.</summary>
    internal uint UnknownKey => UnknownToken is null ? 0 : _keys[UnknownToken];

    private protected override VersionInfo Version => CurrentVersion;

    private static VersionInfo CurrentVersion => new(modelSignature: "RECRVOCA", verWrittenCur: 0x00010001, verReadableCur: 0x00010001,
        verWeCanReadBack: 0x00010001, loaderSignature: LoaderSignature, loaderAssemblyName: typeof(VocabularyTransformer).Assembly.FullName);

    // Called by ML.NET's component catalog when a model is loaded.
    private static VocabularyTransformer Create(IHostEnvironment environment, ModelLoadContext context) =>
        new(environment, LoadNames(context, CurrentVersion), context);

    private static string[] Texts(ModelLoadContext context)
    {
        var tokens = new string[context.Reader.ReadInt32()];
        for (var i = 0; i < tokens.Length; i++) tokens[i] = context.Reader.ReadString();
        return tokens;
    }

    private protected override void SaveState(ModelSaveContext context)
    {
        context.Writer.Write(Tokens.Count);
        foreach (var token in Tokens) context.Writer.Write(token);
        context.SaveStringOrNull(UnknownToken);
        context.SaveStringOrNull(PaddingToken);
    }

    /// <exception cref="ArgumentOutOfRangeException">The column is not of text.</exception>
    internal static void Check(DataViewSchema.Column column)
    {
        if (Columns.ItemType(column.Type) is not TextDataViewType)
            throw ColumnErrors.Mismatch(Role, column.Name, Expected, column.Type.ToString()!, Remedy);
    }

    /// <exception cref="ArgumentOutOfRangeException">The column is not of text.</exception>
    internal static void Check(SchemaShape.Column column)
    {
        if (column.IsKey || column.ItemType is not TextDataViewType)
            throw ColumnErrors.Mismatch(Role, column.Name, Expected, ColumnErrors.Describe(column), Remedy);
    }

    internal override DataViewSchema.DetachedColumn Describe(DataViewSchema.Column input)
    {
        Check(input);
        var vector = input.Type as VectorDataViewType;
        return TokenKeys.Column(OutputColumnName, vector is null ? null : vector.Size, _values);
    }

    internal override Delegate CreateGetter(DataViewRow row, DataViewSchema.Column input)
    {
        var read = TokenValues.Open(row, input);
        var (lookup, unknown) = (_keys.GetAlternateLookup<ReadOnlySpan<char>>(), UnknownKey);
        if (input.Type is not VectorDataViewType) return (ValueGetter<uint>)((ref uint key) => key = Key(read()[0]));
        return (ValueGetter<VBuffer<uint>>)((ref VBuffer<uint> keys) =>
        {
            var tokens = read();
            var editor = VBufferEditor.Create(ref keys, tokens.Count);
            for (var i = 0; i < tokens.Count; i++) editor.Values[i] = Key(tokens[i]);
            keys = editor.Commit();
        });

        uint Key(ReadOnlyMemory<char> token) => lookup.TryGetValue(token.Span, out var key) ? key : unknown;
    }

    internal override bool SaveAsOnnx(OnnxContext context, DataViewSchema.DetachedColumn output)
    {
        TokenGraph.Encode(context, this, output.Type);
        return true;
    }
}
