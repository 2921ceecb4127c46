using System.IO.Compression;
using System.Text;
using Microsoft.ML.Data;
using Microsoft.ML.Recurrent.Workbench.Inspection;
using Microsoft.ML.Recurrent.Workbench.Tables;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Recurrent.Workbench.Tests.Tables;

[TestClass]
public sealed class DelimitedTableTests
{
    private static readonly string s_folder = Directory.CreateTempSubdirectory("tables").FullName;

    [ClassCleanup]
    public static void Delete() => Directory.Delete(s_folder, true);

    private static string Write(string text, [System.Runtime.CompilerServices.CallerMemberName] string name = "")
    {
        var path = Path.Combine(s_folder, $"{name}-{Guid.NewGuid():N}.csv");
        File.WriteAllText(path, text);
        return path;
    }

    private static TableProfile Profile(string text, TableOptions? options = null) => TableProfile.Read(TableSource.Open(Write(text), options));

    [TestMethod]
    [DataRow("1st,2nd\n1,2\n3,4\n", true)]
    [DataRow("day,2024-Q1\na,2\nb,4\n", true)]
    [DataRow("12:30,3\n12:40,4\n", false)]
    [DataRow("3 days,x\n5 days,y\n", false)]
    [DataRow("2024-01-01,x\n2024-01-02,y\n", false)]
    [DataRow("1990,1991\n5,6\n", false)]
    public void Names_may_begin_with_a_digit_but_are_no_values(string text, bool hasNames) =>
        Assert.AreEqual(hasNames ? text.Split('\n')[0].Split(',')[0] : "col0", TableSource.Open(Write(text)).Columns[0].Name);

    [TestMethod]
    [DataRow("time,level\n2024-01-01,1.5\n2024-01-02,2.5\n", "time level", 2.0)]
    [DataRow("time;level\r\n01.02.2024;1,5\r\n02.02.2024;2,5\r\n", "time level", 2.0)]
    [DataRow("time\tlevel\n2024-01-01 00:00\t1e3\n2024-01-01 01:00\t3e3\n", "time level", 2000.0)]
    [DataRow("2024-01-01,1\n2024-01-02,2\n", "col0 col1", 1.5)]
    [DataRow("\"time\",\"level\"\n\"2024-01-01\",\"-1\"\n", "time level", -1.0)]
    public void Separator_header_and_decimal_marker_are_found(string text, string names, double mean)
    {
        var profile = Profile(text);
        Assert.AreEqual(names, string.Join(' ', profile.Columns.Select(column => column.Name)));
        Assert.AreEqual((ColumnKind.Time, ColumnKind.Number), (profile.Columns[0].Kind, profile.Columns[1].Kind));
        Assert.AreEqual(mean, profile.Columns[1].Mean);
    }

    [TestMethod]
    public void A_file_of_sentences_has_one_column()
    {
        var profile = Profile("review\nGood, but long.\nNever again!\nA film, a song, a dance; all of it.\n");
        Assert.AreEqual("review", profile.Columns.Single().Name);
        Assert.AreEqual(("Good, but long.", 3L), (profile.Columns[0].Examples[0], profile.Rows));
    }

    [TestMethod]
    [DataRow("Abel\nAdam\n", true)]
    [DataRow("name;age\nAbel;12\n", false)]
    public void A_first_line_of_texts_above_texts_is_doubtful(string text, bool isDoubtful) =>
        Assert.AreEqual(isDoubtful, TableSource.Open(Write(text)).IsHeaderDoubtful);

    [TestMethod]
    [DataRow(",units,shop\n0,1.5,a\n1,2,b\n", "col0 units shop")]
    [DataRow("units,,shop\n5,0,a\n7,1,b\n", "units col1 shop")]
    [DataRow("a,,b\nc,x,b\na,y,d\n", "col0 col1 col2")]
    public void A_column_without_a_name_is_named_by_its_number(string text, string names) =>
        Assert.AreEqual(names, string.Join(' ', TableSource.Open(Write(text)).Columns.Select(static column => column.Name)));

    [TestMethod]
    public void Quoted_cells_hold_separators_quotes_and_ends_of_lines()
    {
        var profile = Profile("id,text\n1,\"a, b\"\n2,\"say \"\"no\"\"\"\n3,\"two\nlines\"\n4,x\n");
        CollectionAssert.AreEqual(new[] { "a, b", "say \"no\"", "two\nlines", "x" }, profile.Columns[1].Examples.ToArray());
    }

    [TestMethod]
    [DataRow("kind\ttext\nham\tSo called \"free\" text\nspam\t\"open quote\n", "\"open quote")]
    [DataRow("text\nShe said \"no\"\n\"Never\n", "\"Never")]
    [DataRow("kind\ttext\nham\t\"a\tb\"\n", "a\tb")]
    public void A_quote_in_a_text_is_a_quote_where_no_cell_is_quoted_whole(string text, string last) =>
        Assert.AreEqual(last, Profile(text).Columns[^1].Examples[^1]);

