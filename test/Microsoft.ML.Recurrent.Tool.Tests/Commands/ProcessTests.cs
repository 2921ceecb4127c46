using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Recurrent.Tool.Tests.Commands;

/// <summary>What only a process has: pipes, signals, a terminal and a disk that is full.</summary>
[TestClass]
public sealed class ProcessTests
{
    private static readonly string s_train = $"mlrecurrent forecasting --dataset x.csv {string.Join(' ', HourlyData.Options)} -o out";

    private static async Task<TemporaryFolder> CreateAsync(int rows = 240)
    {
        var folder = new TemporaryFolder();
        await File.WriteAllLinesAsync(folder["x.csv"], HourlyData.Lines(rows));
        return folder;
    }

    [TestMethod]
    public async Task Rows_come_and_predictions_go_by_pipes()
    {
        using var folder = await CreateAsync();
        var model = await TrainedFolder.PathAsync();
        var (code, output, error) = await ToolProcess.RunAsync(folder.Path, $"cat x.csv | mlrecurrent predict '{model}' | head -n 2");
        Assert.AreEqual((0, ""), (code, error));
        StringAssert.StartsWith(output, "time,Step,Forecast,LowerBound,UpperBound\n2024-01-11 00:00:00,1,");
        (code, output, error) = await ToolProcess.RunAsync(folder.Path, $"mlrecurrent predict '{model}' --dataset x.csv > /dev/full");
        Assert.AreEqual((ExitCode.Failure, ""), (code, output));
        Assert.AreEqual(1, error.Trim().Split('\n').Length, error);
    }

    [TestMethod]
    public async Task A_disk_that_is_full_leaves_nothing()
    {
        using var folder = await CreateAsync();
        // No file may be longer than 4 KiB: to a program it is like a full disk. The runtime maps a file for its code unless it is told not to.
        var (code, output,
            error) = await ToolProcess.RunAsync(folder.Path, $"export DOTNET_EnableWriteXorExecute=0; trap '' XFSZ; ulimit -f 4; {s_train} -v q");
        Assert.AreEqual((ExitCode.Failure, ""), (code, output), error);
        StringAssert.StartsWith(error, "mlrecurrent: ");
        Assert.AreEqual(1, error.Trim().Split('\n').Length, error);
        CollectionAssert.AreEqual((string[])[folder["x.csv"]], Directory.GetFileSystemEntries(folder.Path));
    }

    [TestMethod]
    public async Task A_file_that_cannot_be_written_leaves_the_trials_to_go_on_with()
    {
        using var folder = await CreateAsync();
        await StopAsync(folder, "-KILL", s_train["mlrecurrent ".Length..]);
        // It stands where the report is to be written.
        Directory.CreateDirectory(folder["out.partial/report.html"]);
        var (code, _, error) = await CommandLineTests.RunAsync("resume", folder["out"]);
        Assert.AreEqual(ExitCode.Failure, code, error);
        StringAssert.Contains(error, "mlrecurrent: ");
        StringAssert.Contains(error, "The trials so far are kept: 'mlrecurrent resume ");
        CollectionAssert.AreEquivalent((string[])[folder["x.csv"], folder["out.partial"]], Directory.GetFileSystemEntries(folder.Path));
        Directory.Delete(folder["out.partial/report.html"]);
        (code, _, error) = await CommandLineTests.RunAsync("resume", folder["out"]);
        Assert.AreEqual((ExitCode.Success, ""), (code, error));
        Assert.IsTrue(File.Exists(folder["out/report.html"]));
        Assert.IsFalse(Directory.Exists(folder["out.partial"]));
    }

    [TestMethod]
    [DataRow(1)]
    [DataRow(2)]
    public async Task Interrupted_while_it_writes_it_ends_or_leaves_a_run_that_goes_on(int signals)
    {
        using var folder = await CreateAsync();
        var command = s_train["mlrecurrent ".Length..];
        var (code, output, error) = await StopAsync(folder, "-INT", command, "Writing.", signals);
        if (Directory.Exists(folder["out"]))
        {
            CollectionAssert.Contains((int[])[ExitCode.Success, ExitCode.Cancelled], code, error);
            Assert.IsFalse(Directory.Exists(folder["out.partial"]), "nothing is left beside it");
        }
        else
        {
            Assert.AreEqual(2, signals, "one signal lets it write to its end");
            Assert.AreEqual(130, code, output + error);
            (code, _, error) = await CommandLineTests.RunAsync("resume", folder["out"]);
            Assert.AreEqual((ExitCode.Success, ""), (code, error));
        }
        foreach (var file in (string[])["x.mlnet", "report.html", "x.csproj"]) Assert.IsTrue(File.Exists(folder["out/" + file]), file);
        (code, output, error) = await CommandLineTests.RunAsync("predict", folder["out"], "--dataset", folder["x.csv"]);
        Assert.AreEqual((ExitCode.Success, ""), (code, error));
        Assert.AreEqual(5, output.Split('\n').Length);
    }

