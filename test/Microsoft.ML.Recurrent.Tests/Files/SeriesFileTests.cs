using Microsoft.ML.Data;

namespace Microsoft.ML.Recurrent.Tests.Files;

/// <summary>Files of labelled series: .ts, .arff and UCR's .tsv.</summary>
[TestClass]
public sealed class SeriesFileTests
{
    private readonly MLContext _context = new(1);
    private readonly FileFolder _folder = new();

    [TestCleanup]
    public void Delete() => _folder.Dispose();

    [TestMethod]
    [DataRow("JapaneseVowels_TRAIN.ts", "Vector<Single, *, 12>", 270)]
    [DataRow("JapaneseVowels_TEST.ts", "Vector<Single, *, 12>", 370)]
    [DataRow("BasicMotions_TRAIN.ts", "Vector<Single, 100, 6>", 40)]
    [DataRow("ItalyPowerDemand_TEST.ts", "Vector<Single, 24, 1>", 1029)]
    [DataRow("Covid3Month_TRAIN.ts", "Vector<Single, 84, 1>", 140)]
    [DataRow("ArrowHead_TRAIN.ts", "Vector<Single, *, 1>", 36)]
    public void Files_of_the_archive(string file, string type, int rows)
    {
        var data = _context.Data.LoadFromTsFile(SharedFolder.Find("data", "ts_format", file));
        Assert.AreEqual(type, data.Schema["Features"].Type.ToString());
        var features = data.GetColumn<float[]>("Features").ToArray();
        Assert.AreEqual(rows, features.Length);
        Assert.IsTrue(features.All(values => values.Length > 0 && values.All(float.IsFinite)));
        if (file.StartsWith("Covid", StringComparison.Ordinal)) Assert.IsTrue(data.GetColumn<float>("Label").All(float.IsFinite));
        else Assert.IsTrue(data.GetColumn<string>("Label").All(label => label.Length > 0));
    }

    [TestMethod]
    public void The_same_series_in_two_formats()
    {
        var ts = _context.Data.LoadFromTsFile(SharedFolder.Find("data", "ts_format", "ArrowHead_TRAIN.ts"));
        var tsv = _context.Data.LoadFromUcrTsvFile(SharedFolder.Find("data", "ts_format", "ArrowHead_TRAIN.tsv"));
        CollectionAssert.AreEqual(ts.GetColumn<string>("Label").ToArray(), tsv.GetColumn<string>("Label").ToArray());
        CollectionAssert.AreEqual(ts.GetColumn<float[]>("Features").SelectMany(row => row).ToArray(),
            tsv.GetColumn<float[]>("Features").SelectMany(row => row).ToArray());
    }

    [TestMethod]
    public void The_vowels_equal_those_of_the_long_table()
    {
        var lines = File.ReadLines(SharedFolder.Find("data", "japanese_vowels", "test.csv")).Skip(1).Select(line => line.Split(',')).ToArray();
        var data = _context.Data.LoadFromTsFile(SharedFolder.Find("data", "ts_format", "JapaneseVowels_TEST.ts"));
        CollectionAssert.AreEqual(lines.SelectMany(fields => fields.Skip(3).Select(float.Parse)).ToArray(),
            data.GetColumn<float[]>("Features").SelectMany(row => row).ToArray());
    }

    [TestMethod]
    public void Tags_in_any_case_and_order_or_absent_and_missing_values()
    {
        var path = _folder.Write("a.ts", "# comment\n@CLASSLABEL TRUE b a\n@PROBLEMNAME x\n\n@Data\n1,2,?:4,5,6:a\n7,8:9,NaN:b\n");
        var data = _context.Data.LoadFromTsFile(path);
        Assert.AreEqual("Vector<Single, *, 2>", data.Schema["Features"].Type.ToString());
        var rows = data.GetColumn<float[]>("Features").ToArray();
        CollectionAssert.AreEqual(new[] { 1, 4, 2, 5, float.NaN, 6 }, rows[0]);
        CollectionAssert.AreEqual(new[] { 7, 9, 8, float.NaN }, rows[1]);
        CollectionAssert.AreEqual(new[] { "a", "b" }, data.GetColumn<string>("Label").ToArray());
        var bare = _context.Data.LoadFromTsFile(_folder.Write("b.ts", "@data\n1,2,3\n"));
        Assert.IsNull(bare.Schema.GetColumnOrNull("Label"));
        CollectionAssert.AreEqual(new float[] { 1, 2, 3 }, bare.GetColumn<float[]>("Features").Single());
    }

    [TestMethod]
    public void Timestamps_are_numbers_or_dates()
    {
        var numbers = _context.Data.LoadFromTsFile(_folder.Write("a.ts", "@timestamps true\n@targetlabel true\n@data\n(0,1),(2.5,?):(0,3),(2.5,4):7.5\n"));
        CollectionAssert.AreEqual(new[] { 0, 2.5 }, numbers.GetColumn<double[]>("Time").Single());
        CollectionAssert.AreEqual(new[] { 1, 3, float.NaN, 4 }, numbers.GetColumn<float[]>("Features").Single());
        Assert.AreEqual(7.5f, numbers.GetColumn<float>("Label").Single());
        var dates = _context.Data.LoadFromTsFile(_folder.Write("b.ts", "@timestamps true\n@data\n(2020-01-01 10:00:00,1),(2020-01-01 11:30:00,2)\n"));
        CollectionAssert.AreEqual(new[] { new DateTime(2020, 1, 1, 10, 0, 0), new DateTime(2020, 1, 1, 11, 30, 0) },
            dates.GetColumn<DateTime[]>("Time").Single());
    }

