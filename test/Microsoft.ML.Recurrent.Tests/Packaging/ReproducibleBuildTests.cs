using System.ComponentModel;
using System.Diagnostics;
using System.IO.Compression;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Security.Cryptography;
using System.Text;
using System.Xml.Linq;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Recurrent.Tests.Packaging;

/// <summary>The same sources give the same packages wherever they lie (with CI=true), and packages say where they come from without naming a machine.</summary>
[TestClass]
public sealed class ReproducibleBuildTests
{
    // What a portable PDB calls these two (its specification: https://github.com/dotnet/runtime/blob/main/docs/design/specs/PortablePdb-Metadata.md).
    private static readonly Guid s_sourceLink = new("CC110556-A091-4D38-9FEC-25AB9A351A6A"), s_embeddedSource = new("0E8A571B-6926-466E-B4AD-8AB04611F5FE");

    private const string Built = "src/Microsoft.ML.Recurrent/bin/Release/net10.0";

    private static readonly Dictionary<string, string> s_environment = new()
    {
        ["CI"] = "true",
        ["SOURCE_DATE_EPOCH"] = "1767225600", // of the packages' entries; where it is not given, they have the time of the build
        ["GIT_AUTHOR_DATE"] = "2026-01-01T00:00:00Z",
        ["GIT_COMMITTER_DATE"] = "2026-01-01T00:00:00Z",
    };

