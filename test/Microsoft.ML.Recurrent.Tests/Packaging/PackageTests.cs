using System.Globalization;
using System.IO.Compression;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Recurrent.Tests.Packaging;

/// <summary>What the package Microsoft.ML.Recurrent holds, and what a stranger builds with it: see <see cref="OutsideProjects"/>.</summary>
[TestClass]
public sealed class PackageTests
{
    [ClassInitialize]
    public static void Build(TestContext _)
    {
        var runtime = (DotNet.Property("OnnxRuntimePackage"), DotNet.Property("OnnxRuntimeVersion"));
        BuildOutside("alone"); // NuGet takes the oldest versions that the package allows
        BuildOutside("plain", runtime);
        BuildOutside("current", runtime, ("Microsoft.ML", DotNet.Property("MicrosoftMLVersion")));
    }

    [TestMethod]
    public void Holds_both_assemblies_with_their_documentation()
    {
        using var package = Open(".nupkg");
        string[] files = [.. package.Entries.Select(entry => entry.FullName)];
        foreach (var name in (string[])["Microsoft.ML.Recurrent", "Microsoft.ML.Recurrent.Core"])
            foreach (var extension in (string[])[".dll", ".xml"])
                CollectionAssert.Contains(files, $"lib/net10.0/{name}{extension}");
        foreach (var name in (string[])["README.md", "LICENSE", "CHANGELOG.md"]) CollectionAssert.Contains(files, name);
        Assert.HasCount(2, files.Where(file => file.EndsWith(".dll", StringComparison.Ordinal)), "nothing of others is inside");

        using var symbols = Open(".snupkg");
        CollectionAssert.AreEquivalent((string[])["lib/net10.0/Microsoft.ML.Recurrent.Core.pdb", "lib/net10.0/Microsoft.ML.Recurrent.pdb"],
            symbols.Entries.Select(entry => entry.FullName).Where(file => file.EndsWith(".pdb", StringComparison.Ordinal)).ToArray());
    }

    [TestMethod]
    public void Declares_what_it_needs()
    {
        var metadata = Specification();
        string? Value(string name) => metadata.Elements().SingleOrDefault(element => element.Name.LocalName == name)?.Value;

        Assert.AreEqual("Microsoft.ML.Recurrent", Value("id"));
        Assert.AreEqual(OutsideProjects.Version, Value("version"));
        Assert.AreEqual("MIT", Value("license"));
        Assert.AreEqual("README.md", Value("readme"));
        NumberAssert.IsGreaterThan(50, Value("description")!.Length);
        var notes = Value("releaseNotes")!;
        Assert.IsTrue(Regex.IsMatch(notes, @"^See CHANGELOG\.md in the package\.( Built from commit [0-9a-f]{40}\.)?$"), notes);
        var dependencies = Dependencies(metadata);
        string[] expected = ["Microsoft.ML", "Microsoft.ML.OnnxRuntime.Managed", "Microsoft.ML.Tokenizers", "Google.Protobuf",
            "System.Numerics.Tensors", "TimeZoneConverter", "PureHDF"];
        CollectionAssert.AreEquivalent(expected, dependencies.Keys.ToArray());
        Assert.AreEqual(DotNet.Property("MicrosoftMLVersionRange"), dependencies["Microsoft.ML"]);
        Assert.AreEqual(DotNet.Property("OnnxRuntimeOldestVersion"), dependencies["Microsoft.ML.OnnxRuntime.Managed"]);
    }

    [TestMethod]
    public void Carries_the_licences_of_what_it_uses()
    {
        using var package = Open(".nupkg");
        using var reader = new StreamReader(package.GetEntry("THIRD-PARTY-NOTICES.txt")!.Open());
        var notices = reader.ReadToEnd();
        foreach (var name in Dependencies(Specification()).Keys.Append("ONNX")) Assert.IsTrue(Regex.IsMatch(notices, $@"\b{Regex.Escape(name)}\b"), name);
        StringAssert.Contains(notices, "Copyright 2008 Google Inc.");
        StringAssert.Contains(notices, "Apache License");
    }

    [TestMethod]
    [DataRow("plain")]
    [DataRow("current")]
    public void Serves_a_project_outside_the_repository(string project) => TrainAndScore(project);

    [TestMethod]
    [TestCategory("Nightly")] // downloads another native runtime where it is not there yet
    public void Serves_the_oldest_versions()
    {
        BuildOutside("oldest", ("Microsoft.ML.OnnxRuntime", DotNet.Property("OnnxRuntimeOldestVersion")));
        TrainAndScore("oldest");
    }

