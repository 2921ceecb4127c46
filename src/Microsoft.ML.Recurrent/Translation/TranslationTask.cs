using System.Collections.Immutable;
using Microsoft.ML.Data;
using Microsoft.ML.Recurrent.Data;
using Microsoft.ML.Recurrent.Onnx.Format;

namespace Microsoft.ML.Recurrent.Translation;

/// <summary>Translation: a target text for a source text.</summary>
internal sealed class TranslationTask : RecurrentTask
{
    public static readonly TranslationTask Instance = new();

    public override ModelTask Name => ModelTask.Translation;

    public override ImmutableArray<ValidationMetric> Metrics => [ValidationMetric.Loss, ValidationMetric.Bleu];

    public override bool SingleNumbersAreScalars => true;

    public override IEnumerable<DataViewSchema.Column> FindColumns(ModelManifest manifest, DataViewSchema schema) =>
        manifest.Translation?.CopyColumn is { } copied
            ? RowCollector.Check(manifest, schema).Append(TranslationColumns.ResolveTexts(schema, copied)).DistinctBy(column => column.Index)
            : RowCollector.Check(manifest, schema);

    public override IExampleCollector CreateCollector(ModelManifest manifest, DataViewRow row, IDataView? data) =>
        manifest.Translation?.CopyColumn is { } copied ? new CopyCollector(new(row, manifest), row, copied) : new RowCollector(row, manifest);

    public override (ModelProto Graph, ModelManifest Manifest) StepForm(RecurrentModel model) => throw new NotSupportedException(
        "A translation reads the whole source before it writes, so it cannot be scored step by step: give whole sources.");

    // Both ends of a text are no keys: they stay what they are.
    public override KeyMap? MapOutputs(int known, int wanted, ModelManifest there, ModelManifest here, KeyMap? tokens)
    {
        var (old, fresh) = (there.Translation!, here.Translation!);
        return KeyMap.Find("tokens of the target", known, wanted, old.Target, fresh.Target, first: 1).Add(fresh.End, old.End).Add(fresh.Start, old.Start);
    }
}
