using System.IO.Compression;
using System.Text;
using Apache.Arrow;
using Apache.Arrow.Compression;
using Apache.Arrow.Ipc;
using Apache.Arrow.Types;
using Microsoft.ML.Recurrent.Workbench.CodeGeneration;
using Microsoft.ML.Recurrent.Workbench.CodeGeneration.Loading;
using Microsoft.ML.Recurrent.Workbench.Inspection;
using Microsoft.ML.Recurrent.Workbench.Tables;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using Parquet;
using Parquet.Schema;

namespace Microsoft.ML.Recurrent.Workbench.Tests.CodeGeneration;

/// <summary>Generated code, compiled, reads files to the same bits as the tool: by ML.NET's reader where that does, else by the tool's library.</summary>
[TestClass]
public sealed class LoadingCodeTests
{
    private static readonly string s_folder = Directory.CreateTempSubdirectory("recurrent-loading-").FullName;

    private static readonly DateTime s_start = new(2024, 3, 31, 1, 30, 0);

    [ClassCleanup]
    public static void Delete() => Directory.Delete(s_folder, recursive: true);

    [TestMethod]
    [DataRow("plain", "date,OT,name,flag\n2016-07-01 00:00:00,30.5310001373291,a,true\n2016-07-01 01:00:00,-7.25e-3,b b,false\n", nameof(TextLoaderCode))]
    [DataRow("tabs", "x\ty\n1\tone\n2\ttwo\n", nameof(TextLoaderCode))]
    [DataRow("no header", "1,2\n3,4\n", nameof(TextLoaderCode))]
    [DataRow("empty cells", "x,y\n1,a\n,\n3,c\n", nameof(TextLoaderCode))]
    [DataRow("quotes", "x,y\n1,\"a, \"\"b\"\"\"\n2,c\n", nameof(TextLoaderCode))]
    [DataRow("large numbers", "x,y\n20000001,1\n3,2\n", nameof(TextLoaderCode))]
    [DataRow("commas", "x;y\n1,5;a\n-2,25;b\n", nameof(TextLoaderCode))]
    [DataRow("missing", "x,y\nNA,a\n2,N/A\nnull,c\n", nameof(CsvCode))]
    [DataRow("spaces", "x,y\n1, a \n2,b\n", nameof(CsvCode))]
    [DataRow("lines", "x,y\n1,\"a\nb\"\n2,c\n", nameof(CsvCode))]
    [DataRow("zones", "t,x\n2024-03-31T01:30:00+02:00,1\n2024-03-31T02:30:00+02:00,2\n", nameof(TextLoaderCode))]
    [DataRow("day first", "t,x\n13/12/2024,1\n14/12/2024,2\n", nameof(CsvCode))]
    [DataRow("names", "class,\"a \"\"b\"\"\",1st,Wert (°C),値,a-b,a_b,ModelInput,GetType,\"two\nlines\"\n1,2,3,4,x,6,7,8,9,10\n2,3,4,5,y,7,8,9,1,2\n", null)]
    public void Code_reads_text_files_to_the_same_bits(string name, string text, string? reader)
    {
        var path = Path.Combine(s_folder, name + ".csv");
        File.WriteAllText(path, text);
        Check(path, reader);
        var compressed = path + ".gz";
        using (var stream = new GZipStream(File.Create(compressed), CompressionLevel.Fastest)) stream.Write(Encoding.UTF8.GetBytes(text));
        Check(compressed, nameof(CsvCode));
    }

    [TestMethod]
    public void Numbers_with_many_digits_are_read_to_the_same_bits()
    {
        var random = new Random(1);
        var path = Path.Combine(s_folder, "digits.csv");
        File.WriteAllLines(path,
            Enumerable.Range(0, 2000).Select(i => FormattableString.Invariant($"{(random.NextDouble() - 0.5) * Math.Pow(10, i % 40 - 20):R},{i}"))
            .Prepend("x,y"));
        Check(path, null);
    }

