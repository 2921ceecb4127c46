using Microsoft.ML.Data;

namespace Microsoft.ML.Recurrent.Data;

/// <summary>Serves the rows and columns of another cursor, which it owns.</summary>
internal abstract class PassThroughCursor(DataViewRowCursor source) : DataViewRowCursor
{
    public override DataViewSchema Schema => Source.Schema;

    public override long Position => Source.Position;

    public override long Batch => Source.Batch;

    protected DataViewRowCursor Source => source;

    public override bool MoveNext() => Source.MoveNext();

    public override bool IsColumnActive(DataViewSchema.Column column) => Source.IsColumnActive(column);

    public override ValueGetter<DataViewRowId> GetIdGetter() => Source.GetIdGetter();

    public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column) => Source.GetGetter<TValue>(column);

    protected override void Dispose(bool disposing)
    {
        if (disposing) Source.Dispose();
        base.Dispose(disposing);
    }
}
