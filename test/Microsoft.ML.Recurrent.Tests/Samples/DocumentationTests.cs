using System.Text;
using System.Text.RegularExpressions;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Recurrent.Tests.Samples;

/// <summary>Compiles the C# of every page: its blocks, put together from top to bottom, are one program, with usings first and types last.</summary>
[TestClass]
public sealed class DocumentationTests
{
    private const string ImplicitUsings = """
        global using System;
        global using System.Collections.Generic;
        global using System.IO;
        global using System.Linq;
        global using System.Threading;
        global using System.Threading.Tasks;
        """;

    private static IEnumerable<string> Files =>
        Directory.EnumerateFiles(SharedFolder.Repository, "*.md")
            .Concat(Directory.EnumerateFiles(Path.Combine(SharedFolder.Repository, "docs"), "*.md", SearchOption.AllDirectories));

    private static IEnumerable<string> Pages =>
        from path in Files.Append(Path.Combine(SharedFolder.Repository, "src", "Microsoft.ML.Recurrent", "PACKAGE.md"))
        where Blocks(path).Length > 0
        select Path.GetRelativePath(SharedFolder.Repository, path);

    [TestMethod]
    [DynamicData(nameof(Pages))]
    public void Compiles(string page)
    {
        var folder = Directory.CreateTempSubdirectory("recurrent-page-").FullName;
        try
        {
            File.WriteAllText(Path.Combine(folder, "Usings.cs"), ImplicitUsings);
            File.WriteAllText(Path.Combine(folder, "Program.cs"), Program(Blocks(Path.Combine(SharedFolder.Repository, page))));
            var references = ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
                .Select(path => $"-r:\"{path}\"");
            File.WriteAllLines(Path.Combine(folder, "options.rsp"), ["-nologo", "-nowarn:CS1701,CS1702", "-nostdlib", "-nullable:enable", "-warnaserror",
                "-out:page.dll", .. references, "Usings.cs", "Program.cs"]);
            DotNet.Run(folder, null, "exec", DotNet.Property("Compiler"), "-noconfig", "@options.rsp");
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [TestMethod]
    public void Follows_every_link()
    {
        foreach (var page in Files)
            foreach (Match link in Regex.Matches(File.ReadAllText(page), @"\]\((?!https?:)(?<path>[^)#]*)(#(?<anchor>[^)]+))?\)"))
            {
                var target = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(page)!, link.Groups["path"].Value));
                if (link.Groups["path"].Length == 0) target = page;
                Assert.IsTrue(Path.Exists(target), $"{page}: {link.Value}");
                if (link.Groups["anchor"].Success) CollectionAssert.Contains(Anchors(target), link.Groups["anchor"].Value, $"{page}: {link.Value}");
            }
    }

    [TestMethod]
    public void Lists_every_page_in_the_index()
    {
        var docs = Path.Combine(SharedFolder.Repository, "docs");
        var index = File.ReadAllText(Path.Combine(docs, "README.md"));
        foreach (var page in Directory.EnumerateFiles(docs, "*.md", SearchOption.AllDirectories)
            .Select(path => Path.GetRelativePath(docs, path).Replace('\\', '/')))
            if (page != "README.md") Assert.Contains($"({page})", index);
    }

    // As GitHub makes them of headings: lower case, punctuation dropped, spaces to hyphens.
    private static string[] Anchors(string path) =>
        [.. Regex.Matches(Regex.Replace(File.ReadAllText(path), "^```.*?^```", "", RegexOptions.Multiline | RegexOptions.Singleline), @"^#+ (.+?)\r?$",
            RegexOptions.Multiline)
            .Select(match => Regex.Replace(match.Groups[1].Value.ToLowerInvariant(), @"[^\w\- ]", "").Replace(' ', '-'))];

    private static string[] Blocks(string path) =>
        [.. Regex.Matches(File.ReadAllText(path), @"^```csharp\r?\n(.*?)^```", RegexOptions.Multiline | RegexOptions.Singleline)
            .Select(match => match.Groups[1].Value)];

    private static string Program(string[] blocks)
    {
        StringBuilder usings = new(), statements = new(), types = new();
        foreach (var block in blocks)
            (Regex.IsMatch(block, @"^(internal |public |sealed |static )*(class|record|enum) ") ? types : statements)
                .AppendLine(Regex.Replace(block, @"^using [\w.]+;\r?\n", line => { usings.Append(line.Value); return ""; }, RegexOptions.Multiline));
        return $"{usings}{statements}{types}";
    }
}
