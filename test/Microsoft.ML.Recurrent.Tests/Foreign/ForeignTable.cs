using Microsoft.ML.Data;

namespace Microsoft.ML.Recurrent.Tests.Foreign;

/// <summary>Rows for foreign graphs: columns of numbers with the sizes that a test gives them.</summary>
internal static class ForeignTable
{
    /// <summary>A view of rows; a column keeps the sizes of its property unless it is named here, and is left out if its sizes are null.</summary>
    public static IDataView Create(MLContext context, IEnumerable<ForeignRow> rows, params (string Column, int[]? Sizes)[] columns)
    {
        var schema = SchemaDefinition.Create(typeof(ForeignRow));
        foreach (var (name, sizes) in columns)
        {
            var column = schema.First(column => column.ColumnName == name);
            if (sizes is null) schema.Remove(column);
            else column.ColumnType = new VectorDataViewType((PrimitiveDataViewType)((VectorDataViewType)column.ColumnType).ItemType, sizes);
        }
        return context.Data.LoadFromEnumerable(rows, schema);
    }

    /// <summary>Random numbers.</summary>
    public static float[] Numbers(Random random, int count) => [.. Enumerable.Range(0, count).Select(_ => random.NextSingle() - 0.5f)];

    /// <summary>An array of several numbers per row, row after row.</summary>
    public static float[] Join(IEnumerable<float[]> rows) => [.. rows.SelectMany(row => row)];

    /// <summary>Swaps the first two axes of [outer, inner, size].</summary>
    public static float[] Swap(float[] values, int outer, int inner)
    {
        var size = values.Length / (outer * inner);
        var result = new float[values.Length];
        for (var i = 0; i < outer; i++)
            for (var j = 0; j < inner; j++) values.AsSpan((i * inner + j) * size, size).CopyTo(result.AsSpan((j * outer + i) * size));
        return result;
    }
}

/// <summary>A row.</summary>
internal sealed class ForeignRow
{
    public float[] X { get; set; } = [];

    public float[] H { get; set; } = [];

    public float[] C { get; set; } = [];

    public float[] More { get; set; } = [];

    public double[] Exact { get; set; } = [];

    public long[] Ids { get; set; } = [];

    public byte[] Bytes { get; set; } = [];

    public long Length { get; set; }

    public long Rate { get; set; }

    public float Gain { get; set; }

    public bool Flag { get; set; }

    public string Text { get; set; } = "";
}
