using Apache.Arrow;
using Apache.Arrow.Compression;
using Apache.Arrow.Ipc;
using Apache.Arrow.Types;
using Microsoft.ML.Data;
using Microsoft.ML.Recurrent.Workbench.Inspection;
using Microsoft.ML.Recurrent.Workbench.Tables;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using Parquet;
using Parquet.Schema;

namespace Microsoft.ML.Recurrent.Workbench.Tests.Tables;

[TestClass]
public sealed class ColumnarTableTests
{
    private static readonly string s_folder = Directory.CreateTempSubdirectory("columns").FullName;

    private static readonly DateTime s_start = new(2024, 3, 31, 1, 30, 0);

    [ClassCleanup]
    public static void Delete() => Directory.Delete(s_folder, true);

    private static string NewPath(string extension) => Path.Combine(s_folder, Guid.NewGuid().ToString("N") + extension);

    private static async Task<string> WriteParquet()
    {
        var path = NewPath(".parquet");
        DataField number = new DataField<double?>("number"), whole = new DataField<long>("whole"), small = new DataField<float?>("small"),
            time = new DateTimeDataField("time", DateTimeFormat.Timestamp, isAdjustedToUTC: false, unit: DateTimeTimeUnit.Micros),
            flag = new DataField<bool?>("flag"), text = new DataField<string>("text"), money = new DataField<decimal>("money");
        var list = new DataField<int[]>("list");
        await using var stream = File.Create(path);
        await using var writer = await ParquetWriter.CreateAsync(new ParquetSchema(number, whole, small, time, flag, text, money, list), stream);
        for (var part = 0; part < 2; part++)
        {
            using var group = writer.CreateRowGroup();
            await group.WriteAsync<double>(number, new double?[] { part, null }.AsMemory());
            await group.WriteAsync<long>(whole, new[] { part + 5L, 6L }.AsMemory());
            await group.WriteAsync<float>(small, new float?[] { 0.5f, -1 }.AsMemory());
            await group.WriteAsync<DateTime>(time, new[] { s_start.AddHours(2 * part), s_start.AddHours(2 * part + 1) }.AsMemory());
            await group.WriteAsync<bool>(flag, new bool?[] { true, null }.AsMemory());
            await group.WriteAsync(text, ["a", null!]);
            await group.WriteAsync<decimal>(money, new[] { 1.25m, 2m }.AsMemory());
            await group.WriteAsync<int>(list, new[] { 1, 2, 3 }.AsMemory(), new[] { 0, 1, 0 }.AsMemory());
        }
        return path;
    }

    private static string WriteArrow(CompressionCodecType? compression = null)
    {
        var path = NewPath(".feather");
        var categories = new DictionaryArray(new DictionaryType(Int8Type.Default, StringType.Default, false),
            new Int8Array.Builder().Append(1).AppendNull().Build(),
            new StringArray.Builder().Append("low").Append("high").Build());
        var batch = new RecordBatch.Builder()
            .Append("number", true, new DoubleArray.Builder().Append(1.5).AppendNull().Build())
            .Append("whole", false, new UInt16Array.Builder().Append(5).Append(6).Build())
            .Append("time", false, new TimestampArray.Builder(new TimestampType(Apache.Arrow.Types.TimeUnit.Millisecond, (string?)null))
                .Append(new DateTimeOffset(s_start, TimeSpan.Zero)).Append(new DateTimeOffset(s_start.AddHours(1), TimeSpan.Zero)).Build())
            .Append("instant", false, new TimestampArray.Builder(new TimestampType(Apache.Arrow.Types.TimeUnit.Second, "Europe/Paris"))
                .Append(new DateTimeOffset(s_start, TimeSpan.FromHours(1))).Append(new DateTimeOffset(s_start, TimeSpan.Zero)).Build())
            .Append("day", false, new Date32Array.Builder().Append(s_start.Date).Append(s_start.Date.AddDays(1)).Build())
            .Append("flag", true, new BooleanArray.Builder().Append(true).AppendNull().Build())
            .Append("text", true, new StringArray.Builder().Append("a").AppendNull().Build())
            .Append("level", true, categories).Build();
        using var stream = File.Create(path);
        using var writer = new ArrowFileWriter(stream, batch.Schema, false,
            new IpcOptions { CompressionCodec = compression, CompressionCodecFactory = new CompressionCodecFactory() });
        writer.WriteRecordBatch(batch);
        writer.WriteRecordBatch(batch);
        writer.WriteEnd();
        return path;
    }

