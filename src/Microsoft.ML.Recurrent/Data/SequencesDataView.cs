using Microsoft.ML.Data;

namespace Microsoft.ML.Recurrent.Data;

/// <summary>
/// One row per sequence: the source rows with the same value of the sequence column become one <c>Vector&lt;Single, *, k&gt;</c>. Read at the first cursor, and
/// kept.
/// </summary>
internal sealed class SequencesDataView : ComputedDataView
{
    private readonly Lazy<(SeriesTable Table, SourceColumns Others)> _data;

    private SequencesDataView(IDataView source, DataViewSchema schema, DataViewSchema.Column[] sources, string[] inputs, string sequenceColumn,
        string? timeColumn, TimeZoneInfo? zone) : base(schema, sources)
    {
        _data = new(() =>
        {
            var table = SeriesTable.Read(source, inputs, sequenceColumn, timeColumn, zone);
            var first = new int[table.Series];
            for (var i = 0; i < first.Length; i++) first[i] = table.SourceRows[table.Starts[i]];
            return (table, new SourceColumns(source, first));
        });
    }

    public static SequencesDataView Create(IDataView source, string outputColumn, string[] inputs, string sequenceColumn, string? timeColumn,
        TimeZoneInfo? zone)
    {
        var width = inputs.Sum(name => Columns.Numbers(source.Schema, name, "input").Size);
        SeriesReader.Resolve(source.Schema, sequenceColumn);
        if (timeColumn is not null) TimeReader.Resolve(source.Schema, timeColumn);
        var kept = source.Schema.Where(column => !column.IsHidden && column.Name != outputColumn && !inputs.Contains(column.Name)).ToArray();
        var builder = new DataViewSchema.Builder();
        foreach (var column in kept) builder.AddColumn(column.Name, column.Type, column.Annotations);
        builder.AddColumn(outputColumn, new VectorDataViewType(NumberDataViewType.Single, 0, width));
        return new(source, builder.ToSchema(), kept, inputs, sequenceColumn, timeColumn, zone);
    }

    public override long? GetRowCount() => _data.IsValueCreated ? _data.Value.Table.Series : null;

    protected override SourceColumns Others => _data.Value.Others;

    protected override long Open(bool[] active) => _data.Value.Table.Series;

    protected override void CreateGetters(Delegate?[] getters, bool[] active, RowPosition position)
    {
        var table = _data.Value.Table;
        if (active[^1]) getters[^1] = (ValueGetter<VBuffer<float>>)((ref VBuffer<float> value) =>
        {
            var start = table.Starts[position.Row];
            var values = table.Values(start, table.Starts[position.Row + 1] - start);
            var editor = VBufferEditor.Create(ref value, values.Length);
            values.CopyTo(editor.Values);
            value = editor.Commit();
        });
    }
}
