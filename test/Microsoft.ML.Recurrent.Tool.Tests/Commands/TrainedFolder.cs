using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Recurrent.Tool.Tests.Commands;

/// <summary>One forecaster, trained once for all tests that read it.</summary>
internal static class TrainedFolder
{
    private static readonly Lazy<Task<(string Folder, string Output)>> s_run = new(RunAsync);

    /// <summary>The folder of the run; its data are in <c>../hours.csv</c>.</summary>
    public static async Task<string> PathAsync() => (await s_run.Value).Folder;

    /// <summary>What the command wrote.</summary>
    public static async Task<string> OutputAsync() => (await s_run.Value).Output;

    private static async Task<(string Folder, string Output)> RunAsync()
    {
        var folder = new TemporaryFolder();
        AppDomain.CurrentDomain.ProcessExit += (_, _) => folder.Dispose();
        await File.WriteAllLinesAsync(folder["hours.csv"], HourlyData.Lines());
        var (code, output,
            error) = await CommandLineTests.RunAsync(["forecasting", "--dataset", folder["hours.csv"], .. HourlyData.Options, "-o", folder["out"]]);
        Assert.AreEqual(ExitCode.Success, code, error);
        return (folder["out"], output);
    }
}
