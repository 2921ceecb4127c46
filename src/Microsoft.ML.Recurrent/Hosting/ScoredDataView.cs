using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Model.OnnxConverter;
using Microsoft.ML.Recurrent.Hosting;
using Microsoft.ML.Runtime;

[assembly: LoadableClass(typeof(ScoredDataView), null, typeof(SignatureLoadDataTransform), "Recurrent model's data view", ScoredDataView.LoaderSignature)]

namespace Microsoft.ML.Recurrent.Hosting;

/// <summary>
/// A data view with the outputs of a model as added columns. Rows are scored only when a cursor requests an output, in batches. The rows, their order and all
/// other columns are those of the source.
/// </summary>
internal sealed class ScoredDataView : ITransformCanSaveOnnx, ITransformTemplate
{
    internal const string LoaderSignature = "RecurrentScoredView";
    private const string TransformerEntry = "Transformer";

    public ScoredDataView(IDataView source, ScoringMapping mapping) => (Source, Mapping) = (source, mapping);

    public IDataView Source { get; }

    public ScoringMapping Mapping { get; }

    public DataViewSchema Schema => Mapping.OutputSchema;

    /// <summary>Rows that depend on previous rows cannot be shuffled.</summary>
    public bool CanShuffle => Transformer.IsRowWise && Source.CanShuffle;

    private RecurrentTransformer Transformer => Mapping.Transformer;

    private static VersionInfo Version => new(modelSignature: "RECRVIEW", verWrittenCur: 0x00010001, verReadableCur: 0x00010001, verWeCanReadBack: 0x00010001,
        loaderSignature: LoaderSignature, loaderAssemblyName: typeof(ScoredDataView).Assembly.FullName);

    public long? GetRowCount() => Source.GetRowCount();

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null)
    {
        var active = Mapping.Activate(columnsNeeded);
        return Open(Source.GetRowCursor(Mapping.Needed(active), CanShuffle ? rand : null), active);
    }

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null)
    {
        var active = Mapping.Activate(columnsNeeded);
        return Transformer.IsRowWise
            ? [.. Source.GetRowCursorSet(Mapping.Needed(active), n, CanShuffle ? rand : null).Select(cursor => Open(cursor, active, n))]
            : [Open(Source.GetRowCursor(Mapping.Needed(active)), active)];
    }

    bool ICanSaveOnnx.CanSaveOnnx(OnnxContext context) => true;

    void ISaveAsOnnx.SaveAsOnnx(OnnxContext context) => Transformer.SaveAsOnnx(context, Mapping);

    IDataTransform ITransformTemplate.ApplyToData(IHostEnvironment environment, IDataView source) =>
        new ScoredDataView(source, new(Transformer, source.Schema));

    void ICanSaveModel.Save(ModelSaveContext context)
    {
        context.CheckAtModel();
        context.SetVersionInfo(Version);
        context.SaveModel(Transformer, TransformerEntry);
    }

    private static ScoredDataView Create(IHostEnvironment environment, ModelLoadContext context, IDataView source)
    {
        context.CheckAtModel(Version);
        context.LoadModel<RecurrentTransformer, SignatureLoadModel>(environment, out var transformer, TransformerEntry);
        return new(source, new(transformer, source.Schema));
    }

    private DataViewRowCursor Open(DataViewRowCursor source, ActiveColumns active, int cursors = 1)
    {
        if (!active.Scores) return new PassingCursor(Mapping, source, active);
        try
        {
            return ScoringCursor.Open(Mapping, source, active, Source, cursors);
        }
        catch
        {
            source.Dispose();
            throw;
        }
    }
}
