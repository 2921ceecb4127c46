using System.Diagnostics;
using System.Globalization;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Xml.Linq;
using Microsoft.ML.Data;
using Microsoft.ML.OnnxRuntime;

namespace Microsoft.ML.Recurrent.Benchmarks.Publishing;

/// <summary>What the user asks of <c>-- publishing</c>.</summary>
internal sealed record PublishingOptions(int Runs, string? Docs);

/// <summary>
/// <c>-- publishing [--runs N] [--docs PAGE]</c>: packs Microsoft.ML.Recurrent, publishes the smallest program that scores a model in every way that docs/deploying.md tells, and measures size,
/// time to the first answer and memory. All programs take turns.
/// </summary>
internal static class PublishingCommand
{
    public const string Section = "publishing";

    private const string Version = "0.0.1-benchmark";

    public static int Run(PublishingOptions options)
    {
        string work = Directory.CreateTempSubdirectory("recurrent-publishing-").FullName;
        try
        {
            string zip = Path.Combine(work, "walk.zip"), onnx = Path.Combine(work, "walk.onnx");
            WriteModel(zip, onnx);
            DotNet(Repository.Root ?? throw new InvalidOperationException("Run this inside the repository: it packs the package."), "pack", "src/Microsoft.ML.Recurrent", "-c", "Release", "-o", Path.Combine(work, "feed"), $"-p:PackageVersion={Version}");
            PublishedProgram[] programs = [.. PublishingMode.All.Select((mode, i) => Publish(mode, Path.Combine(work, $"{i}"), Path.Combine(work, "feed"), mode.Program.NeedsPackage ? zip : onnx))];
            float expected = programs[0].Run(count: false);
            for (int run = 0; run <= options.Runs; run++)
            {
                foreach (PublishedProgram program in programs)
                {
                    float answer = program.Run(count: run > 0);
                    if (!(MathF.Abs(answer - expected) <= 1e-6f)) throw new InvalidOperationException($"'{program.Mode.Name}' answers {answer}, not {expected}.");
                }
            }
            string table = string.Create(CultureInfo.InvariantCulture, $"{Environment.ProcessorCount} processors ({RuntimeInformation.ProcessArchitecture}), .NET {Environment.Version}; median of {options.Runs} runs.\n\n{Table(programs)}");
            Console.WriteLine(table);
            if (options.Docs is not null) MarkedSection.Replace(options.Docs, Section, table);
            return 0;
        }
        finally
        {
            Directory.Delete(work, recursive: true);
        }
    }

    private static string Table(PublishedProgram[] programs) => MarkedSection.Table(["published as", "files", "MB", "ms to the first answer", "peak memory, MiB"], programs.Select(program => (IReadOnlyList<string>)
    [
        program.Mode.Name, program.Files.Count.ToString(CultureInfo.InvariantCulture), Number(program.Megabytes), Number(program.Milliseconds), Number(program.PeakMiB),
    ]));

    private static string Number(double value) => value.ToString("F0", CultureInfo.InvariantCulture);

    private static void WriteModel(string zip, string onnx)
    {
        var mlContext = new MLContext(seed: 1);
        var random = new Random(1);
        IDataView data = mlContext.Data.LoadFromEnumerable(Enumerable.Range(0, 300).Select(_ => Walk.Draw(random)).ToArray());
        var model = mlContext.Regression.Trainers.Gru("Sum", "Steps", hiddenSize: 16, maximumNumberOfEpochs: 20).Fit(data);
        mlContext.Model.Save(model, data.Schema, zip);
        model.Model.ExportToOnnx(onnx);
    }

    private static PublishedProgram Publish(PublishingMode mode, string folder, string feed, string model)
    {
        Directory.CreateDirectory(folder);
        File.WriteAllText(Path.Combine(folder, "Program.cs"), mode.Program.Source);
        new XElement("Project", new XAttribute("Sdk", "Microsoft.NET.Sdk"),
            new XElement("PropertyGroup",
                new XElement("TargetFramework", "net10.0"), new XElement("OutputType", "Exe"), new XElement("Nullable", "enable"), new XElement("ImplicitUsings", "enable"),
                new XElement("InvariantGlobalization", "true"),
                // The package's version is the same at every run: it must not stay among the user's packages, which are taken as they lie.
                new XElement("RestorePackagesPath", Path.Combine(feed, "..", "packages")), new XElement("RestoreFallbackFolders", UserPackages), new XElement("RestoreAdditionalProjectSources", feed)),
            new XElement("ItemGroup",
                mode.Program.NeedsPackage ? (XElement[])[Package("Microsoft.ML.Recurrent", Version), Package("Microsoft.ML", MlVersion)] : null,
                // Without its build files, which copy Windows libraries beside the program.
                Package("Microsoft.ML.OnnxRuntime", OrtEnv.Instance().GetVersionString(), new XAttribute("ExcludeAssets", "build")))).Save(Path.Combine(folder, mode.Program.Name + ".csproj"));
        Console.WriteLine($"dotnet publish {string.Join(' ', mode.Arguments)}");
        DotNet(folder, ["publish", "-c", "Release", "-r", RuntimeInformation.RuntimeIdentifier, "-o", "published", .. mode.Arguments]);
        return new(mode, Path.Combine(folder, "published"), model);
    }

    private static XElement Package(string name, string version, XAttribute? more = null) => new("PackageReference", new XAttribute("Include", name), new XAttribute("Version", version), more);

    private static string UserPackages => Environment.GetEnvironmentVariable("NUGET_PACKAGES") ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");

    // The file's version has the number of the build besides.
    private static string MlVersion => typeof(MLContext).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];

    private static void DotNet(string folder, params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", arguments) { WorkingDirectory = folder, RedirectStandardOutput = true };
        start.Environment["MSBUILDDISABLENODEREUSE"] = "1";
        using Process process = Process.Start(start)!;
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode != 0) throw new InvalidOperationException($"dotnet {string.Join(' ', arguments)} failed:\n{output}");
    }

    private sealed class Walk
    {
        [VectorType(10, 1)]
        public float[] Steps { get; set; } = [];

        public float Sum { get; set; }

        public static Walk Draw(Random random)
        {
            float[] steps = [.. Enumerable.Range(0, 10).Select(_ => random.NextSingle() - 0.5f)];
            return new() { Steps = steps, Sum = steps.Sum() };
        }
    }
}
