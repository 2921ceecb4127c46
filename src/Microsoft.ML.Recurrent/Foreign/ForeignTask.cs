using Microsoft.ML.Data;
using Microsoft.ML.Recurrent.Data;

namespace Microsoft.ML.Recurrent.Foreign;

/// <summary>The task of a foreign model that does not declare it.</summary>
internal sealed class ForeignTask : RecurrentTask
{
    public static readonly ForeignTask Instance = new();

    public override ModelTask Name => ModelTask.Foreign;

    public override bool IsKnown => false;

    public override IEnumerable<DataViewSchema.Column> FindColumns(ModelManifest manifest, DataViewSchema schema) =>
        manifest.IsForeignGraph ? ForeignCollector.Check(manifest, schema) : base.FindColumns(manifest, schema);

    public override IExampleCollector CreateCollector(ModelManifest manifest, DataViewRow row, IDataView? data) =>
        manifest.IsForeignGraph ? new ForeignCollector(row, manifest) : base.CreateCollector(manifest, row, data);
}
