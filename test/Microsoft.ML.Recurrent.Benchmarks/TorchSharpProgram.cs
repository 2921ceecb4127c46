using System.ComponentModel;
using System.Diagnostics;

namespace Microsoft.ML.Recurrent.Benchmarks;

/// <summary>The program that measures TorchSharp, in a project outside the solution because it brings 600 MB: built where it is asked for.</summary>
/// <param name="Path">The program.</param>
/// <param name="Fault">Why there is none; null where there is one.</param>
internal sealed record TorchSharpProgram(string Path, string? Fault)
{
    private const string Project = "Microsoft.ML.Recurrent.Benchmarks.TorchSharp";

    /// <summary>A program that was built before.</summary>
    public static TorchSharpProgram At(string path) => new(path, File.Exists(path) ? null : $"{path} is not there");

    /// <summary>Builds it in the repository that holds the running program.</summary>
    public static TorchSharpProgram Build()
    {
        if (Repository.Root is not { } root)
            return new("", $"no folder above {AppContext.BaseDirectory} is the repository that holds test/{Project}; name a program by --torchsharp-program");
        string output = System.IO.Path.Combine(root, "artifacts", "torchsharp"), project = System.IO.Path.Combine(root, "test", Project);
        Console.Error.WriteLine($"Building {project} ...");
        try
        {
            using var build = Process.Start(new ProcessStartInfo("dotnet",
                ["build", project, "-c", "Release", "-o", output, "-v:q", "--nologo"])
            { RedirectStandardOutput = true })!;
            var text = build.StandardOutput.ReadToEnd();
            build.WaitForExit();
            return build.ExitCode == 0
                ? At(System.IO.Path.Combine(output, OperatingSystem.IsWindows() ? $"{Project}.exe" : Project))
                : new("", $"{project} could not be built: {text.Trim()}");
        }
        catch (Win32Exception error)
        {
            return new("", $"{project} could not be built: {error.Message}");
        }
    }
}
