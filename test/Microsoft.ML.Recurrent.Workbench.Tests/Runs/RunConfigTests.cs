using System.Globalization;
using Microsoft.ML.Recurrent.Workbench.Catalog;
using Microsoft.ML.Recurrent.Workbench.Configuration;
using Microsoft.ML.Recurrent.Workbench.Runs;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Recurrent.Workbench.Tests.Runs;

/// <summary>A request of a run and its training configuration say the same.</summary>
[TestClass]
public sealed class RunConfigTests
{
    private static readonly string s_folder = Directory.CreateTempSubdirectory("recurrent-runs-").FullName;

    [ClassInitialize]
    public static void Write(TestContext _)
    {
        File.WriteAllLines(PathOf("sales.csv"), Lines(new(2024, 1, 1)));
        File.WriteAllLines(PathOf("later.csv"), Lines(new(2025, 1, 1)));
    }

    [ClassCleanup]
    public static void Delete() => Directory.Delete(s_folder, recursive: true);

    private static IEnumerable<string> Lines(DateTime start) => Enumerable.Range(0, 240).Select(row =>
    {
        var (day, isNorth) = (row / 2, row % 2 == 0);
        return string.Create(CultureInfo.InvariantCulture,
            $"{start.AddDays(day):yyyy-MM-dd};{(isNorth ? "north;7" : "south;9")};{day % 5};{day % 7};n{day % 3};{day % 7 + (isNorth ? 3 : 0)}");
    }).Prepend("day;shop;area;price;visits;note;sales");

    private static string PathOf(string name) => Path.Combine(s_folder, name);

    private static RunRequest Request => new()
    {
        Scenario = ScenarioCatalog.Find("forecasting"),
        Dataset = PathOf("sales.csv"),
        TestDataset = PathOf("later.csv"),
        Values = new Dictionary<string, string>
        {
            ["--label-col"] = "6", ["--time-col"] = "day", ["--horizon"] = "4", ["--series-col"] = "1", ["--static-cols"] = "area", ["--future-cols"] = "price",
            ["--past-cols"] = "visits", ["--interval"] = "0.8", ["--window"] = "14",
        },
        IgnoredColumns = ["note"],
        ValidationFraction = 0.2,
        Seed = 7,
        TrainTime = TimeSpan.FromSeconds(90),
        MaximumNumberOfTrials = 5,
        Project = ProjectKind.WebApi,
        Name = "Sales",
    };

    [TestMethod]
    public void A_request_comes_back_from_its_configuration()
    {
        var mlContext = new MLContext();
        var run = PreparedRun.Create(mlContext, Request, RunTables.Open(mlContext, Request));
        var path = PathOf("out/Sales.mbconfig");
        Directory.CreateDirectory(PathOf("out"));
        RunConfig.Create(run, PathOf("out")).Write(path);
        Assert.AreEqual("../sales.csv", TrainingConfig.Read(path).Data!.Path);

        var read = RunConfig.Read(path);
        Assert.AreEqual(Request with { Values = read.Values, IgnoredColumns = read.IgnoredColumns, Table = read.Table, ColumnKinds = read.ColumnKinds }, read);
        Assert.AreEqual((';', true, '.'), (read.Table.Separator, read.Table.HasHeader, read.Table.DecimalMarker));
        Assert.AreEqual("note", string.Join(',', read.IgnoredColumns));
        // Columns have their names, whatever they were called by.
        var values = Request.Values.ToDictionary();
        (values["--label-col"], values["--series-col"]) = ("sales", "shop");
        Assert.AreEqual(Say(values), Say(read.Values));

        static string Say(IReadOnlyDictionary<string, string> values) =>
            string.Join(' ', values.OrderBy(static pair => pair.Key, StringComparer.Ordinal).Select(static pair => $"{pair.Key} {pair.Value}"));
    }

    [TestMethod]
    public void A_configuration_of_Model_Builder_finds_its_data_beside_it()
    {
        var config = new TrainingConfig(ConfigScenario.Forecasting);
        config.Data!.Path = @"C:\Users\someone\sales.csv";
        config.Data.Delimiter = ";";
        (config.Training.LabelColumn, config.Training.TimeColumn, config.Training.Horizon) = ("sales", "day", 4);
        config.Write(PathOf("Old.mbconfig"));
        var read = RunConfig.Read(PathOf("Old.mbconfig"));
        Assert.AreEqual((PathOf("sales.csv"), "Old", null, 1), (read.Dataset, read.Name, read.TrainTime, read.Seed));
        Assert.AreEqual(("sales", "day", "4"), (read.Values["--label-col"], read.Values["--time-col"], read.Values["--horizon"]));
    }

    [TestMethod]
    [DataRow("data/ETTh1.csv", "ETTh1")]
    [DataRow("2024 sales-east.csv.gz", "Model2024_sales_east")]
    [DataRow(".csv", "Model")]
    public void A_name_is_made_from_that_of_the_file(string path, string name) => Assert.AreEqual(name, RunRequest.NameOf(path));

    [TestMethod]
    public void The_command_line_of_a_request_names_all_that_differs()
    {
        var command = RunCommand.Write(Request with { Dataset = "my data.csv" }, "out");
        StringAssert.StartsWith(command, "mlrecurrent forecasting --dataset 'my data.csv' --label-col 6 --time-col day --horizon 4 --series-col 1 ");
        foreach (var part in (string[])["--ignore-cols note", "--validation-fraction 0.2", "--train-time 90", "--max-trials 5", "--seed 7", "--project web-api",
            "--output out"])
            StringAssert.Contains(command, part);
    }
}