    [TestMethod]
    public async Task Parquet_is_read_part_by_part()
    {
        var source = TableSource.Open(await WriteParquet());
        Assert.AreEqual("list", string.Join(' ', source.LeftOut));
        var profile = TableProfile.Read(source);
        Assert.AreEqual(4, profile.Rows);
        ColumnKind[] kinds = [ColumnKind.Number, ColumnKind.Number, ColumnKind.Number, ColumnKind.Time, ColumnKind.Boolean, ColumnKind.Text, ColumnKind.Number];
        Assert.AreEqual(string.Join(' ', kinds), string.Join(' ', profile.Columns.Select(static column => column.Kind)));
        Assert.AreEqual((2L, 0.5, 2L, 1.625), (profile.Columns[0].Missing, profile.Columns[0].Mean, profile.Columns[5].Missing, profile.Columns[6].Mean));
        var view = new TableView(source, profile);
        CollectionAssert.AreEqual(new[] { 0, float.NaN, 1, float.NaN }, view.GetColumn<float>("number").ToArray());
        // Clock times stay what they are, in any zone of this machine.
        var times = view.GetColumn<DateTime>("time").ToArray();
        CollectionAssert.AreEqual(Enumerable.Range(0, 4).Select(i => s_start.AddHours(i)).ToArray(), times);
        Assert.IsTrue(times.All(static time => time.Kind == DateTimeKind.Unspecified));
    }

    [TestMethod]
    [DataRow(null)]
    [DataRow(CompressionCodecType.Lz4Frame)]
    [DataRow(CompressionCodecType.Zstd)]
    public void Arrow_is_read_compressed_or_not(CompressionCodecType? compression)
    {
        var source = TableSource.Open(WriteArrow(compression));
        var profile = TableProfile.Read(source);
        ColumnKind[] kinds = [ColumnKind.Number, ColumnKind.Number, ColumnKind.Time, ColumnKind.Time, ColumnKind.Time, ColumnKind.Boolean, ColumnKind.Text,
            ColumnKind.Text];
        CollectionAssert.AreEqual(kinds, profile.Columns.Select(static column => column.Kind).ToArray());
        Assert.AreEqual((4L, 2L, 5.5), (profile.Rows, profile.Columns[0].Missing, profile.Columns[1].Mean));
        var view = new TableView(source, profile);
        CollectionAssert.AreEqual(new[] { "high", "", "high", "" }, view.GetColumn<string>("level").ToArray());
        Assert.AreEqual((s_start, s_start.AddHours(-1), s_start.Date),
            (view.GetColumn<DateTime>("time").First(), view.GetColumn<DateTime>("instant").First(), view.GetColumn<DateTime>("day").First()));
        Assert.AreEqual(DateTimeKind.Utc, view.GetColumn<DateTime>("instant").First().Kind);
    }

    [TestMethod]
    [DataRow(8)]
    [DataRow(60)]
    [DataRow(-1)]
    [DataRow(-40)]
    public async Task A_cut_file_is_refused_with_its_name(int length)
    {
        foreach (var path in new[] { await WriteParquet(), WriteArrow() })
        {
            var bytes = await File.ReadAllBytesAsync(path);
            await File.WriteAllBytesAsync(path, bytes[..(length < 0 ? bytes.Length + length : length)]);
            var error = Assert.ThrowsExactly<InvalidDataException>(() => TableProfile.Read(TableSource.Open(path)));
            StringAssert.Contains(error.Message, path, StringComparison.Ordinal);
        }
    }
}
