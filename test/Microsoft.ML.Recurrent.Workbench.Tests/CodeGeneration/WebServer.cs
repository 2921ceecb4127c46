using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Recurrent.Workbench.Tests.CodeGeneration;

/// <summary>A web program that runs.</summary>
internal sealed partial class WebServer : IDisposable
{
    private readonly Process _process;

    /// <summary>Starts a program on a free port, and waits until it listens.</summary>
    /// <param name="program">Its assembly.</param>
    /// <param name="arguments">Its arguments.</param>
    public WebServer(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet",
            ["exec", program, "--urls", "http://127.0.0.1:0", .. arguments])
        {
            WorkingDirectory = Path.GetDirectoryName(program), RedirectStandardOutput = true,
            Environment = { ["Logging__LogLevel__Microsoft.Hosting.Lifetime"] = "Information" },
        };
        _process = Process.Start(start)!;
        var lines = new List<string>();
        while (_process.StandardOutput.ReadLine() is { } line)
        {
            lines.Add(line);
            if (Address().Match(line) is not { Success: true } address) continue;
            Client = new() { BaseAddress = new(address.Value) };
            _ = _process.StandardOutput.ReadToEndAsync();
            return;
        }
        throw new AssertFailedException(string.Join('\n', lines));
    }

    public HttpClient Client { get; } = new();

    /// <summary>Asks the program to end, as a container's host does, and waits.</summary>
    public void Stop()
    {
        using var kill = Process.Start("kill", ["-TERM", _process.Id.ToString(CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
        Assert.IsTrue(_process.WaitForExit(TimeSpan.FromMinutes(1)));
    }

    public void Dispose()
    {
        Client.Dispose();
        if (!_process.HasExited) _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
    }

    [GeneratedRegex(@"http://127\.0\.0\.1:\d+")]
    private static partial Regex Address();
}
