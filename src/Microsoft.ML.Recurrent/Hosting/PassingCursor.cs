using Microsoft.ML.Data;

namespace Microsoft.ML.Recurrent.Hosting;

/// <summary>A cursor without requested outputs: the columns of the source under the result schema, without scoring.</summary>
internal sealed class PassingCursor(ScoringMapping mapping, DataViewRowCursor source, ActiveColumns active) : DataViewRowCursor
{
    public override DataViewSchema Schema => mapping.OutputSchema;

    public override long Position => source.Position;

    public override long Batch => source.Batch;

    public override bool MoveNext() => source.MoveNext();

    public override bool IsColumnActive(DataViewSchema.Column column) => active.Result[column.Index];

    public override ValueGetter<DataViewRowId> GetIdGetter() => source.GetIdGetter();

    public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
    {
        if (!IsColumnActive(column))
            throw new ArgumentOutOfRangeException(nameof(column),
                $"The column '{column.Name}' is not active in this cursor: request it when the cursor is created.");
        return source.GetGetter<TValue>(source.Schema[mapping.Locate(column.Index).Index]);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing) source.Dispose();
        base.Dispose(disposing);
    }
}
