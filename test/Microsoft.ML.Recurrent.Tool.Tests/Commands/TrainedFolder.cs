using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Recurrent.Tool.Tests.Commands;

/// <summary>One forecaster, trained once for all tests that read it.</summary>
[TestClass]
public static class TrainedFolder
{
    private static readonly Lazy<Task<(string Folder, string Output)>> s_run = new(RunAsync);
    private static TemporaryFolder? s_folder;

    /// <summary>The folder of the run; its data are in <c>../hours.csv</c>.</summary>
    internal static async Task<string> PathAsync() => (await s_run.Value).Folder;

    /// <summary>What the command wrote.</summary>
    internal static async Task<string> OutputAsync() => (await s_run.Value).Output;

    [AssemblyCleanup]
    public static void Delete() => s_folder?.Dispose();

    private static async Task<(string Folder, string Output)> RunAsync()
    {
        s_folder = new();
        await File.WriteAllLinesAsync(s_folder["hours.csv"], HourlyData.Lines());
        var (code, output,
            error) = await CommandLineTests.RunAsync(["forecasting", "--dataset", s_folder["hours.csv"], .. HourlyData.Options, "-o", s_folder["out"]]);
        Assert.AreEqual(ExitCode.Success, code, error);
        return (s_folder["out"], output);
    }
}
