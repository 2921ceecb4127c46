using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Microsoft.ML.Recurrent.Benchmarks.Accuracy;

namespace Microsoft.ML.Recurrent.Benchmarks;

/// <summary>The program that trains one forecaster, built against this tree or against the package of an earlier commit.</summary>
internal sealed class AccuracyProgram
{
    private const string Project = "Microsoft.ML.Recurrent.Benchmarks.Accuracy", Version = "1.0.0-base";

    private readonly string _path;

    private AccuracyProgram(string path) => _path = path;

    private static string Root => Repository.Root ?? throw new InvalidOperationException("Run this inside the repository: it builds two programs.");

    private static string Source => Path.Combine(Root, "test", Project);

    /// <summary>Builds the program against this tree.</summary>
    public static AccuracyProgram OfTree()
    {
        Call(Root, "dotnet", "build", Source, "-c", "Release", "-v:q", "--nologo");
        return new(Path.Combine(Source, "bin", "Release", "net10.0", Project + ".dll"));
    }

    /// <summary>Packs a commit, once, and builds the program against its package.</summary>
    public static AccuracyProgram OfCommit(string commit)
    {
        var home = Path.Combine(Root, "artifacts", "accuracy", commit);
        var (tree, feed, program) = (Path.Combine(home, "tree"), Path.Combine(home, "feed"), Path.Combine(home, "program"));
        var packages = Path.Combine(home, "packages");
        if (!Directory.Exists(feed))
        {
            Call(Root, "git", "worktree", "add", "--force", "--detach", tree, commit);
            Call(tree, "dotnet", "pack", "src/Microsoft.ML.Recurrent", "-c", "Release", "-o", feed, $"-p:PackageVersion={Version}", "-v:q", "--nologo");
            Call(Root, "git", "worktree", "remove", "--force", tree);
        }
        // The package has the same version whatever the commit: it must not stay among the user's packages.
        Call(Root, "dotnet", "build", Source, "-c", "Release", "-o", program, "-v:q", "--nologo", $"-p:RecurrentPackage={Version}",
            $"-p:BaseIntermediateOutputPath={Path.Combine(home, "obj")}/", $"-p:RestoreAdditionalProjectSources={feed}", $"-p:RestorePackagesPath={packages}");
        return new(Path.Combine(program, Project + ".dll"));
    }

    /// <summary>Trains once, in a process of its own.</summary>
    public RunFigures Run(string set, int seed, int threads, string data)
    {
        var output = Call(Root, "dotnet", "exec", _path, set, seed.ToString(CultureInfo.InvariantCulture), threads.ToString(CultureInfo.InvariantCulture),
            data);
        return JsonSerializer.Deserialize<RunFigures>(output.Trim().Split('\n')[^1], JsonSerializerOptions.Web)!;
    }

    private static string Call(string folder, string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { WorkingDirectory = folder, RedirectStandardOutput = true };
        start.Environment["MSBUILDDISABLENODEREUSE"] = "1";
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0 ? output
            : throw new InvalidOperationException($"{program} {string.Join(' ', arguments)} ended with code {process.ExitCode}:\n{output}");
    }
}
