using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Recurrent.Tool.Tests.Commands;

[TestClass]
public sealed class InspectTests
{
    private static string Fixture(string name) =>
        Path.Combine(SharedFolder.Repository, "test", "Microsoft.ML.Recurrent.Tests", "Fixtures", "v1", "forecast-hours", name);

    // Hours without the fourth; the copy of the label is in other units; one value of the third column is missing.
    private static string[] Lines() =>
    [
        "time,copy,gap,site,label",
        .. Enumerable.Range(0, 60).Where(static hour => hour != 3).Select(static hour => string.Create(CultureInfo.InvariantCulture,
            $"{new DateTime(2024, 1, 1).AddHours(hour):yyyy-MM-dd HH:mm},{32 + 1.8 * (hour * 7 % 11):0.0},{(hour == 5 ? "" : hour % 5)},home,{hour * 7 % 11}")),
    ];

    [TestMethod]
    public async Task A_table_is_told_column_by_column()
    {
        using var table = new TemporaryFile(Lines());
        var (code, output, error) = await CommandLineTests.RunAsync("inspect", table.Path, "--label-col", "label");
        Assert.AreEqual((ExitCode.Success, ""), (code, error));
        StringAssert.Contains(output, "59 rows, 5 columns");
        StringAssert.Contains(output, "2024-01-03 11:00:00");
        StringAssert.Contains(output, "every hour, season of 24");
        StringAssert.Contains(output, "! 1 of 59 rows have no value of 'gap' (1.7%)");
        StringAssert.Contains(output, "! The column 'site' is constant.");
        StringAssert.Contains(output, "! The column 'copy' is a linear function of the label (correlation 1.00000)");
        StringAssert.Contains(output, "Times are missing in 1 of 1 series: 1 in 1 gaps; the longest has 1, after 2024-01-01 02:00:00.");
        StringAssert.Matches(output, new("[▁-█]{20}"));
    }

    [TestMethod]
    public async Task Json_has_the_same()
    {
        using var table = new TemporaryFile(Lines());
        var (code, output, error) = await CommandLineTests.RunAsync("inspect", table.Path, "--label-col", "4", "--json");
        Assert.AreEqual((ExitCode.Success, ""), (code, error));
        var document = JsonNode.Parse(output)!;
        Assert.AreEqual(("table", 59), ((string)document["kind"]!, (int)document["rows"]!));
        var columns = document["columns"]!.AsArray();
        Assert.AreEqual("time number number text number", string.Join(' ', columns.Select(static column => (string)column!["kind"]!)));
        Assert.AreEqual((1, true), ((int)columns[2]!["missing"]!, (bool)columns[3]!["isConstant"]!));
        Assert.AreEqual(("time", "hour", 24, 1), ((string)document["timeColumn"]!, (string)document["series"]![0]!["frequency"]!,
            (int)document["series"]![0]!["season"]!, (int)document["series"]![0]!["gaps"]!));
        Assert.AreEqual("copy", (string)document["leakingColumns"]![0]!["name"]!);
    }

    [TestMethod]
    public async Task A_column_that_tells_series_apart_is_proposed()
    {
        using var table = new TemporaryFile(["day,city,value", .. Enumerable.Range(0, 10).SelectMany(static day =>
            (string[])[$"2024-01-{day + 1:00},Rome,{day}", $"2024-01-{day + 1:00},Oslo,{day + 3}"])]);
        var (_, output, _) = await CommandLineTests.RunAsync("inspect", table.Path);
        StringAssert.Contains(output, "--series-col city");
        (_, output, _) = await CommandLineTests.RunAsync("inspect", table.Path, "--series-col", "city");
        StringAssert.Contains(output, "2 series by their times in 'day', of 10 to 10 rows (median 10):");
        Assert.DoesNotContain("!", output);
    }

    [TestMethod]
    public async Task Dates_that_can_be_read_in_two_ways_are_told_and_settled()
    {
        using var table = new TemporaryFile(["day,value", .. Enumerable.Range(1, 12).Select(static day => $"{day:00}/02/2024,{day}")]);
        var (_, output, _) = await CommandLineTests.RunAsync("inspect", table.Path);
        StringAssert.Contains(output, "! The dates of 'day' are read as d/M/yyyy, but no row excludes M/d/yyyy.");
        StringAssert.Contains(output, "2024-02-01 to 2024-02-12, every day");
        (_, output, _) = await CommandLineTests.RunAsync("inspect", table.Path, "--day-first", "false");
        Assert.DoesNotContain("!", output);
        StringAssert.Contains(output, "2024-01-02 to 2024-12-02, every month");
        StringAssert.Contains(output, "│ 2024-12-02 │");
    }

