using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Model.OnnxConverter;
using Microsoft.ML.Recurrent;
using Microsoft.ML.Recurrent.Data;
using Microsoft.ML.Recurrent.Tokens;
using Microsoft.ML.Runtime;

[assembly: LoadableClass(typeof(WordFeatureTransformer), null, typeof(SignatureLoadModel), "Word features for recurrent networks",
    WordFeatureTransformer.LoaderSignature)]

namespace Microsoft.ML.Recurrent;

/// <summary>Makes a feature of each word of a column: its shape, its first or its last characters.</summary>
public sealed class WordFeatureTransformer : TokenColumnTransformer
{
    internal const string LoaderSignature = "RecurrentWordFeature";

    internal WordFeatureTransformer(IHostEnvironment environment, string outputColumnName, string inputColumnName, WordFeature feature, int length)
        : base(environment, outputColumnName, inputColumnName) => (Feature, Length) = (feature, length);

    private WordFeatureTransformer(IHostEnvironment environment, (string Output, string Input) names, ModelLoadContext context)
        : this(environment, names.Output, names.Input, (WordFeature)context.Reader.ReadInt32(), context.Reader.ReadInt32())
    {
    }

    /// <summary>What is made of each word.</summary>
    public WordFeature Feature { get; }

    /// <summary>Characters of a prefix or suffix; of a shape, the longest run of one kind of character.</summary>
    public int Length { get; }

    private protected override VersionInfo Version => CurrentVersion;

    private static VersionInfo CurrentVersion => new(modelSignature: "RECRWORD", verWrittenCur: 0x00010001, verReadableCur: 0x00010001,
        verWeCanReadBack: 0x00010001, loaderSignature: LoaderSignature, loaderAssemblyName: typeof(WordFeatureTransformer).Assembly.FullName);

    // Called by ML.NET's component catalog when a model is loaded.
    private static WordFeatureTransformer Create(IHostEnvironment environment, ModelLoadContext context) =>
        new(environment, LoadNames(context, CurrentVersion), context);

    private protected override void SaveState(ModelSaveContext context)
    {
        context.Writer.Write((int)Feature);
        context.Writer.Write(Length);
    }

    internal override DataViewSchema.DetachedColumn Describe(DataViewSchema.Column input)
    {
        VocabularyTransformer.Check(input);
        return new(OutputColumnName, input.Type is VectorDataViewType vector ? new VectorDataViewType(TextDataViewType.Instance, vector.Size)
            : TextDataViewType.Instance);
    }

    internal override Delegate CreateGetter(DataViewRow row, DataViewSchema.Column input)
    {
        var (read, reader) = (TokenValues.Open(row, input), new WordFeatureReader(Feature, Length));
        if (input.Type is not VectorDataViewType)
            return (ValueGetter<ReadOnlyMemory<char>>)((ref ReadOnlyMemory<char> value) => value = reader.Read(read()[0]));
        return (ValueGetter<VBuffer<ReadOnlyMemory<char>>>)((ref VBuffer<ReadOnlyMemory<char>> values) =>
        {
            var words = read();
            var editor = VBufferEditor.Create(ref values, words.Count);
            for (var i = 0; i < words.Count; i++) editor.Values[i] = reader.Read(words[i]);
            values = editor.Commit();
        });
    }

    // ONNX has no operators on the characters of text.
    internal override bool SaveAsOnnx(OnnxContext context, DataViewSchema.DetachedColumn output) => false;
}
