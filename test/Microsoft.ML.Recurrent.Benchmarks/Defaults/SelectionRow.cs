using Microsoft.ML.Data;

namespace Microsoft.ML.Recurrent.Benchmarks.Defaults;

/// <summary>A row as the trainer takes it.</summary>
internal sealed class SelectionRow
{
    public string Series { get; set; } = "";

    public DateTime Time { get; set; }

    public float[] Values { get; set; } = [];

    public float[] Past { get; set; } = [];

    public string Kind { get; set; } = "";

    /// <summary>The rows of some series, one after the other.</summary>
    public static IDataView View(MLContext context, IReadOnlyList<SelectionSeries> series)
    {
        var schema = SchemaDefinition.Create(typeof(SelectionRow));
        schema[nameof(Values)].ColumnType = new VectorDataViewType(NumberDataViewType.Single, series[0].Values[0].Length);
        if (series[0].Past.Length > 0) schema[nameof(Past)].ColumnType = new VectorDataViewType(NumberDataViewType.Single, series[0].Past[0].Length);
        else schema.Remove(schema[nameof(Past)]);
        return context.Data.LoadFromEnumerable(series.SelectMany(Rows), schema);
    }

    private static IEnumerable<SelectionRow> Rows(SelectionSeries series) => series.Values.Select((values, i) => new SelectionRow
    {
        Series = series.Name,
        Time = series.Times.Length > 0 ? series.Times[i] : default,
        Values = values,
        Past = series.Past.Length > 0 ? series.Past[i] : [],
        Kind = series.Kinds.Length > 0 ? series.Kinds[i] : "",
    });
}
