using Microsoft.ML.Data;
using Microsoft.ML.Recurrent.Data;

namespace Microsoft.ML.Recurrent.States;

/// <summary>The states of a layer as numbers for other trainers. Rows are read as by the model that the layers are from.</summary>
internal sealed class StatesTask : RecurrentTask
{
    public static readonly StatesTask Instance = new();

    public override ModelTask Name => ModelTask.States;

    public override bool IsRowWise(ModelManifest manifest) => Reader(manifest).IsRowWise(manifest);

    public override IEnumerable<DataViewSchema.Column> FindColumns(ModelManifest manifest, DataViewSchema schema) =>
        Reader(manifest).FindColumns(manifest, schema);

    public override IExampleCollector CreateCollector(ModelManifest manifest, DataViewRow row, IDataView? data) =>
        Reader(manifest).CreateCollector(manifest, row, data);

    public override LabelManifest? LabelOf(ModelManifest manifest, OutputColumn output) => null;

    private static RecurrentTask Reader(ModelManifest manifest) => Find(manifest.StatesOf!.Value);
}