    [TestMethod]
    [DataRow("model.zip", "ML.NET, Forecasting")]
    [DataRow("model.onnx", "ONNX, Microsoft.ML.Recurrent")]
    public async Task A_model_is_told_with_its_layers_and_history(string file, string heading)
    {
        var (code, output, error) = await CommandLineTests.RunAsync("inspect", Fixture(file));
        Assert.AreEqual((ExitCode.Success, ""), (code, error));
        foreach (var part in (string[])[heading, "Forecast", "lstm_1 (Lstm)", "Trained for 2 epochs (Completed)", "Validation loss"])
            StringAssert.Contains(output, part);
        (_, output, _) = await CommandLineTests.RunAsync("inspect", Fixture(file), "--json");
        var document = JsonNode.Parse(output)!;
        Assert.AreEqual(("model", "Forecasting", 2), ((string)document["kind"]!, (string)document["task"]!, document["history"]!["epochs"]!.AsArray().Count));
        Assert.IsTrue(document["inputs"]!.AsArray().Any(static input => (string)input!["name"]! is "Price" or "Price.0"), output);
    }

    [TestMethod]
    public async Task A_graph_of_another_framework_is_told_by_its_operators()
    {
        var path = SharedFolder.Find("onnx-real", "gtcrn_simple.onnx");
        var (code, output, error) = await CommandLineTests.RunAsync("inspect", path);
        Assert.AreEqual((ExitCode.Success, ""), (code, error));
        foreach (var part in (string[])["pytorch 1.11.0", "opset 11", "GRU x ", "Float [1, 257, 1, 2]"]) StringAssert.Contains(output, part);
    }

    [TestMethod]
    [DataRow("There is no file", "no-such-file.csv")]
    [DataRow("Did you mean 'label'?", "table", "--label-col", "lable")]
    [DataRow("Did you mean 'site'?", "table", "--series-col", "sit")]
    [DataRow("Did you mean 'time'?", "table", "--time-col", "tme")]
    public async Task What_is_missing_is_told_in_one_line(string message, params string[] args)
    {
        using var table = new TemporaryFile(Lines());
        var (code, output, error) = await CommandLineTests.RunAsync(["inspect", .. args.Select(arg => arg == "table" ? table.Path : arg)]);
        Assert.AreEqual((ExitCode.Failure, ""), (code, output));
        StringAssert.Contains(error, message);
        Assert.AreEqual(1, error.Trim().Split('\n').Length, error);
    }

    [TestMethod]
    public async Task A_row_that_is_cut_is_told_with_its_line()
    {
        using var table = new TemporaryFile([.. Lines().SkipLast(1), "2024-01-03 11:00,1"]);
        var (code, output, error) = await CommandLineTests.RunAsync("inspect", table.Path);
        Assert.AreEqual((ExitCode.Failure, ""), (code, output));
        StringAssert.Contains(error, "line 60");
    }

    [TestMethod]
    public async Task A_model_that_is_cut_is_told()
    {
        using var file = new TemporaryFile([]);
        await File.WriteAllBytesAsync(file.Path, (await File.ReadAllBytesAsync(Fixture("model.zip"))).AsMemory(0, 5000));
        var (code, _, error) = await CommandLineTests.RunAsync("inspect", file.Path);
        Assert.AreEqual(ExitCode.Failure, code);
        StringAssert.Contains(error, file.Path);
    }

    [TestMethod]
    [DataRow("lstm2bi.safetensors", "safetensors")]
    [DataRow("lstm2bi.dat", "TorchSharp")]
    [DataRow("lstm2bi_bridge.pt", "state dict")]
    public async Task Weights_are_told_tensor_by_tensor(string name, string format)
    {
        var (code, output, error) = await CommandLineTests.RunAsync("inspect", SharedFolder.Find("weights", name));
        Assert.AreEqual((ExitCode.Success, ""), (code, error));
        StringAssert.Contains(output, format);
        StringAssert.Contains(output, "1,102 numbers");
        StringAssert.Contains(output, "rnn.weight_hh_l1_reverse");
        StringAssert.Contains(output, "F32 [20, 5]");
    }
}