    [TestMethod]
    [DataRow("@classlabel true a b\n@data\n1,2:a\n1,x:b\n", "Line 4", "'x' is no number")]
    [DataRow("@classlabel true a b\n@data\n1,2:a\n1,2:c\n", "Line 4", "'c' is no class")]
    [DataRow("@classlabel true a b\n@data\n1,2:3,4:a\n1,2:a\n", "Line 4", "has 1 dimensions, but the first one has 2")]
    [DataRow("@classlabel true a b\n@data\n1,2:3,4:a\n1,2:3:a\n", "Line 4", "dimension 2 has 1 steps")]
    [DataRow("@equallength true\n@data\n1,2\n1,2,3\n", "Line 4", "has 3 steps, but those of this file have 2")]
    [DataRow("@dimensions 3\n@data\n1,2\n", "Line 3", "@dimensions is 3")]
    [DataRow("@timestamps true\n@data\n(0,1):(1,2)\n", "Line 3", "other timestamps")]
    [DataRow("@problemname x\n", "Line 1", "without @data")]
    [DataRow("1,2,3\n", "Line 1", "begins with @")]
    public void Malformed_ts_files_are_named_by_line(string text, string line, string fault) =>
        AssertFault(() => _context.Data.LoadFromTsFile(_folder.Write("bad.ts", text)), "bad.ts", line, fault);

    [TestMethod]
    public void Relational_arff()
    {
        var path = _folder.Write("a.arff",
            "% comment\n@RELATION x\n@ATTRIBUTE series relational\n  @ATTRIBUTE t1 numeric\n  @ATTRIBUTE t2 numeric\n@END series\n" +
            "@ATTRIBUTE class {up,'down here'}\n@DATA\n\"1,2\\n3,?\\n5,6\",up\n'7,8\\n9,10\\n11,12','down here'\n");
        var data = _context.Data.LoadFromArffFile(path);
        Assert.AreEqual("Vector<Single, 2, 3>", data.Schema["Features"].Type.ToString());
        CollectionAssert.AreEqual(new[] { 1, 3, 5, 2, float.NaN, 6 }, data.GetColumn<float[]>("Features").First());
        CollectionAssert.AreEqual(new[] { "up", "down here" }, data.GetColumn<string>("Label").ToArray());
        AssertFault(() => _context.Data.LoadFromArffFile(_folder.Write("bad.arff", File.ReadAllText(path) + "\"1,2,3\\n1,2,3\\n1,2,3\",up\n")), "bad.arff",
            "Line 11", "3 steps");
    }

    [TestMethod]
    public void Flat_arff_with_a_class_or_a_target()
    {
        var classes =
            _context.Data.LoadFromArffFile(_folder.Write("a.arff", "@attribute a numeric\n@attribute b real\n@attribute class {1,-1}\n@data\n1,2,-1\n"));
        Assert.AreEqual("Vector<Single, 2, 1>", classes.Schema["Features"].Type.ToString());
        Assert.AreEqual("-1", classes.GetColumn<string>("Label").Single());
        var target = _context.Data.LoadFromArffFile(_folder.Write("b.arff", "@attribute a numeric\n@attribute y numeric\n@data\n1,2.5\n"));
        Assert.AreEqual(2.5f, target.GetColumn<float>("Label").Single());
    }

    [TestMethod]
    public void Padding_of_UCR_files_is_cut_and_gaps_stay()
    {
        var data = _context.Data.LoadFromUcrTsvFile(_folder.Write("a.tsv", "1\t0.5\tNaN\t2\tNaN\tNaN\n-1\t1\t2\t3\t4\t5\n"));
        var rows = data.GetColumn<float[]>("Features").ToArray();
        CollectionAssert.AreEqual(new[] { .5f, float.NaN, 2 }, rows[0]);
        Assert.AreEqual(5, rows[1].Length);
        CollectionAssert.AreEqual(new[] { "1", "-1" }, data.GetColumn<string>("Label").ToArray());
        AssertFault(() => _context.Data.LoadFromUcrTsvFile(_folder.Write("bad.tsv", "1\t2\n1 2\n")), "bad.tsv", "Line 2", "tabs");
    }

    [TestMethod]
    public void A_classifier_trains_on_a_file_and_rows_can_be_read_twice()
    {
        var data = _context.Data.LoadFromTsFile(SharedFolder.Find("data", "ts_format", "ItalyPowerDemand_TRAIN.ts"));
        var model = _context.Transforms.Conversion.MapValueToKey("Label")
            .Append(_context.MulticlassClassification.Trainers.Gru("Label", "Features", hiddenSize: 4, maximumNumberOfEpochs: 2)).Fit(data);
        Assert.AreEqual(67, model.Transform(data).GetColumn<float[]>("Score").Count());
    }

    private static void AssertFault(Func<IDataView> open, string file, string line, string fault)
    {
        var error = Assert.ThrowsExactly<FormatException>(() => open().Preview());
        StringAssert.Contains(error.Message, file);
        StringAssert.Contains(error.Message, line + " ");
        StringAssert.Contains(error.Message, fault);
    }
}
