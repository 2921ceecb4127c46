using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Recurrent.Tool.Tests.Commands;

/// <summary>What is in doubt is asked at a terminal.</summary>
[TestClass]
public sealed class QuestionTests
{
    // The first twelve days of each month: in order if the day comes first, and not if the month does.
    private static readonly string[] s_dates =
    [
        "time,load", .. Enumerable.Range(0, 576).Select(static row => $"{1 + row % 12:00}/{1 + row / 12 % 12:00}/{2020 + row / 144},{row % 12}"),
    ];

    private static async Task<(int Code, string Output, string Error)> RunAsync(string[] args, params string[] answers)
    {
        using StringWriter output = new(), error = new();
        var code = await CommandLine.RunAsync(args, new AnsweringConsole(output, answers), error);
        return (code, output.ToString(), error.ToString());
    }

    [TestMethod]
    public async Task How_dates_are_written()
    {
        using var file = new TemporaryFile(s_dates);
        string[] command = ["forecasting", "--dataset", file.Path, "--label-col", "load", "--horizon", "2", "--window", "4", "--plan"];
        var (code, output, error) = await RunAsync(command, "1");
        Assert.AreEqual(ExitCode.Success, code, error);
        foreach (var part in (string[])["How are the dates of 'time'", "('01/01/2020')", "1) d/M/yyyy", "2) M/d/yyyy", "An epoch takes"])
            StringAssert.Contains(output, part);
        (code, _, error) = await RunAsync(command, "2");
        Assert.AreEqual(ExitCode.Failure, code);
        StringAssert.Contains(error, "rows");
        StringAssert.Contains(error, "earlier");
        (_, _, var same) = await CommandLineTests.RunAsync([.. command, "--day-first", "false"]);
        Assert.AreEqual(error, same);
    }

    [TestMethod]
    public async Task Whether_a_folder_that_is_not_empty_is_written_to()
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllLinesAsync(folder["x.csv"], HourlyData.Lines());
        string[] command = ["forecasting", "--dataset", folder["x.csv"], .. HourlyData.Options, "-o", folder.Path];
        var (code, output, _) = await RunAsync(command, "n");
        Assert.AreEqual(ExitCode.Usage, code);
        StringAssert.Contains(output, "is not empty. Write into it?");
        Assert.AreEqual(1, Directory.GetFileSystemEntries(folder.Path).Length);

        (code, _, var error) = await RunAsync(command, "y");
        Assert.AreEqual(ExitCode.Success, code, error);
        Assert.IsTrue(File.Exists(folder["x.mlnet"]));
        Assert.IsTrue(File.Exists(folder["x.csv"]));
    }
}
