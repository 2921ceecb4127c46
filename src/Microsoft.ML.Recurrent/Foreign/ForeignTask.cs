using Microsoft.ML.Data;
using Microsoft.ML.Recurrent.Data;

namespace Microsoft.ML.Recurrent.Foreign;

/// <summary>The task of a foreign model that does not declare it.</summary>
internal sealed class ForeignTask : RecurrentTask
{
    public static readonly ForeignTask Instance = new();

    public override ModelTask Name => ModelTask.Foreign;

    public override bool IsKnown => false;

    // With states that are carried, a row is scored after those before it.
    public override bool IsRowWise(ModelManifest manifest) => !manifest.CarriesState;

    public override IEnumerable<DataViewSchema.Column> FindColumns(ModelManifest manifest, DataViewSchema schema) =>
        !manifest.IsForeignGraph ? base.FindColumns(manifest, schema)
            : ForeignCollector.Check(manifest, schema).Concat((manifest.StateSeries ?? []).Select(name => SeriesReader.Resolve(schema, name)));

    public override IExampleCollector CreateCollector(ModelManifest manifest, DataViewRow row, IDataView? data) =>
        !manifest.IsForeignGraph ? base.CreateCollector(manifest, row, data)
            : manifest.CarriesState ? new CarriedCollector(new ForeignCollector(row, manifest), row, manifest) : new ForeignCollector(row, manifest);
}
