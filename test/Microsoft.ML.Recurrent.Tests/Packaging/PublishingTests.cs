using System.Buffers.Binary;
using System.Reflection.PortableExecutable;
using System.Runtime.InteropServices;
using System.Xml.Linq;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Recurrent.Tests.Packaging;

/// <summary>
/// Publishes a program outside the repository in every way that docs/deploying.md tells. The published program trains, saves, loads and scores, and scores what
/// the plain build of the same program saved: all with the same answers.
/// </summary>
[TestClass]
public sealed class PublishingTests
{
    private static readonly string s_platform = RuntimeInformation.RuntimeIdentifier;
    private static string s_model = "", s_trained = "", s_scored = "";

    [ClassInitialize]
    public static void TrainWithThePlainBuild(TestContext _)
    {
        RestorePacks();
        s_model = Directory.CreateDirectory(Path.Combine(OutsideProjects.Folder, "model")).FullName;
        s_trained = DotNet.Run(DeployedProgram.Built, null, "exec", "deployed.dll", "train", s_model);
        s_scored = DotNet.Run(DeployedProgram.Built, null, "exec", "deployed.dll", "score", s_model);
    }

    [TestMethod]
    public void Runs_as_a_single_file()
    {
        var folder = Publish("-p:PublishSingleFile=true");
        Assert.IsEmpty(Directory.GetFiles(folder, "Microsoft.ML*.dll"));
        Assert.HasCount(1, Directory.GetFiles(folder, "*onnxruntime.*"), "the native library lies beside the program");
        TrainsAndScores(folder);
    }

    [TestMethod]
    public void Runs_as_a_single_file_that_holds_its_libraries()
    {
        var folder = Publish("-p:PublishSingleFile=true", "-p:IncludeNativeLibrariesForSelfExtract=true", "-p:DebugType=embedded");
        Assert.IsEmpty(Directory.GetFiles(folder, "*onnxruntime*"));
        TrainsAndScores(folder);
    }

    [TestMethod]
    public void Runs_ready_to_run()
    {
        var folder = Publish("-p:PublishReadyToRun=true");
        using (var file = new PEReader(File.OpenRead(Path.Combine(folder, "Microsoft.ML.Recurrent.Core.dll"))))
            NumberAssert.IsGreaterThan(0, file.PEHeaders.CorHeader!.ManagedNativeHeaderDirectory.Size, "it holds native code");
        TrainsAndScores(folder);
    }

    [TestMethod]
    public void Runs_partly_trimmed()
    {
        var folder = Publish("-p:PublishTrimmed=true", "-p:TrimMode=partial");
        Assert.IsFalse(File.Exists(Path.Combine(folder, "Microsoft.VisualBasic.Core.dll")), ".NET is trimmed");
        TrainsAndScores(folder);
    }

    [TestMethod]
    public void Runs_fully_trimmed()
    {
        var folder = Publish("-p:PublishTrimmed=true");
        long whole = Size(DeployedProgram.Built), trimmed = Size(folder);
        NumberAssert.IsLessThan(whole, trimmed, "packages of others are trimmed");
        TrainsAndScores(folder);

        static long Size(string folder) => new FileInfo(Path.Combine(folder, "Newtonsoft.Json.dll")).Length;
    }

    /// <summary>ML.NET's own targets refuse this in programs that refer to it directly, as this one does.</summary>
    [TestMethod]
    public void Publishes_for_arm64()
    {
        const ushort arm64 = 0xB7; // the machine in an ELF file's header
        var folder = PublishFor("linux-arm64");
        foreach (var name in (string[])[DeployedProgram.Name, "libonnxruntime.so", "libcoreclr.so"])
        {
            var header = new byte[20];
            using var file = File.OpenRead(Path.Combine(folder, name));
            file.ReadExactly(header);
            Assert.AreEqual(arm64, BinaryPrimitives.ReadUInt16LittleEndian(header.AsSpan(18)), name);
        }
        Assert.IsEmpty(Directory.GetFiles(folder, "onnxruntime*.dll"), "no library of Windows");
    }

    [TestMethod]
    [DataRow("publish")]
    [DataRow("build")]
    public void Refuses_native_aot_in_words(string command)
    {
        (var exitCode, var output, _) = DotNet.TryRun(DeployedProgram.Create($"{command} native"), null, command, "-c", "Release", "-p:PublishAot=true");
        Assert.AreNotEqual(0, exitCode);
        StringAssert.Contains(output,
            "error MLR0003: Microsoft.ML.Recurrent stands on ML.NET, which writes code at run time, and a program with PublishAot=true "
            + "cannot: set PublishAot to false");
    }

    /// <summary>What each way of publishing downloads goes to the user's packages, where the projects outside find it: once, not at every run.</summary>
    private static void RestorePacks()
    {
        var folder = Path.Combine(OutsideProjects.Folder, "packs");
        OutsideProjects.Write(folder, "packs", "Microsoft.NET.Sdk", [],
        [
            new("OutputType", "Exe"), new("RuntimeIdentifiers", $"{s_platform};linux-arm64"),
            new("SelfContained", "true"), new("PublishReadyToRun", "true"), new("PublishTrimmed", "true"),
        ], []);
        (var exitCode, var output, _) = DotNet.TryRun(folder, null, "restore", $"-p:RestorePackagesPath={DotNet.Property("PackageFolder")}");
        if (exitCode != 0) Assert.Inconclusive($"Publishing takes packages of .NET from a package source, which gave:\n{output}");
    }

    private static string Publish(params string[] properties) => PublishFor(s_platform, properties);

    private static string PublishFor(string platform, params string[] properties)
    {
        var program = DeployedProgram.Create(string.Join(' ', [platform, .. properties.Select(property => property[3..].Replace('=', ' '))]));
        DotNet.Run(program, null, ["publish", "-c", "Release", "-r", platform, "--self-contained", "-o", "published", .. properties]);
        return Path.Combine(program, "published");
    }

    private static void TrainsAndScores(string folder)
    {
        if (!OperatingSystem.IsWindows()) Assert.IsEmpty(Directory.GetFiles(folder, "onnxruntime*.dll"), "no library of Windows");
        var model = Directory.CreateDirectory(Path.Combine(folder, "model")).FullName;
        Assert.AreEqual(s_trained, Run(folder, "train", model));
        Assert.AreEqual(s_scored, Run(folder, "score", model), "what it saved itself");
        Assert.AreEqual(s_scored, Run(folder, "score", s_model), "what the plain build saved");
    }

    private static string Run(string folder, params string[] arguments)
    {
        // A single file unpacks its libraries: by default below the user's home, for ever.
        Dictionary<string, string> environment = new() { ["DOTNET_BUNDLE_EXTRACT_BASE_DIR"] = Path.Combine(folder, "unpacked") };
        var program = Path.Combine(folder, DeployedProgram.Name + (OperatingSystem.IsWindows() ? ".exe" : ""));
        (var exitCode, var output, var error) = DotNet.TryRunProgram(program, folder, environment, arguments);
        Assert.AreEqual(0, exitCode, error);
        return output;
    }
}
