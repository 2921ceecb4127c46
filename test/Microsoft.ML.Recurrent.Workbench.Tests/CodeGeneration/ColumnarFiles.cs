using System.Globalization;
using Apache.Arrow;
using Apache.Arrow.Ipc;
using Apache.Arrow.Types;
using Parquet;
using Parquet.Schema;

namespace Microsoft.ML.Recurrent.Workbench.Tests.CodeGeneration;

/// <summary>Tables of lines with commas as files of other formats: numbers, times, and texts where a cell is neither.</summary>
internal static class ColumnarFiles
{
    /// <summary>Writes the lines as Parquet or as Arrow, by the extension.</summary>
    public static void Write(string path, IEnumerable<string> lines)
    {
        string[][] cells = [.. lines.Select(static line => line.Split(','))];
        (string Name, string[] Cells)[] columns = [.. cells[0].Select((name, i) => (name, cells[1..].Select(row => row[i]).ToArray()))];
        if (path.EndsWith(".parquet", StringComparison.Ordinal)) WriteParquet(path, columns).GetAwaiter().GetResult();
        else WriteArrow(path, columns);
    }

    private static async Task WriteParquet(string path, (string Name, string[] Cells)[] columns)
    {
        DataField[] fields = [.. columns.Select(static column => Field(column.Name, column.Cells))];
        await using var stream = File.Create(path);
        await using var writer = await ParquetWriter.CreateAsync(new ParquetSchema(fields), stream);
        using var group = writer.CreateRowGroup();
        foreach (var (field, (_, cells)) in fields.Zip(columns))
        {
            if (AreNumbers(cells)) await group.WriteAsync<double>(field, cells.Select(Number).ToArray().AsMemory());
            else if (AreTimes(cells)) await group.WriteAsync<DateTime>(field, cells.Select(Time).ToArray().AsMemory());
            else await group.WriteAsync(field, cells);
        }
    }

    private static void WriteArrow(string path, (string Name, string[] Cells)[] columns)
    {
        var batch = new RecordBatch.Builder();
        foreach (var (name, cells) in columns)
        {
            batch.Append(name, false, AreNumbers(cells) ? new DoubleArray.Builder().AppendRange(cells.Select(Number)).Build()
                : AreTimes(cells) ? new TimestampArray.Builder(new TimestampType(Apache.Arrow.Types.TimeUnit.Microsecond, (string?)null))
                    .AppendRange(cells.Select(static cell => new DateTimeOffset(Time(cell), TimeSpan.Zero))).Build()
                : (IArrowArray)new StringArray.Builder().AppendRange(cells).Build());
        }
        var built = batch.Build();
        using var stream = File.Create(path);
        using var writer = new ArrowFileWriter(stream, built.Schema);
        writer.WriteRecordBatch(built);
        writer.WriteEnd();
    }

    private static DataField Field(string name, string[] cells) => AreNumbers(cells) ? new DataField<double>(name)
        : AreTimes(cells) ? new DateTimeDataField(name, DateTimeFormat.Timestamp, isAdjustedToUTC: false, unit: DateTimeTimeUnit.Micros)
        : new DataField<string>(name);

    private static bool AreNumbers(string[] cells) => cells.All(static cell => double.TryParse(cell, CultureInfo.InvariantCulture, out _));

    private static bool AreTimes(string[] cells) => cells.All(static cell => DateTime.TryParse(cell, CultureInfo.InvariantCulture, out _));

    private static double Number(string cell) => double.Parse(cell, CultureInfo.InvariantCulture);

    private static DateTime Time(string cell) => DateTime.Parse(cell, CultureInfo.InvariantCulture);
}