    [TestMethod]
    public async Task Code_reads_Parquet_to_the_same_bits()
    {
        var path = Path.Combine(s_folder, "table.parquet");
        DataField number = new DataField<double?>("number"), whole = new DataField<long>("whole"), small = new DataField<float?>("a \"small\" one"),
            time = new DateTimeDataField("time", DateTimeFormat.Timestamp, isAdjustedToUTC: false, unit: DateTimeTimeUnit.Micros),
            flag = new DataField<bool>("flag"), text = new DataField<string>("text"), money = new DataField<decimal>("money");
        await using (var stream = File.Create(path))
        await using (var writer = await ParquetWriter.CreateAsync(new ParquetSchema(number, whole, small, time, flag, text, money), stream))
        {
            for (var part = 0; part < 2; part++)
            {
                using var group = writer.CreateRowGroup();
                await group.WriteAsync<double>(number, new double?[] { part / 3d, null }.AsMemory());
                await group.WriteAsync<long>(whole, new[] { part + 5L, 30_000_001L }.AsMemory());
                await group.WriteAsync<float>(small, new float?[] { 0.1f, null }.AsMemory());
                await group.WriteAsync<DateTime>(time, new[] { s_start.AddHours(2 * part), s_start.AddHours(2 * part + 1) }.AsMemory());
                await group.WriteAsync<bool>(flag, new[] { true, false }.AsMemory());
                await group.WriteAsync(text, ["a ", null!]);
                await group.WriteAsync<decimal>(money, new[] { 1.25m, 2m }.AsMemory());
            }
        }
        Check(path, nameof(ParquetCode));
        Check(path, nameof(ParquetCode), texts: ["number", "time", "flag"]);
    }

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public void Code_reads_Arrow_to_the_same_bits(bool compressed)
    {
        var path = Path.Combine(s_folder, $"table{compressed}.feather");
        var categories = new DictionaryArray(new DictionaryType(Int8Type.Default, StringType.Default, false),
            new Int8Array.Builder().Append(1).AppendNull().Build(), new StringArray.Builder().Append("low").Append("high").Build());
        var batch = new RecordBatch.Builder()
            .Append("number", true, new DoubleArray.Builder().Append(1 / 3d).AppendNull().Build())
            .Append("whole", false, new UInt16Array.Builder().Append(5).Append(6).Build())
            .Append("time", false, new TimestampArray.Builder(new TimestampType(Apache.Arrow.Types.TimeUnit.Millisecond, (string?)null))
                .Append(new DateTimeOffset(s_start, TimeSpan.Zero)).Append(new DateTimeOffset(s_start.AddHours(1), TimeSpan.Zero)).Build())
            .Append("instant", false, new TimestampArray.Builder(new TimestampType(Apache.Arrow.Types.TimeUnit.Second, "UTC"))
                .Append(new DateTimeOffset(s_start, TimeSpan.Zero)).Append(new DateTimeOffset(s_start.AddHours(1), TimeSpan.Zero)).Build())
            .Append("flag", false, new BooleanArray.Builder().Append(true).Append(false).Build())
            .Append("level", true, categories)
            .Append("text", true, new StringArray.Builder().Append("x").AppendNull().Build())
            .Build();
        var options = compressed
            ? new IpcOptions { CompressionCodec = CompressionCodecType.Lz4Frame, CompressionCodecFactory = new CompressionCodecFactory() }
            : null;
        using (var stream = File.Create(path))
        using (var writer = new ArrowFileWriter(stream, batch.Schema, false, options))
        {
            writer.WriteRecordBatch(batch);
            writer.WriteRecordBatch(batch);
            writer.WriteEnd();
        }
        Check(path, nameof(ArrowCode));
        Check(path, nameof(ArrowCode), texts: ["whole", "time"]);
    }

    [TestMethod]
    public void Another_bit_or_row_is_seen()
    {
        var mlContext = new MLContext();
        IDataView View(params float[] values) => mlContext.Data.LoadFromEnumerable(values.Select(static value => new { Value = value }).ToArray());
        Assert.IsTrue(SameRows.Are(View(1, float.NaN), View(1, -float.NaN)));
        Assert.IsFalse(SameRows.Are(View(1, 2), View(1, MathF.BitIncrement(2))));
        Assert.IsFalse(SameRows.Are(View(0), View(-0f)));
        Assert.IsFalse(SameRows.Are(View(1, 2), View(1)));
        Assert.IsFalse(SameRows.Are(View(1), View(1, 2)));
    }

    private static void Check(string path, string? reader, params string[] texts)
    {
        var mlContext = new MLContext();
        var source = TableSource.Open(path);
        var profile = TableProfile.Read(source);
        profile = profile
            with
        { Columns = [.. profile.Columns.Select(column => texts.Contains(column.Name) ? column with { Kind = ColumnKind.Text } : column)] };
        var code = LoadingCode.ForTable(mlContext, new(source, profile), profile.Columns.Select(static column => column.Name), "ModelInput");
        if (reader is not null) Assert.AreEqual(reader, code.GetType().Name, path);

        var file = SourceText.File("Generated", "Model1", ["System", "Microsoft.ML", "Microsoft.ML.Data", .. code.Usings],
            [.. code.Members(), code.Rows!.Declare(isInput: true)]);
        var load = CompiledCode.Compile(file).GetType("Generated.Model1")!.GetMethod("LoadIDataViewFromFile")!;
        var view = (IDataView)load.Invoke(null, [mlContext, path])!;
        Assert.HasCount(profile.Columns.Length, view.Schema);
        Assert.IsTrue(SameRows.Are(new TableView(source, profile), view), file);
    }
}