    /// <summary>One binary serves all versions: none lacks a member that some path through the code needs.</summary>
    [TestMethod]
    [DataRow("alone")]
    [DataRow("plain")]
    [DataRow("current")]
    public void Finds_every_member_in_its_versions(string project)
    {
        var answer = Regex.Match(RunOutside(project, "members"), @"^(\d+) resolved, 0 missing");
        Assert.IsTrue(answer.Success);
        NumberAssert.IsGreaterThan(1000, int.Parse(answer.Groups[1].Value, CultureInfo.InvariantCulture));
    }

    /// <summary>The native ONNX Runtime is the program's choice: without it training works, and scoring says what to add.</summary>
    [TestMethod]
    public void Says_which_package_brings_the_native_runtime()
    {
        var model = Path.Combine(OutsideProjects.Folder, "unscored.zip");
        (var exitCode, _, var error) = DotNet.TryRun(Folder("alone"), null, "exec", "out/outside.dll", "train", model);
        Assert.AreNotEqual(0, exitCode);
        Assert.IsTrue(File.Exists(model), "training and saving do without it");
        StringAssert.Contains(error,
            "Add the package Microsoft.ML.OnnxRuntime (or Microsoft.ML.OnnxRuntime.Gpu for CUDA) to the program that scores the model.");
    }

    private static void TrainAndScore(string project)
    {
        string model = Path.Combine(OutsideProjects.Folder, project + ".zip"), again = Path.Combine(OutsideProjects.Folder, project + "-again.zip");
        string trained = RunOutside(project, "train", model), loaded = RunOutside(project, "score", model);
        float[] forecast = [.. trained.Trim().Split(' ').Select(number => float.Parse(number, CultureInfo.InvariantCulture))];
        Assert.HasCount(4, forecast);
        Assert.IsTrue(forecast.All(float.IsFinite), trained);
        Assert.AreEqual(trained, loaded, "the loaded model forecasts the same in a process of its own");

        RunOutside(project, "train", again);
        using ZipArchive first = ZipFile.OpenRead(model), second = ZipFile.OpenRead(again);
        CollectionAssert.AreEqual(first.Entries.Select(entry => entry.FullName).ToArray(), second.Entries.Select(entry => entry.FullName).ToArray());
        foreach (var entry in first.Entries)
            CollectionAssert.AreEqual(Bytes(entry), Bytes(second.GetEntry(entry.FullName)!), $"{entry.FullName} of two processes with one seed");
    }

    /// <summary>Builds Outside/ in a folder of its own, on the package and these others.</summary>
    private static void BuildOutside(string name, params (string Name, string Version)[] packages)
    {
        var folder = Folder(name);
        var sources = Path.Combine(SharedFolder.Repository, "test", "Microsoft.ML.Recurrent.Tests", "Packaging", "Outside");
        OutsideProjects.Write(folder, "outside", "Microsoft.NET.Sdk", Directory.EnumerateFiles(sources, "*.cs"), [new("OutputType", "Exe")],
            packages.Append(("Microsoft.ML.Recurrent", OutsideProjects.Version)).Select(package => OutsideProjects.Reference(package.Item1, package.Item2)));
        DotNet.Run(folder, null, "build", "-c", "Release", "-o", "out");
    }

    private static string Folder(string project) => Path.Combine(OutsideProjects.Folder, project);

    private static string RunOutside(string project, params string[] arguments) => DotNet.Run(Folder(project), null, ["exec", "out/outside.dll", .. arguments]);

    private static XElement Specification()
    {
        using var package = Open(".nupkg");
        using var specification = package.Entries.Single(entry => entry.FullName == "Microsoft.ML.Recurrent.nuspec").Open();
        return XElement.Load(specification).Elements().Single();
    }

    private static Dictionary<string, string> Dependencies(XElement metadata) => metadata.Descendants().Where(element => element.Name.LocalName == "dependency")
        .ToDictionary(element => (string)element.Attribute("id")!, element => (string)element.Attribute("version")!);

    private static byte[] Bytes(ZipArchiveEntry entry)
    {
        using var stream = entry.Open();
        using var bytes = new MemoryStream();
        stream.CopyTo(bytes);
        return bytes.ToArray();
    }

    private static ZipArchive Open(string extension) => ZipFile.OpenRead(OutsideProjects.Package(extension));
}
