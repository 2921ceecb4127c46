using Microsoft.ML.Data;

namespace Microsoft.ML.Recurrent.Data;

/// <summary>A row that a caller gave alone, of no data: it has no number, whatever number of rows came before.</summary>
internal sealed class GivenRow(DataViewRow row) : DataViewRow
{
    public override DataViewSchema Schema => row.Schema;

    public override long Position => -1;

    public override long Batch => row.Batch;

    public override bool IsColumnActive(DataViewSchema.Column column) => row.IsColumnActive(column);

    public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column) => row.GetGetter<TValue>(column);

    public override ValueGetter<DataViewRowId> GetIdGetter() => row.GetIdGetter();
}
