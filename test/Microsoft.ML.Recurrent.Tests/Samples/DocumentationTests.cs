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

    private static IEnumerable<string> Pages =>
        from path in Directory.EnumerateFiles(SharedFolder.Repository, "*.md")
            .Concat(Directory.EnumerateFiles(Path.Combine(SharedFolder.Repository, "docs"), "*.md"))
            .Append(Path.Combine(SharedFolder.Repository, "src", "Microsoft.ML.Recurrent", "PACKAGE.md"))
        where Blocks(path).Length > 0
        select Path.GetRelativePath(SharedFolder.Repository, path);

    [TestMethod]
    [DynamicData(nameof(Pages))]
    public void Compiles(string page)
    {
        string folder = Directory.CreateTempSubdirectory("recurrent-page-").FullName;
        try
        {
            File.WriteAllText(Path.Combine(folder, "Usings.cs"), ImplicitUsings);
            File.WriteAllText(Path.Combine(folder, "Program.cs"), Program(Blocks(Path.Combine(SharedFolder.Repository, page))));
            IEnumerable<string> references = ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
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
    public void FollowsEveryLink()
    {
        foreach (string page in Directory.EnumerateFiles(SharedFolder.Repository, "*.md")
            .Concat(Directory.EnumerateFiles(Path.Combine(SharedFolder.Repository, "docs"), "*.md")))
            foreach (Match link in Regex.Matches(File.ReadAllText(page), @"\]\((?!https?:|#)([^)#]+)"))
                Assert.IsTrue(Path.Exists(Path.Combine(Path.GetDirectoryName(page)!, link.Groups[1].Value)), $"{page}: {link.Groups[1].Value}");
    }

    private static string[] Blocks(string path) =>
        [.. Regex.Matches(File.ReadAllText(path), @"^```csharp\r?\n(.*?)^```", RegexOptions.Multiline | RegexOptions.Singleline)
            .Select(match => match.Groups[1].Value)];

    private static string Program(string[] blocks)
    {
        StringBuilder usings = new(), statements = new(), types = new();
        foreach (string block in blocks)
            (Regex.IsMatch(block, @"^(internal |public |sealed |static )*(class|record|enum) ") ? types : statements)
                .AppendLine(Regex.Replace(block, @"^using [\w.]+;\r?\n", line => { usings.Append(line.Value); return ""; }, RegexOptions.Multiline));
        return $"{usings}{statements}{types}";
    }
}
