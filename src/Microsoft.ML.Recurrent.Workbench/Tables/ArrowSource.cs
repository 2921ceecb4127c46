using Apache.Arrow;
using Apache.Arrow.Arrays;
using Apache.Arrow.Compression;
using Apache.Arrow.Ipc;
using Apache.Arrow.Types;

namespace Microsoft.ML.Recurrent.Workbench.Tables;

/// <summary>A table in an Arrow file, also Feather of version 2. Columns of lists and structures are left out.</summary>
internal sealed class ArrowSource : TableSource
{
    private readonly int[] _places;

    private ArrowSource(string path, Schema schema, int[] places)
        : base(path, [.. places.Select(place => new TableColumn(schema.FieldsList[place].Name, KindOf(schema.FieldsList[place].DataType)!.Value))],
            [.. schema.FieldsList.Where(static field => KindOf(field.DataType) is null).Select(static field => field.Name)]) => _places = places;

    public static ArrowSource OpenArrow(string path)
    {
        try
        {
            using var reader = OpenReader(path);
            var schema = reader.GetSchema().AsTask().GetAwaiter().GetResult();
            return new(path, schema, [.. Enumerable.Range(0, schema.FieldsList.Count).Where(place => KindOf(schema.FieldsList[place].DataType) is not null)]);
        }
        catch (Exception error) when (error is not (OutOfMemoryException or FileNotFoundException or UnauthorizedAccessException))
        {
            throw new InvalidDataException($"'{path}' is no whole Arrow file: {error.Message}", error);
        }
    }

    internal override TableRows OpenRows() => new ColumnarRows(Path, Parts());

    // Without codecs, compressed files are refused, and Feather's are by default.
    private static ArrowFileReader OpenReader(string path) =>
        new(new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read), new CompressionCodecFactory());

    private static ColumnKind? KindOf(IArrowType type) => type switch
    {
        StringType or LargeStringType or StringViewType => ColumnKind.Text,
        DictionaryType dictionary => KindOf(dictionary.ValueType) is ColumnKind.Text ? ColumnKind.Text : null,
        BooleanType => ColumnKind.Boolean,
        TimestampType or Date32Type or Date64Type => ColumnKind.Time,
        NumberType or Decimal128Type => ColumnKind.Number,
        _ => null,
    };

    private IEnumerator<(int Rows, ColumnCells[] Columns)> Parts()
    {
        using var reader = OpenReader(Path);
        while (reader.ReadNextRecordBatch() is { } batch)
        {
            yield return (batch.Length, [.. _places.Select(place => Read(batch.Column(place)))]);
            // Not the batch itself: in compressed files, batches share the memory of their categories, which would end with the first.
            foreach (var column in batch.Arrays)
                if (column is not DictionaryArray) column.Dispose();
        }
    }

    private static ColumnCells Read(IArrowArray cells) => cells switch
    {
        DictionaryArray dictionary =>
            new TextCells(Each(cells, row => Index(dictionary.Indices, row) is { } index ? Text(dictionary.Dictionary, index) : null)),
        StringArray or LargeStringArray or StringViewArray => new TextCells(Each(cells, row => Text(cells, row))),
        BooleanArray flags => new BooleanCells(Each(cells, flags.GetValue)),
        // An instant; without a zone, the clock's time.
        TimestampArray times => new TimeCells(Each<DateTime?>(cells, row => times.GetTimestamp(row) is not { } time ? null
            : ((TimestampType)times.Data.DataType).Timezone is null or ""
                ? DateTime.SpecifyKind(time.UtcDateTime, DateTimeKind.Unspecified)
                : time.UtcDateTime)),
        Date32Array dates => new TimeCells(Each(cells, dates.GetDateTime)),
        Date64Array dates => new TimeCells(Each(cells, dates.GetDateTime)),
        DoubleArray numbers => Numbers(numbers),
        FloatArray numbers => Numbers(numbers),
        HalfFloatArray numbers => Numbers(numbers),
        Int8Array numbers => Numbers(numbers),
        UInt8Array numbers => Numbers(numbers),
        Int16Array numbers => Numbers(numbers),
        UInt16Array numbers => Numbers(numbers),
        Int32Array numbers => Numbers(numbers),
        UInt32Array numbers => Numbers(numbers),
        Int64Array numbers => Numbers(numbers),
        UInt64Array numbers => Numbers(numbers),
        Decimal128Array numbers => new NumberCells(Each(cells, row => (double?)numbers.GetValue(row) ?? double.NaN)),
        _ => throw new InvalidDataException($"A column holds {cells.Data.DataType.Name}."),
    };

    private static NumberCells Numbers<T>(PrimitiveArray<T> numbers)
        where T : struct, IEquatable<T>, System.Numerics.INumber<T> =>
        new(Each(numbers, row => numbers.GetValue(row) is { } value ? double.CreateChecked(value) : double.NaN));

    private static T[] Each<T>(IArrowArray cells, Func<int, T> get)
    {
        var values = new T[cells.Length];
        for (var row = 0; row < values.Length; row++) values[row] = get(row);
        return values;
    }

    private static string? Text(IArrowArray cells, int row) => cells switch
    {
        StringArray texts => texts.GetString(row),
        LargeStringArray texts => texts.GetString(row),
        StringViewArray texts => texts.GetString(row),
        _ => throw new InvalidDataException($"A column holds {cells.Data.DataType.Name}."),
    };

    private static int? Index(IArrowArray cells, int row) => cells switch
    {
        Int8Array places => places.GetValue(row),
        UInt8Array places => places.GetValue(row),
        Int16Array places => places.GetValue(row),
        UInt16Array places => places.GetValue(row),
        Int32Array places => places.GetValue(row),
        UInt32Array places => (int?)places.GetValue(row),
        Int64Array places => (int?)places.GetValue(row),
        _ => throw new InvalidDataException($"Categories are numbered by {cells.Data.DataType.Name}."),
    };
}
