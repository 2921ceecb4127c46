using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Recurrent.Tool.Tests.Commands;

/// <summary>The folder of a run is a project that builds, runs and trains the same model again.</summary>
[TestClass]
public sealed class ProjectTests
{
    [TestMethod]
    public async Task The_folder_of_a_run_builds_and_forecasts()
    {
        var around = OutsideProjects.NewFolder("tool");
        await File.WriteAllLinesAsync(Path.Combine(around, "hours.csv"), HourlyData.Lines());
        var folder = Path.Combine(around, "out");
        var (code, _,
            error) = await CommandLineTests.RunAsync(["forecasting", "--dataset", Path.Combine(around, "hours.csv"), .. HourlyData.Options, "-o", folder]);
        Assert.AreEqual(ExitCode.Success, code, error);
        (code, var predictions, error) = await CommandLineTests.RunAsync("predict", folder, "--dataset", Path.Combine(around, "hours.csv"));
        Assert.AreEqual(ExitCode.Success, code, error);
        DotNet.Run(folder, null, "build", "-c", "Release", "-o", "../built", "-nodeReuse:false");
        var lines = DotNet.Run(around, null, "exec", Program(Path.Combine(around, "built"))).Trim().Split('\n');
        StringAssert.Contains(lines[1], "2024-01-11 00:00:00");
        var first = double.Parse(predictions.Split('\n')[1].Split(',')[2], System.Globalization.CultureInfo.InvariantCulture);
        StringAssert.Contains(lines[1], first.ToString("G6", System.Globalization.CultureInfo.InvariantCulture));
    }

    private static string Program(string folder) =>
        Directory.EnumerateFiles(folder, "*.runtimeconfig.json").Single().Replace(".runtimeconfig.json", ".dll", StringComparison.Ordinal);

    [TestMethod]
    [DataRow("web-api", true)]
    [DataRow("none", false)]
    public async Task Another_kind_of_project_is_written_if_it_is_asked_for(string kind, bool hasCode)
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllLinesAsync(folder["hours.csv"], HourlyData.Lines());
        string[] command = ["forecasting", "--dataset", folder["hours.csv"], .. HourlyData.Options, "-o", folder["out"], "--project", kind];
        var (code, _, error) = await CommandLineTests.RunAsync(command);
        Assert.AreEqual(ExitCode.Success, code, error);
        Assert.AreEqual((hasCode, hasCode, true),
            (File.Exists(folder["out/Dockerfile"]), File.Exists(folder["out/hours.csproj"]), File.Exists(folder["out/hours.mlnet"])));
    }
}
