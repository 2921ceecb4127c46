using System.Diagnostics;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Xml.Linq;
using Microsoft.ML.OnnxRuntime;

namespace Microsoft.ML.Recurrent.Benchmarks.Publishing;

/// <summary>Packs Microsoft.ML.Recurrent into a folder of its own and publishes programs there.</summary>
internal sealed class Publisher
{
    private const string Version = "0.0.1-benchmark";

    private readonly string _work, _feed;
    private int _count;

    public Publisher(string work)
    {
        (_work, _feed) = (work, Path.Combine(work, "feed"));
        var root = Repository.Root ?? throw new InvalidOperationException("Run this inside the repository: it packs the package.");
        DotNet(root, "pack", "src/Microsoft.ML.Recurrent", "-c", "Release", "-o", _feed, $"-p:PackageVersion={Version}");
    }

    /// <summary>Publishes a program for this machine.</summary>
    /// <param name="mode">The program, and how it is published.</param>
    /// <param name="model">The model that it scores.</param>
    public PublishedProgram Publish(PublishingMode mode, string model)
    {
        var folder = Directory.CreateDirectory(Path.Combine(_work, $"{_count++}")).FullName;
        File.WriteAllText(Path.Combine(folder, "Program.cs"), mode.Program.Source);
        new XElement("Project", new XAttribute("Sdk", "Microsoft.NET.Sdk"), Properties(), new XElement("ItemGroup", Packages(mode.Program)))
            .Save(Path.Combine(folder, mode.Program.Name + ".csproj"));
        Console.WriteLine($"dotnet publish {string.Join(' ', mode.Arguments)}");
        DotNet(folder, ["publish", "-c", "Release", "-r", RuntimeInformation.RuntimeIdentifier, "-o", "published", .. mode.Arguments]);
        return new(mode, Path.Combine(folder, "published"), model);
    }

    private XElement Properties() => new("PropertyGroup",
        new XElement("TargetFramework", "net10.0"), new XElement("OutputType", "Exe"),
        new XElement("Nullable", "enable"), new XElement("ImplicitUsings", "enable"), new XElement("InvariantGlobalization", "true"),
        // The package's version is the same at every run: it must not stay among the user's packages, which are taken as they lie.
        new XElement("RestorePackagesPath", Path.Combine(_work, "packages")),
        new XElement("RestoreFallbackFolders", UserPackages),
        new XElement("RestoreAdditionalProjectSources", _feed));

    private static IEnumerable<XElement> Packages(ScoringProgram program)
    {
        if (program.NeedsPackage)
        {
            yield return Package("Microsoft.ML.Recurrent", Version);
            yield return Package("Microsoft.ML", MlVersion);
        }
        // Without its build files, which copy Windows libraries beside the program.
        var runtime = Package("Microsoft.ML.OnnxRuntime", OrtEnv.Instance().GetVersionString());
        runtime.Add(new XAttribute("ExcludeAssets", "build"));
        yield return runtime;
    }

    private static XElement Package(string name, string version) =>
        new("PackageReference", new XAttribute("Include", name), new XAttribute("Version", version));

    private static string UserPackages => Environment.GetEnvironmentVariable("NUGET_PACKAGES")
        ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");

    // A commit follows the plus sign.
    private static string MlVersion =>
        typeof(MLContext).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];

    private static void DotNet(string folder, params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", arguments) { WorkingDirectory = folder, RedirectStandardOutput = true };
        start.Environment["MSBUILDDISABLENODEREUSE"] = "1";
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode != 0) throw new InvalidOperationException($"dotnet {string.Join(' ', arguments)} failed:\n{output}");
    }
}
