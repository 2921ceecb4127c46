using Microsoft.ML.Recurrent.Data;

namespace Microsoft.ML.Recurrent.Hosting;

/// <summary>A cursor without requested outputs: the columns of the source under the result schema, without scoring.</summary>
internal sealed class PassingCursor(ScoringMapping mapping, DataViewRowCursor source, ActiveColumns active) : PassThroughCursor(source)
{
    public override DataViewSchema Schema => mapping.OutputSchema;

    public override bool IsColumnActive(DataViewSchema.Column column) => active.Result[column.Index];

    public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
    {
        if (!IsColumnActive(column))
            throw new ArgumentOutOfRangeException(nameof(column),
                $"The column '{column.Name}' is not active in this cursor: request it when the cursor is created.");
        return Source.GetGetter<TValue>(Source.Schema[mapping.Locate(column.Index).Index]);
    }
}