    [TestMethod]
    public async Task An_interruption_keeps_the_best_model()
    {
        using var folder = await CreateAsync(3000);
        var (code, output,
            error) = await StopAsync(folder, "-INT", "forecasting --dataset x.csv --label-col load --time-col time --horizon 3 --train-time 600 -o out");
        Assert.AreEqual((ExitCode.Cancelled, ""), (code, error), output);
        StringAssert.Contains(output, "'mlrecurrent resume ");
        Assert.IsTrue(File.Exists(folder["out/x.mlnet"]));

        // It has used more than a second: the trials are kept, and what is left is finished soon.
        var before = Trials(output);
        (code, output, error) = await CommandLineTests.RunAsync("resume", folder["out"], "--train-time", "1");
        Assert.AreEqual((ExitCode.Success, ""), (code, error), output);
        NumberAssert.IsGreaterThanOrEqualTo(before, Trials(output));
        Assert.IsFalse(Directory.Exists(folder["out.partial"]));

        static int Trials(string output) =>
            int.Parse(Regex.Match(output, @"^(\d+) trials", RegexOptions.Multiline).Groups[1].Value, CultureInfo.InvariantCulture);
    }

    [TestMethod]
    public async Task A_run_that_was_killed_goes_on_to_the_same_model()
    {
        using var folder = await CreateAsync(1000);
        const string command = "forecasting --dataset x.csv --label-col load --time-col time --horizon 3 --window 12 --max-trials 3";
        var (code, output, _) = await StopAsync(folder, "-KILL", command + " -o out");
        Assert.AreEqual(137, code, output);
        Assert.IsFalse(Directory.Exists(folder["out"]));
        (code, _, var error) = await CommandLineTests.RunAsync(["forecasting", "--dataset", folder["x.csv"], .. HourlyData.Options, "-o", folder["out"]]);
        Assert.AreEqual(ExitCode.Usage, code);
        StringAssert.Contains(error, "holds an interrupted run: 'mlrecurrent resume ");

        (code, output, error) = await CommandLineTests.RunAsync("resume", folder["out"]);
        Assert.AreEqual((ExitCode.Success, ""), (code, error), output);
        StringAssert.Contains(output, "3 trials");
        Assert.IsFalse(Directory.Exists(folder["out.partial"]));
        (code, _, error) =
            await CommandLineTests.RunAsync([.. command.Replace("x.csv", folder["x.csv"], StringComparison.Ordinal).Split(' '), "-o", folder["whole"]]);
        Assert.AreEqual(ExitCode.Success, code, error);
        Assert.AreEqual(64, Weights(folder["out/report.html"]).Length, "the report has the weights' SHA-256");
        Assert.AreEqual(Weights(folder["whole/report.html"]), Weights(folder["out/report.html"]));

        static string Weights(string report) => Regex.Match(File.ReadAllText(report), "[0-9a-fA-F]{64}").Value;
    }

    // Sends a signal when the first trial has ended, or at another line.
    private static async Task<(int Code, string Output, string Error)> StopAsync(TemporaryFolder folder, string signal, string command,
        string begin = "trial 1: RMSE", int signals = 1)
    {
        using var process = ToolProcess.Start(folder.Path, $"exec dotnet '{Path.Combine(AppContext.BaseDirectory, "mlrecurrent.dll")}' {command}");
        var error = process.StandardError.ReadToEndAsync();
        var (output, isSent) = ("", false);
        while (await process.StandardOutput.ReadLineAsync() is { } line)
        {
            output += line + "\n";
            if (isSent || !line.StartsWith(begin, StringComparison.Ordinal)) continue;
            isSent = true;
            for (var i = 0; i < signals; i++)
            {
                using var kill = System.Diagnostics.Process.Start("/bin/kill", [signal, $"{process.Id}"]);
                await kill.WaitForExitAsync();
            }
        }
        await process.WaitForExitAsync();
        return (process.ExitCode, output, await error);
    }

    [TestMethod]
    [DataRow("", true)]
    [DataRow("NO_COLOR=1", false)]
    public async Task Colors_are_shown_on_a_terminal_unless_they_are_not_wanted(string variable, bool hasColors)
    {
        if (!File.Exists("/usr/bin/script")) Assert.Inconclusive("There is no 'script', which makes a terminal.");
        using var folder = await CreateAsync();
        var tool = Path.Combine(AppContext.BaseDirectory, "mlrecurrent.dll");
        using var process = ToolProcess.Start(folder.Path,
            $"exec env -u NO_COLOR {variable} TERM=xterm-256color script -qec \"dotnet '{tool}' demo --epochs 2 -o out\" /dev/null");
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.AreEqual(0, process.ExitCode, output);
        StringAssert.Contains(output, "Training");
        Assert.AreEqual(hasColors, Regex.IsMatch(output, @"\x1b\[[0-9;]*[34][0-9;]*m"), output);
    }
}
