using System.Globalization;
using System.IO.Compression;
using System.Xml.Linq;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Recurrent.Tests.Packaging;

/// <summary>Packs Microsoft.ML.Recurrent as it was built for these tests and uses the package as a stranger does.</summary>
[TestClass]
public sealed class PackageTests
{
    private static readonly string s_version = $"0.0.1-test.{DateTime.UtcNow.Ticks.ToString(CultureInfo.InvariantCulture)}";
    private static string s_folder = "", s_project = "";

    [ClassInitialize]
    public static void PackAndBuild(TestContext _)
    {
        s_folder = Directory.CreateTempSubdirectory("recurrent-package-").FullName;
        DotNet.Run(SharedFolder.Repository, null,
            ["pack", "src/Microsoft.ML.Recurrent/Microsoft.ML.Recurrent.csproj", "--no-build", "-c", DotNet.Configuration, "-o", Path.Combine(s_folder, "feed"), $"-p:PackageVersion={s_version}", .. DotNet.BuildProperties]);

        s_project = Directory.CreateDirectory(Path.Combine(s_folder, "outside")).FullName;
        File.Copy(Path.Combine(SharedFolder.Repository, "test", "Microsoft.ML.Recurrent.Tests", "Packaging", "Outside", "Program.cs"), Path.Combine(s_project, "Program.cs"));
        var file = new XElement("Project", new XAttribute("Sdk", "Microsoft.NET.Sdk"),
            new XElement("PropertyGroup",
                new XElement("TargetFramework", "net10.0"), new XElement("OutputType", "Exe"), new XElement("Nullable", "enable"), new XElement("ImplicitUsings", "enable"),
                // A package folder of its own keeps the user's clean; packages that the user has are taken from there as they lie.
                new XElement("RestorePackagesPath", Path.Combine(s_folder, "packages")),
                new XElement("RestoreFallbackFolders", DotNet.Property("PackageFolder")),
                new XElement("RestoreAdditionalProjectSources", Path.Combine(s_folder, "feed"))),
            new XElement("ItemGroup", Package("Microsoft.ML.Recurrent", s_version), Package(DotNet.Property("OnnxRuntimePackage"), DotNet.Property("OnnxRuntimeVersion"))));
        file.Save(Path.Combine(s_project, "outside.csproj"));
        DotNet.Run(s_project, null, "build", "-c", "Release", "-o", "out");
    }

    [ClassCleanup]
    public static void Delete() => Directory.Delete(s_folder, recursive: true);

    [TestMethod]
    public void HoldsBothAssembliesWithTheirDocumentation()
    {
        using ZipArchive package = Open(".nupkg");
        string[] files = [.. package.Entries.Select(entry => entry.FullName)];
        foreach (string name in (string[])["Microsoft.ML.Recurrent", "Microsoft.ML.Recurrent.Core"])
            foreach (string extension in (string[])[".dll", ".xml"])
                CollectionAssert.Contains(files, $"lib/net10.0/{name}{extension}");
        foreach (string name in (string[])["README.md", "LICENSE", "CHANGELOG.md"]) CollectionAssert.Contains(files, name);
        Assert.HasCount(2, files.Where(file => file.EndsWith(".dll", StringComparison.Ordinal)), "nothing of others is inside");

        using ZipArchive symbols = Open(".snupkg");
        CollectionAssert.AreEquivalent((string[])["lib/net10.0/Microsoft.ML.Recurrent.Core.pdb", "lib/net10.0/Microsoft.ML.Recurrent.pdb"],
            symbols.Entries.Select(entry => entry.FullName).Where(file => file.EndsWith(".pdb", StringComparison.Ordinal)).ToArray());
    }

    [TestMethod]
    public void DeclaresWhatItNeeds()
    {
        using ZipArchive package = Open(".nupkg");
        using Stream specification = package.Entries.Single(entry => entry.FullName == "Microsoft.ML.Recurrent.nuspec").Open();
        XElement metadata = XElement.Load(specification).Elements().Single();
        string? Value(string name) => metadata.Elements().SingleOrDefault(element => element.Name.LocalName == name)?.Value;

        Assert.AreEqual("Microsoft.ML.Recurrent", Value("id"));
        Assert.AreEqual(s_version, Value("version"));
        Assert.AreEqual("MIT", Value("license"));
        Assert.AreEqual("README.md", Value("readme"));
        Assert.IsGreaterThan(50, Value("description")!.Length);
        Dictionary<string, string> dependencies = metadata.Descendants().Where(element => element.Name.LocalName == "dependency")
            .ToDictionary(element => (string)element.Attribute("id")!, element => (string)element.Attribute("version")!);
        CollectionAssert.AreEquivalent((string[])["Microsoft.ML", "Microsoft.ML.OnnxRuntime.Managed", "Google.Protobuf", "System.Numerics.Tensors"], dependencies.Keys.ToArray());
        Assert.AreEqual(DotNet.Property("MicrosoftMLVersion"), dependencies["Microsoft.ML"]);
        Assert.AreEqual(DotNet.Property("OnnxRuntimeVersion"), dependencies["Microsoft.ML.OnnxRuntime.Managed"]);
    }

    [TestMethod]
    public void ServesAProjectOutsideTheRepository()
    {
        string model = Path.Combine(s_folder, "model.zip");
        string trained = DotNet.Run(s_project, null, "exec", "out/outside.dll", "train", model), loaded = DotNet.Run(s_project, null, "exec", "out/outside.dll", "score", model);
        float[] forecast = [.. trained.Trim().Split(' ').Select(number => float.Parse(number, CultureInfo.InvariantCulture))];
        Assert.HasCount(4, forecast);
        Assert.IsTrue(forecast.All(float.IsFinite), trained);
        Assert.AreEqual(trained, loaded, "the loaded model forecasts the same in a process of its own");
    }

    /// <summary>The native ONNX Runtime is the program's choice: without it training works, and scoring says what to add.</summary>
    [TestMethod]
    public void SaysWhichPackageBringsTheNativeRuntime()
    {
        string without = Path.Combine(s_project, "without");
        foreach (string file in Directory.EnumerateFiles(Path.Combine(s_project, "out"), "*", SearchOption.AllDirectories))
        {
            if (Path.GetFileName(file).Contains("onnxruntime", StringComparison.OrdinalIgnoreCase) && !file.EndsWith("Microsoft.ML.OnnxRuntime.dll", StringComparison.Ordinal)) continue;
            string target = Path.Combine(without, Path.GetRelativePath(Path.Combine(s_project, "out"), file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }
        string model = Path.Combine(s_folder, "unscored.zip");
        (int exitCode, _, string error) = DotNet.TryRun(s_project, null, "exec", "without/outside.dll", "train", model);
        Assert.AreNotEqual(0, exitCode);
        Assert.IsTrue(File.Exists(model), "training and saving do without it");
        StringAssert.Contains(error, "Add the package Microsoft.ML.OnnxRuntime (or Microsoft.ML.OnnxRuntime.Gpu for CUDA) to the program that scores the model.");
    }

    private static XElement Package(string name, string version) => new("PackageReference", new XAttribute("Include", name), new XAttribute("Version", version));

    private static ZipArchive Open(string extension) => ZipFile.OpenRead(Path.Combine(s_folder, "feed", $"Microsoft.ML.Recurrent.{s_version}{extension}"));
}
