using Microsoft.ML.Data;

namespace Microsoft.ML.Recurrent.Tests.Files;

/// <summary>Files of series to forecast: Monash's .tsf and GluonTS' JSON lines.</summary>
[TestClass]
public sealed class ForecastFileTests
{
    private readonly MLContext _context = new(1);
    private readonly FileFolder _folder = new();

    [TestCleanup]
    public void Delete() => _folder.Dispose();

    [TestMethod]
    [DataRow("UnitTest_Tsf_Loader.tsf", "series_name,Time,Value")]
    [DataRow("UnitTest_Tsf_Loader_hierarchical.tsf", "series_group,series_name,Time,Value")]
    [DataRow("UnitTest_Tsf_Loader_no_start_timestamp.tsf", "series_name,Time,Value")]
    public void Files_of_the_archive(string file, string columns)
    {
        var data = _context.Data.LoadFromTsfFile(SharedFolder.Find("data", "ts_format", file));
        Assert.AreEqual(columns, string.Join(',', data.Schema.Select(column => column.Name)));
        Assert.AreEqual(15, data.GetColumn<float>("Value").Count());
        CollectionAssert.AreEqual(Enumerable.Repeat("T1", 7).Concat(Enumerable.Repeat("T2", 3)).Concat(Enumerable.Repeat("T3", 5)).ToArray(),
            data.GetColumn<string>("series_name").ToArray());
        if (file.Contains("no_start", StringComparison.Ordinal))
            CollectionAssert.AreEqual(new float[] { 0, 1, 2 }, data.GetColumn<float>("Time").Skip(7).Take(3).ToArray());
        else CollectionAssert.AreEqual(new[] { new DateTime(1979, 1, 1), new(1980, 1, 1), new(1981, 1, 1) },
            data.GetColumn<DateTime>("Time").Skip(7).Take(3).ToArray());
    }

    [TestMethod]
    [DataRow("10_minutes", "2020-02-01 00-10-00")]
    [DataRow("half_hourly", "2020-02-01 00-30-00")]
    [DataRow("hourly", "2020-02-01 01-00-00")]
    [DataRow("4_seconds", "2020-02-01 00-00-04")]
    [DataRow("daily", "2020-02-02 00-00-00")]
    [DataRow("weekly", "2020-02-08 00-00-00")]
    [DataRow("monthly", "2020-03-01 00-00-00")]
    [DataRow("quarterly", "2020-05-01 00-00-00")]
    [DataRow("yearly", "2021-02-01 00-00-00")]
    public void Frequencies(string frequency, string second)
    {
        var path = _folder.Write("a.tsf", $"@frequency {frequency}\n@attribute start_timestamp date\n@data\n2020-02-01 00-00-00:1,?\n");
        var data = _context.Data.LoadFromTsfFile(path);
        Assert.AreEqual(second, data.GetColumn<DateTime>("Time").Last().ToString("yyyy-MM-dd HH-mm-ss", System.Globalization.CultureInfo.InvariantCulture));
        Assert.IsTrue(float.IsNaN(data.GetColumn<float>("Value").Last()));
    }

    [TestMethod]
    public void Attributes_of_any_type_and_times_with_colons()
    {
        var path = _folder.Write("a.tsf", "@attribute state string\n@attribute opened date\n@attribute start_timestamp date\n@attribute size numeric\n" +
            "@frequency daily\n@data\nNSW:2001-05-06:2020-01-01 10:20:30:7.5:1,2\n");
        var row = _context.Data.LoadFromTsfFile(path).Preview().RowView[1].Values.ToDictionary(pair => pair.Key, pair => pair.Value.ToString());
        Assert.AreEqual("NSW", row["state"]);
        Assert.AreEqual(new DateTime(2001, 5, 6).ToString(), row["opened"]);
        Assert.AreEqual(new DateTime(2020, 1, 2, 10, 20, 30).ToString(), row["Time"]);
        Assert.AreEqual("7.5", row["size"]);
    }

