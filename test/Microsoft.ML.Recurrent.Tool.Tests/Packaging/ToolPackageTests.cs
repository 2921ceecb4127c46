using System.IO.Compression;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Recurrent.Tool.Tests.Packaging;

/// <summary>The package of the tool includes third-party assemblies, so it must include their licenses, word for word.</summary>
[TestClass]
public sealed class ToolPackageTests
{
    [TestMethod]
    public void Carries_the_licences_of_what_it_holds()
    {
        var folder = Directory.CreateTempSubdirectory("recurrent-tool-package-").FullName;
        try
        {
            const string project = "src/Microsoft.ML.Recurrent.Tool/Microsoft.ML.Recurrent.Tool.csproj";
            DotNet.Run(SharedFolder.Repository, null, ["pack", project, "--no-build", "-c", DotNet.Configuration, "-o", folder, .. DotNet.BuildProperties]);
            using var package = ZipFile.OpenRead(Directory.EnumerateFiles(folder, "*.nupkg").Single());
            Assert.IsNotNull(package.GetEntry("LICENSE"));
            var notices = Text(package.GetEntry("THIRD-PARTY-NOTICES.txt")!);

            using var dependencies = JsonDocument.Parse(Text(package.GetEntry("tools/net10.0/any/mlrecurrent.deps.json")!));
            string[] held = [.. dependencies.RootElement.GetProperty("libraries").EnumerateObject()
                .Where(library => library.Value.GetProperty("type").GetString() == "package").Select(library => library.Name.Split('/')[0])];
            CollectionAssert.Contains(held, "Microsoft.ML.OnnxRuntime");
            foreach (var name in held) Assert.IsTrue(Regex.IsMatch(notices, $@"(?<![\w.]){Regex.Escape(name)}(?![\w.])"), $"{name} is not named");

            ZipArchiveEntry[] licences = [.. package.Entries.Where(entry => entry.FullName.StartsWith("licenses/", StringComparison.Ordinal))];
            Assert.IsTrue(licences.Any(entry => entry.Name == "ThirdPartyNotices.txt"), "notices of the native ONNX Runtime");
            ZipArchiveEntry[] texts = [.. licences.Where(entry => entry.Name.StartsWith("LICENSE", StringComparison.OrdinalIgnoreCase))];
            NumberAssert.IsGreaterThan(4, texts.Length);
            foreach (var licence in texts)
                Assert.IsTrue(notices.Contains(Text(licence).Trim(), StringComparison.Ordinal), $"{licence.FullName} has another text");
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static string Text(ZipArchiveEntry entry)
    {
        using var reader = new StreamReader(entry.Open());
        return reader.ReadToEnd().ReplaceLineEndings("\n");
    }
}