    [TestMethod]
    public void Options_win_over_what_is_found()
    {
        var profile = Profile("a;b\n1;2\n", new() { Separator = ';', HasHeader = false });
        Assert.AreEqual((2L, ColumnKind.Text, "col1"), (profile.Rows, profile.Columns[0].Kind, profile.Columns[1].Name));
        Assert.AreEqual((1.5, 15.0), (Profile("x;y\n1,5;0\n", new() { DecimalMarker = ',' }).Columns[0].Mean, Profile("x;y\n15;0\n").Columns[0].Mean));
    }

    [TestMethod]
    public void Compressed_files_are_read()
    {
        var path = Path.Combine(s_folder, "packed.csv.gz");
        using (var stream = new GZipStream(File.Create(path), CompressionLevel.Fastest)) stream.Write(Encoding.UTF8.GetBytes("day,höhe\n2024-03-01,7\n"));
        Assert.AreEqual(("höhe", 7.0), (TableSource.Open(path).Columns[1].Name, TableProfile.Read(TableSource.Open(path)).Columns[1].Mean!.Value));
    }

    [TestMethod]
    [DataRow("", "is empty")]
    [DataRow("a,b\n1,2\n3\n", "line 3")]
    [DataRow("a,b\n1,2\n3,4,5\n", "line 3")]
    [DataRow("a,b\n1,\"2\n", "line")]
    [DataRow("a,a\n1,2\n", "2 columns with the name 'a'")]
    [DataRow("a\0b\n", "zero byte")]
    public void What_is_no_table_is_refused_with_file_and_line(string text, string part)
    {
        var path = Write(text);
        var error = Assert.ThrowsExactly<InvalidDataException>(() => TableProfile.Read(TableSource.Open(path)));
        StringAssert.Contains(error.Message, path, StringComparison.Ordinal);
        StringAssert.Contains(error.Message, part, StringComparison.Ordinal);
    }

    [TestMethod]
    public void Text_in_another_encoding_is_refused()
    {
        var path = Path.Combine(s_folder, "latin.csv");
        File.WriteAllBytes(path, [(byte)'a', (byte)'\n', 0xF6, (byte)'\n']);
        StringAssert.Contains(Assert.ThrowsExactly<InvalidDataException>(() => TableSource.Open(path)).Message, "UTF-8", StringComparison.Ordinal);
    }

    [TestMethod]
    public void A_broken_archive_is_refused()
    {
        var path = Path.Combine(s_folder, "broken.csv.gz");
        File.WriteAllBytes(path, [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3, 0xFF, 0xFF, 0xFF]);
        StringAssert.Contains(Assert.ThrowsExactly<InvalidDataException>(() => TableSource.Open(path)).Message, path, StringComparison.Ordinal);
    }

    [TestMethod]
    public void Columns_are_found_by_name_or_number()
    {
        var source = TableSource.Open(Write("date,HUFL,OT\n2016-07-01,1,2\n"));
        Assert.AreEqual((2, 1), (source.Find("OT"), source.Find("1")));
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => source.Find("HULF")).Message, "'HUFL'", StringComparison.Ordinal);
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => source.Find("7")).Message, "date, HUFL, OT", StringComparison.Ordinal);
        Assert.ThrowsExactly<FileNotFoundException>(() => TableSource.Open(Path.Combine(s_folder, "none.csv")));
    }

    [TestMethod]
    public void A_view_has_the_kinds_of_the_columns()
    {
        var source = TableSource.Open(Write("time;n;big;flag;text;none\n2024-01-02;1.5;16777217;true;a;\n2024-01-03;;1;false;NA;\n"));
        var view = new TableView(source, TableProfile.Read(source));
        CollectionAssert.AreEqual(new[] { typeof(DateTime), typeof(float), typeof(double), typeof(bool), typeof(ReadOnlyMemory<char>), typeof(float) },
            view.Schema.Select(column => column.Type.RawType).ToArray());
        CollectionAssert.AreEqual(new[] { 1.5f, float.NaN }, view.GetColumn<float>("n").ToArray());
        CollectionAssert.AreEqual(new[] { 16777217, 1.0 }, view.GetColumn<double>("big").ToArray());
        CollectionAssert.AreEqual(new[] { true, false }, view.GetColumn<bool>("flag").ToArray());
        CollectionAssert.AreEqual(new[] { "a", "" }, view.GetColumn<string>("text").ToArray());
        Assert.AreEqual(new DateTime(2024, 1, 3), view.GetColumn<DateTime>("time").Last());
        Assert.AreEqual(2, view.GetRowCount());
    }

    [TestMethod]
    public void A_row_that_is_no_longer_of_its_kind_is_told()
    {
        var path = Write("time,n\n2024-01-02,1\n,2\n");
        var source = TableSource.Open(path);
        var view = new TableView(source, TableProfile.Read(source));
        var error = Assert.ThrowsExactly<InvalidDataException>(() => view.GetColumn<DateTime>("time").ToArray());
        StringAssert.Contains(error.Message, "line 3: the column 'time' should hold a time, but holds nothing", StringComparison.Ordinal);
        File.WriteAllText(path, "time,n\n2024-01-02,x\n");
        error = Assert.ThrowsExactly<InvalidDataException>(() => view.GetColumn<float>("n").ToArray());
        StringAssert.Contains(error.Message, "line 2: the column 'n' should hold a number, but holds 'x'", StringComparison.Ordinal);
    }
}