    [TestMethod]
    [DataRow("@attribute a string\n@data\n1,2\n", "Line 3", "'a' is missing")]
    [DataRow("@attribute a string\n@data\nx:y:1,2\n", "Line 3", "more than the 1 attributes")]
    [DataRow("@frequency often\n@data\n1\n", "Line 1", "'often' is not known")]
    [DataRow("@attribute start_timestamp date\n@data\n2020-01-01 00-00-00:1\n", "Line 2", "@frequency")]
    [DataRow("@attribute start_timestamp date\n@frequency daily\n@data\nsoon:1\n", "Line 4", "'soon' is no date")]
    [DataRow("@attribute a string\n@data\nx:1,two\n", "Line 3", "'two' is no number")]
    [DataRow("@attribute Value string\n@data\nx:1\n", "Line 1", "'Value'")]
    public void Malformed_tsf_files_are_named_by_line(string text, string line, string fault) =>
        AssertFault(() => _context.Data.LoadFromTsfFile(_folder.Write("bad.tsf", text)), "bad.tsf", line, fault);

    [TestMethod]
    public void Json_lines_of_GluonTS()
    {
        var path = _folder.Write("a.json", """
            {"start":"2020-01-31","target":[1,"NaN",null],"item_id":"a","feat_static_cat":[3],"feat_static_real":[0.5,2],"feat_dynamic_real":[[1,2,3,4]]}

            {"start": "2020-01-31 00:00:00", "target": [7], "feat_static_cat": [4], "feat_static_real": [1, 2], "feat_dynamic_real": [[5]]}
            """);
        var data = _context.Data.LoadFromGluonTsFile(path, new(TimeUnit.Month) { AtMonthEnd = true });
        CollectionAssert.AreEqual(new[] { "a", "a", "a", "a", "2" }, data.GetColumn<string>("Series").ToArray());
        CollectionAssert.AreEqual(new[] { 1, float.NaN, float.NaN, float.NaN, 7 }, data.GetColumn<float>("Value").ToArray());
        Assert.AreEqual(new DateTime(2020, 2, 29), data.GetColumn<DateTime>("Time").ElementAt(1));
        CollectionAssert.AreEqual(new[] { 3, 3, 3, 3, 4 }, data.GetColumn<int>("StaticCategory1").ToArray());
        CollectionAssert.AreEqual(new[] { .5f, 2 }, data.GetColumn<float[]>("StaticNumbers").First());
        CollectionAssert.AreEqual(new float[] { 4 }, data.GetColumn<float[]>("DynamicNumbers").ElementAt(3));
    }

    [TestMethod]
    [DataRow("{\"start\": \"2020-01-01\", \"target\": [1]}\n{\"start\":", "Line 2", "JSON")]
    [DataRow("{\"start\": \"2020-01-01\", \"target\": [1]}\n[1]", "Line 2", "object")]
    [DataRow("{\"target\": [1]}", "Line 1", "'start'")]
    [DataRow("{\"start\": \"2020-01-01\"}", "Line 1", "'target'")]
    [DataRow("{\"start\": \"2020-01-01\", \"target\": [1], \"feat_static_cat\": [1]}\n{\"start\": \"2020-01-01\", \"target\": [1]}", "Line 2",
        "'feat_static_cat' has 0 entries")]
    [DataRow("{\"start\": \"2020-01-01\", \"target\": [1, 2], \"feat_dynamic_real\": [[1]]}", "Line 1", "has 1 steps")]
    public void Malformed_json_lines_are_named(string text, string line, string fault) =>
        AssertFault(() => _context.Data.LoadFromGluonTsFile(_folder.Write("bad.json", text), new(TimeUnit.Day)), "bad.json", line, fault);

    [TestMethod]
    public void A_forecaster_trains_on_a_file()
    {
        var path = _folder.Write("a.tsf", "@frequency hourly\n@attribute name string\n@attribute start_timestamp date\n@data\n" +
            string.Concat(Enumerable.Range(0, 3)
                .Select(s => $"s{s}:2020-01-01 00-00-00:{string.Join(',', Enumerable.Range(0, 60).Select(t => (t + s) % 12))}\n")));
        var data = _context.Data.LoadFromTsfFile(path);
        using var model = _context.Forecasting.ForecastByLstm("Forecast", "Value", windowSize: 12, horizon: 2, timeColumnName: "Time", seriesColumnName: "name",
            hiddenSize: 4, maximumNumberOfEpochs: 1).Fit(data);
        Assert.AreEqual(180, model.Transform(data).GetColumn<float[]>("Forecast").Count());
    }

    private static void AssertFault(Func<IDataView> open, string file, string line, string fault)
    {
        var error = Assert.ThrowsExactly<FormatException>(() => open().Preview());
        StringAssert.Contains(error.Message, file);
        StringAssert.Contains(error.Message, line + " ");
        StringAssert.Contains(error.Message, fault);
    }
}
