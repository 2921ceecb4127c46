using System.Diagnostics;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Recurrent.Tool.Tests;

/// <summary>The tool as a process of its own, started by a shell.</summary>
internal static class ToolProcess
{
    private const string Shell = "/bin/bash";

    /// <summary>Starts a script in which <c>mlrecurrent</c> is the tool, in a folder; inconclusive where there is no shell.</summary>
    public static Process Start(string folder, string script)
    {
        if (!File.Exists(Shell)) Assert.Inconclusive("There is no bash.");
        var start = new ProcessStartInfo(Shell,
            ["-c", $"mlrecurrent() {{ dotnet '{Path.Combine(AppContext.BaseDirectory, "mlrecurrent.dll")}' \"$@\"; }}\n{script}"])
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
        };
        return Process.Start(start)!;
    }

    /// <summary>Runs a script to its end.</summary>
    public static async Task<(int Code, string Output, string Error)> RunAsync(string folder, string script)
    {
        using var process = Start(folder, script);
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        return (process.ExitCode, await output, await error);
    }
}
