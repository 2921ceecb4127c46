using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Recurrent.Tool.Tests.Commands;

/// <summary>What is wrong with files and options is said in one sentence, by an exit code, and nothing is left behind.</summary>
[TestClass]
public sealed class BadInputTests
{
    private static async Task CheckAsync(string[] lines, int code, string message, params string[] args)
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllLinesAsync(folder["x.csv"], lines);
        var (actual, output, error) = await CommandLineTests.RunAsync([args[0], "--dataset", folder["x.csv"], "-o", folder["out"], .. args[1..]]);
        Assert.AreEqual((code, ""), (actual, output), error);
        StringAssert.Contains(error, message);
        Assert.AreEqual(code == ExitCode.Usage && error.Contains("--help", StringComparison.Ordinal) ? 2 : 1, error.Trim().Split('\n').Length, error);
        CollectionAssert.AreEqual((string[])[folder["x.csv"]], Directory.GetFileSystemEntries(folder.Path), "something was left");
    }

    private static Task CheckForecastAsync(string[] lines, int code, string message, params string[] args) =>
        CheckAsync(lines, code, message, ["forecasting", .. args.Length == 0 ? HourlyData.Options : args]);

    [TestMethod]
    public async Task A_missing_file()
    {
        using var folder = new TemporaryFolder();
        foreach (var option in (string[])["--dataset", "--test-dataset", "--validation-dataset"])
        {
            await File.WriteAllLinesAsync(folder["x.csv"], HourlyData.Lines());
            string[] data = option == "--dataset" ? [] : ["--dataset", folder["x.csv"]];
            var (code, _,
                error) = await CommandLineTests.RunAsync(["forecasting", .. data, option, folder["none.csv"], .. HourlyData.Options, "-o", folder["out"]]);
            Assert.AreEqual(ExitCode.Failure, code);
            Assert.AreEqual($"mlrecurrent: There is no file '{folder["none.csv"]}'.", error.Trim());
            Assert.IsFalse(Directory.Exists(folder["out"]));
        }
    }

    [TestMethod]
    public Task A_column_that_is_not_there() =>
        CheckForecastAsync(HourlyData.Lines(), ExitCode.Failure, "has no column 'laod'. Did you mean 'load'?", "--label-col",
        "laod", "--horizon", "3");

    [TestMethod]
    public Task A_missing_option() => CheckForecastAsync(HourlyData.Lines(), ExitCode.Usage, "'--horizon' is required", "--label-col", "load");

    [TestMethod]
    public Task A_file_of_one_row() => CheckForecastAsync(HourlyData.Lines(1), ExitCode.Failure, "has one row");

    [TestMethod]
    public Task A_file_without_rows() => CheckForecastAsync(["time,load,warmth"], ExitCode.Failure, "");

    [TestMethod]
    public Task Texts_where_numbers_are_forecast() => CheckForecastAsync([.. HourlyData.Lines(), "2024-01-11 00:00,much,1"], ExitCode.Failure,
        "holds a text ('much' in line 242): a forecast needs numbers");

    [TestMethod]
    public Task Rows_without_a_class() =>
        CheckAsync(["x,z,y", .. Enumerable.Range(0, 40).Select(static row => $"{row},1,{(row % 5 == 0 ? "" : row % 2 == 0 ? "a" : "b")}")],
        ExitCode.Failure, "8 of 40 rows", "classification", "--label-col", "y");

    [TestMethod]
    public Task Rows_without_a_feature() =>
        CheckAsync(["x,z,y", .. Enumerable.Range(0, 40).Select(static row => $"{(row == 7 ? "" : row)},1,{(row % 2 == 0 ? "a" : "b")}")],
        ExitCode.Failure, "1 of 40 rows", "classification", "--label-col", "y");

    [TestMethod]
    public Task Rows_without_a_text() =>
        CheckAsync(["x,y", .. Enumerable.Range(0, 40).Select(static row => $"{(row == 7 ? "" : "good day")},{(row % 2 == 0 ? "a" : "b")}")],
        ExitCode.Failure, "1 of 40 rows", "text-classification", "--label-col", "y", "--text-col", "x");

    [TestMethod]
    public Task Too_few_rows_for_all_parts() =>
        CheckAsync(["x,z,y", "1,2,a", "3,4,b"], ExitCode.Failure, "are too few", "classification", "--label-col", "y");

    [TestMethod]
    public Task Texts_where_numbers_are_predicted() =>
        CheckAsync(["x,y", .. Enumerable.Range(0, 40).Select(static row => $"{row},{(row % 2 == 0 ? "a" : "b")}")],
        ExitCode.Failure, "'y'", "regression", "--label-col", "y");

    [TestMethod]
    public Task Dates_in_two_formats() => CheckForecastAsync([.. HourlyData.Lines(), "11.01.2024 00:00,10.5,1"], ExitCode.Failure, "'11.01.2024 00:00'");

    [TestMethod]
    public Task Dates_that_can_be_read_in_two_ways() => CheckForecastAsync(
        ["time,load", .. Enumerable.Range(0, 60).Select(static row => $"{1 + row % 12:00}/{1 + row / 12:00}/2024,{row}")], ExitCode.Usage,
        "may be written as d/M/yyyy or as M/d/yyyy: --day-first true or false says which", "--label-col", "load", "--time-col", "time", "--horizon", "2");

    [TestMethod]
    public Task A_header_that_may_be_a_row() =>
        CheckAsync(["red,blue", .. Enumerable.Range(0, 40).Select(static row => $"a{row % 7},b{row % 5}")], ExitCode.Usage,
        "--has-header true or false says which", "text-classification", "--label-col", "0", "--text-col", "1");

    [TestMethod]
    public Task A_file_that_is_cut_within_a_row() => CheckForecastAsync([.. HourlyData.Lines(), "2024-01-11 00:00,10.5"], ExitCode.Failure, "line 242");

    [TestMethod]
    [DataRow("--train-time is 0; it must be more than 0.", "--train-time", "0")]
    [DataRow("--name is '2024'; it must be letters", "--name", "2024")]
    [DataRow("--horizon is 'three'; it must be a whole number.", "--horizon", "three")]
    [DataRow("--test-fraction is 1; it must be at least 0 and less than 1.", "--test-fraction", "1")]
    [DataRow("--separator is ';;'; it must be one character.", "--separator", ";;")]
    public Task Options_out_of_range(string message, string option, string value)
    {
        string[] horizon = option == "--horizon" ? [] : ["--horizon", "3"];
        return CheckForecastAsync(HourlyData.Lines(), ExitCode.Usage, message, ["--label-col", "load", .. horizon, option, value]);
    }

    [TestMethod]
    public async Task A_folder_that_is_not_empty()
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllLinesAsync(folder["x.csv"], HourlyData.Lines());
        Directory.CreateDirectory(folder["out"]);
        await File.WriteAllTextAsync(folder["out/mine.txt"], "mine");
        string[] command = ["forecasting", "--dataset", folder["x.csv"], "-o", folder["out"], .. HourlyData.Options];
        var (code, _, error) = await CommandLineTests.RunAsync(command);
        Assert.AreEqual(ExitCode.Usage, code);
        StringAssert.Contains(error, "is not empty: name another by --output, or write into it by --force");
        Assert.AreEqual(1, Directory.GetFileSystemEntries(folder["out"]).Length);

        (code, _, error) = await CommandLineTests.RunAsync([.. command, "--force"]);
        Assert.AreEqual(ExitCode.Success, code, error);
        Assert.AreEqual("mine", await File.ReadAllTextAsync(folder["out/mine.txt"]));
        Assert.IsTrue(File.Exists(folder["out/x.mlnet"]));

        (code, _, error) = await CommandLineTests.RunAsync(["forecasting", "--dataset", folder["x.csv"], "-o", folder["x.csv"], .. HourlyData.Options]);
        Assert.AreEqual(ExitCode.Failure, code);
        StringAssert.Contains(error, "is a file");
    }

    [TestMethod]
    public async Task A_configuration_that_is_none()
    {
        using var file = new TemporaryFile(["{ \"Scenario\": \"ObjectDetection\" }"]);
        var (code, _, error) = await CommandLineTests.RunAsync("train", "--training-config", file.Path);
        Assert.AreEqual(ExitCode.Failure, code);
        StringAssert.Contains(error, "There is no scenario 'ObjectDetection'");
        (code, _, error) = await CommandLineTests.RunAsync("predict", file.Path, "--dataset", file.Path);
        Assert.AreEqual(ExitCode.Failure, code);
        StringAssert.Contains(error, "Beside");
    }

    [TestMethod]
    public async Task A_run_that_is_not_there_to_be_resumed()
    {
        using var folder = new TemporaryFolder();
        var (code, _, error) = await CommandLineTests.RunAsync("resume", folder["out"]);
        Assert.AreEqual(ExitCode.Failure, code);
        StringAssert.Contains(error, "is no folder of a run");
        Assert.IsEmpty(Directory.GetFileSystemEntries(folder.Path));
    }
}
