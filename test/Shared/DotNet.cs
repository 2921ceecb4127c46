using System.Diagnostics;
using System.Reflection;
using System.Text;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Recurrent;

/// <summary>Runs the dotnet command as a user would, with the versions that this test was built with.</summary>
internal static class DotNet
{
    private static readonly Dictionary<string, string> s_metadata = typeof(DotNet).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
        .Where(attribute => attribute.Value is not null).GroupBy(attribute => attribute.Key).ToDictionary(group => group.Key, group => group.First().Value!);

    /// <summary>Debug or Release, as this test was built.</summary>
    public static string Configuration => Property("Configuration");

    /// <summary>The properties to hand to a build, so that it takes the packages of this one.</summary>
    public static string[] BuildProperties { get; } =
        [.. ((string[])["MicrosoftMLVersion", "MicrosoftMLOnnxConverterVersion", "OnnxRuntimeVersion", "OnnxRuntimePackage"]).Select(
            name => $"-p:{name}={Property(name)}")];

    /// <summary>The value that a property of the build had for this test: see test/Directory.Build.props.</summary>
    public static string Property(string name) => s_metadata[name];

    /// <summary>Runs <c>dotnet</c> with these arguments and fails the test where it fails.</summary>
    /// <param name="folder">Where it runs.</param>
    /// <param name="environment">Variables to set.</param>
    /// <param name="arguments">What follows <c>dotnet</c>.</param>
    /// <returns>What it wrote to standard output.</returns>
    public static string Run(string folder, IReadOnlyDictionary<string, string>? environment, params string[] arguments)
    {
        (var exitCode, var output, var error) = TryRun(folder, environment, arguments);
        Assert.AreEqual(0, exitCode, $"dotnet {string.Join(' ', arguments)}\n{output}\n{error}");
        return output;
    }

    /// <summary>Runs <c>dotnet</c> with these arguments; after ten minutes it is ended with all that it started.</summary>
    public static (int ExitCode, string Output, string Error) TryRun(string folder, IReadOnlyDictionary<string, string>? environment,
        params string[] arguments) =>
        TryRunProgram(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet", folder, environment, arguments);

    /// <summary>Runs a program in the same way.</summary>
    public static (int ExitCode, string Output, string Error) TryRunProgram(string program, string folder, IReadOnlyDictionary<string, string>? environment,
        params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        // What the build that runs this test tells its own children is not meant for another one.
        foreach (var name in start.Environment.Keys.Where(name => name.StartsWith("MSBuild", StringComparison.OrdinalIgnoreCase)
            || name.StartsWith("VSTest", StringComparison.OrdinalIgnoreCase) || name is "TestReports").ToArray())
            start.Environment.Remove(name);
        start.Environment["MSBUILDDISABLENODEREUSE"] = "1";
        start.Environment["DOTNET_CLI_TELEMETRY_OPTOUT"] = "1";
        start.Environment["DOTNET_NOLOGO"] = "1";
        foreach ((var name, var value) in environment ?? new Dictionary<string, string>()) start.Environment[name] = value;

        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        StringBuilder output = new(), error = new();
        process.OutputDataReceived += (_, line) => output.AppendLine(line.Data);
        process.ErrorDataReceived += (_, line) => error.AppendLine(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        if (!process.WaitForExit(TimeSpan.FromMinutes(10)))
        {
            process.Kill(entireProcessTree: true);
            Assert.Fail($"{program} {string.Join(' ', arguments)} did not end in ten minutes.\n{output}\n{error}");
        }
        process.WaitForExit(); // until both streams are read
        return (process.ExitCode, output.ToString(), error.ToString());
    }
}