    [TestMethod]
    public void Two_clones_give_the_same_packages()
    {
        var folder = Directory.CreateTempSubdirectory("recurrent-builds-").FullName;
        try
        {
            string[] clones = [Path.Combine(folder, "one"), Path.Combine(folder, "another", "with-a-longer-path")];
            foreach (var clone in clones)
            {
                CopySources(clone);
                MakeRepository(clone, "git@github.com:someone/recurrent.git");
                Pack(clone, "Microsoft.ML.Recurrent");
            }
            AssertSameFiles(clones[0], clones[1], packages: 2);

            string commit = Git(clones[0], "rev-parse", "HEAD").Trim(), remote = "https://github.com/someone/recurrent.git";
            var repository = Specification(clones[0]).Elements().Single(element => element.Name.LocalName == "repository");
            Assert.AreEqual(remote, (string?)repository.Attribute("url"));
            Assert.AreEqual(commit, (string?)repository.Attribute("commit"));
            string[] symbols = [.. Directory.EnumerateFiles(Path.Combine(clones[0], Built), "Microsoft.ML.Recurrent*.pdb")];
            Assert.HasCount(2, symbols);
            foreach (var path in symbols) AssertSourcesAreFound(path, $"https://raw.githubusercontent.com/someone/recurrent/{commit}/*");

            // A remote that only this machine reaches is not told.
            Git(clones[1], "remote", "set-url", "origin", clones[0]);
            Pack(clones[1], "Microsoft.ML.Recurrent", "--no-build");
            var metadata = Specification(clones[1]);
            Assert.IsFalse(metadata.Elements().Any(element => element.Name.LocalName == "repository"));
            StringAssert.Contains(metadata.Value, $"Built from commit {commit}.");
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [TestMethod]
    [TestCategory("Nightly")]
    public void Sources_without_a_repository_give_the_same_packages()
    {
        var folder = Directory.CreateTempSubdirectory("recurrent-builds-").FullName;
        try
        {
            string[] copies = [Path.Combine(folder, "one"), Path.Combine(folder, "another", "with-a-longer-path")];
            foreach (var copy in copies)
            {
                CopySources(copy);
                Pack(copy, "Microsoft.ML.Recurrent.Tool");
                Pack(copy, "Microsoft.ML.Recurrent", "--no-build");
            }
            AssertSameFiles(copies[0], copies[1], packages: 3);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>Copies what the packages are built from, as it lies here.</summary>
    private static void CopySources(string target)
    {
        Copy(SharedFolder.Repository, target, recursive: false);
        foreach (var part in (string[])["build", "src"]) Copy(Path.Combine(SharedFolder.Repository, part), Path.Combine(target, part), recursive: true);
    }

    private static void Copy(string source, string target, bool recursive)
    {
        Directory.CreateDirectory(target);
        // A worktree's .git is a file.
        foreach (var file in Directory.EnumerateFiles(source).Where(file => Path.GetFileName(file) != ".git"))
            File.Copy(file, Path.Combine(target, Path.GetFileName(file)));
        if (!recursive) return;
        foreach (var folder in Directory.EnumerateDirectories(source).Where(folder => Path.GetFileName(folder) is not ("bin" or "obj")))
            Copy(folder, Path.Combine(target, Path.GetFileName(folder)), recursive: true);
    }

    private static void Pack(string folder, string project, params string[] options) => DotNet.Run(folder, s_environment,
        ["pack", $"src/{project}/{project}.csproj", "-c", "Release", "-o", "packages", "-p:RunAnalyzers=false", .. options, .. DotNet.BuildProperties]);

    private static void AssertSameFiles(string first, string second, int packages)
    {
        string[] files =
        [
            .. Directory.EnumerateFiles(Path.Combine(first, "packages")),
            .. Directory.EnumerateFiles(Path.Combine(first, Built), "Microsoft.ML.Recurrent.*")
                .Where(file => Path.GetExtension(file) is ".dll" or ".pdb" or ".xml"),
        ];
        Assert.HasCount(packages + 6, files, "packages, and two assemblies with their symbols and documentation");
        foreach (var file in files)
        {
            byte[] bytes = File.ReadAllBytes(file), other = File.ReadAllBytes(Path.Combine(second, Path.GetRelativePath(first, file)));
            Assert.AreEqual(Convert.ToHexString(SHA256.HashData(bytes)), Convert.ToHexString(SHA256.HashData(other)), Path.GetFileName(file));
            Assert.AreEqual(-1, bytes.AsSpan().IndexOf(Encoding.UTF8.GetBytes(first)), $"{file} names its folder");
        }
    }

    /// <summary>Every source is either in the repository, where SourceLink finds it, or was made by the build and lies in the symbols.</summary>
    private static void AssertSourcesAreFound(string symbols, string address)
    {
        using var provider = MetadataReaderProvider.FromPortablePdbStream(File.OpenRead(symbols));
        var reader = provider.GetMetadataReader();
        byte[][] Information(Guid kind, EntityHandle parent) => [.. reader.GetCustomDebugInformation(parent).Select(reader.GetCustomDebugInformation)
            .Where(information => reader.GetGuid(information.Kind) == kind).Select(information => reader.GetBlobBytes(information.Value))];
        StringAssert.Contains(Encoding.UTF8.GetString(Information(s_sourceLink, EntityHandle.ModuleDefinition).Single()), $"\"/_/*\":\"{address}\"");
        var generated = 0;
        foreach (var handle in reader.Documents)
        {
            var name = reader.GetString(reader.GetDocument(handle).Name);
            Assert.StartsWith("/_/src/", name.Replace("/_/build/", "/_/src/", StringComparison.Ordinal));
            var isGenerated = name.Contains("/obj/", StringComparison.Ordinal);
            Assert.HasCount(isGenerated ? 1 : 0, Information(s_embeddedSource, handle), name);
            if (isGenerated) generated++;
        }
        NumberAssert.IsGreaterThan(0, generated);
    }

    private static XElement Specification(string folder)
    {
        using var package = ZipFile.OpenRead(Directory.EnumerateFiles(Path.Combine(folder, "packages"), "*.nupkg").Single());
        using var specification = package.Entries.Single(entry => entry.FullName.EndsWith(".nuspec", StringComparison.Ordinal)).Open();
        return XElement.Load(specification).Elements().Single();
    }

    private static void MakeRepository(string folder, string remote)
    {
        Git(folder, "init", "-q", "-b", "main");
        Git(folder, "add", "-A");
        Git(folder, "-c", "user.name=test", "-c", "user.email=test@localhost", "-c", "commit.gpgsign=false", "commit", "-q", "-m", "copy");
        Git(folder, "remote", "add", "origin", remote);
    }

    private static string Git(string folder, params string[] arguments)
    {
        var start = new ProcessStartInfo("git", arguments) { WorkingDirectory = folder, RedirectStandardOutput = true };
        foreach ((var name, var value) in s_environment) start.Environment[name] = value;
        try
        {
            using var process = Process.Start(start)!;
            var output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            Assert.AreEqual(0, process.ExitCode, $"git {string.Join(' ', arguments)}");
            return output;
        }
        catch (Win32Exception)
        {
            Assert.Inconclusive("This test makes a repository by git, which is not installed.");
            throw;
        }
    }
}
