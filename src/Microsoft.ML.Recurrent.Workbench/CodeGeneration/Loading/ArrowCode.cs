using System.Collections.Immutable;
using Microsoft.ML.Recurrent.Workbench.Inspection;

namespace Microsoft.ML.Recurrent.Workbench.CodeGeneration.Loading;

/// <summary>Reads an Arrow file, or Feather of version 2, by Apache.Arrow, as the tool does.</summary>
internal sealed class ArrowCode(TableProfile profile) : ColumnarCode(profile)
{
    public override ImmutableArray<string> Packages => ["Apache.Arrow", "Apache.Arrow.Compression"];

    public override ImmutableArray<string> Usings =>
        ["System.Globalization", "Apache.Arrow", "Apache.Arrow.Arrays", "Apache.Arrow.Compression", "Apache.Arrow.Ipc", "Apache.Arrow.Types",
            "Microsoft.ML.Data"];

    protected override string Open => """
        using var reader = new ArrowFileReader(File.OpenRead(path), new CompressionCodecFactory());
        while (reader.ReadNextRecordBatch() is { } batch)
        """;

    protected override string Begin => """
        var rows = batch.Length;
        object?[] Read(string column) => ReadCells(batch.Column(column));
        """;

    // Not the batch itself: in compressed files, batches share the memory of their categories, which would end with the first.
    protected override string Close => """
        foreach (var column in batch.Arrays)
            if (column is not DictionaryArray) column.Dispose();
        """;

    protected override string ReadMembers => """
        private static object?[] ReadCells(IArrowArray cells) =>
            [.. Enumerable.Range(0, cells.Length).Select(row => ReadCell(cells, row))];

        private static object? ReadCell(IArrowArray cells, int row) => cells switch
        {
            DictionaryArray categories => ReadCell(categories.Indices, row) is double index ? ReadCell(categories.Dictionary, (int)index) : null,
            StringArray texts => texts.GetString(row),
            LargeStringArray texts => texts.GetString(row),
            StringViewArray texts => texts.GetString(row),
            BooleanArray flags => flags.GetValue(row),
            // An instant; without a zone, the clock's time.
            TimestampArray times => times.GetTimestamp(row) is not { } time ? null
                : string.IsNullOrEmpty(((TimestampType)times.Data.DataType).Timezone)
                    ? DateTime.SpecifyKind(time.UtcDateTime, DateTimeKind.Unspecified)
                    : time.UtcDateTime,
            Date32Array dates => dates.GetDateTime(row),
            Date64Array dates => dates.GetDateTime(row),
            DoubleArray numbers => numbers.GetValue(row),
            FloatArray numbers => (double?)numbers.GetValue(row),
            HalfFloatArray numbers => (double?)numbers.GetValue(row),
            Int8Array numbers => (double?)numbers.GetValue(row),
            UInt8Array numbers => (double?)numbers.GetValue(row),
            Int16Array numbers => (double?)numbers.GetValue(row),
            UInt16Array numbers => (double?)numbers.GetValue(row),
            Int32Array numbers => (double?)numbers.GetValue(row),
            UInt32Array numbers => (double?)numbers.GetValue(row),
            Int64Array numbers => (double?)numbers.GetValue(row),
            UInt64Array numbers => (double?)numbers.GetValue(row),
            Decimal128Array numbers => (double?)numbers.GetValue(row),
            _ => throw new InvalidDataException($"A column holds {cells.Data.DataType.Name}."),
        };
        """;
}
