using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Recurrent.Architecture.Tests.Size;

/// <summary>How much there is to read: tokens of the product's source, long lines, long files.</summary>
[TestClass]
public sealed class SizeTests
{
    private const int Columns = 160, Lines = 500;

    [TestMethod]
    public void The_source_has_no_more_tokens()
    {
        var projects = SourceCode.Source.GroupBy(file => file.Project).Select(project => (project.Key, Files: project.Count(), Tokens: project.Sum(Tokens)));
        Ratchet.Check("tokens in the C# files of src", SourceCode.Source.Sum(Tokens), Limits.Tokens, null, "tokens.txt",
            projects.Select(project => $"{project.Tokens} {project.Key}, {project.Files} files"));
    }

    [TestMethod]
    public void Lines_are_short()
    {
        var lines = (from file in SourceCode.Source.Concat(SourceCode.Tests)
                     from line in file.Tree.GetText().Lines
                     let length = line.End - line.Start
                     where length > Columns
                     select (file.Path, Line: line.LineNumber + 1, Length: length)).ToArray();
        var roots = lines.GroupBy(line => line.Path.Split('/')[0]).Select(root => $"{root.Count()} in {root.Key}, the longest {root.Max(line => line.Length)}");
        Ratchet.Check($"lines of more than {Columns} columns in the C# files of src and test", lines.Length, Limits.LongLines, 0, "long-lines.txt",
            [.. roots, "", .. lines.Select(line => $"{line.Path}:{line.Line}: {line.Length}")]);
    }

    [TestMethod]
    public void Files_are_short()
    {
        var files = SourceCode.Source.Concat(SourceCode.Tests).Select(file => (file.Path, file.Tree.GetText().Lines.Count)).ToArray();
        Ratchet.Check($"C# files of more than {Lines} lines in src and test", files.Count(file => file.Count > Lines), Limits.LongFiles, 0, "long-files.txt",
            ["The ten longest:", .. files.OrderByDescending(file => file.Count).Take(10).Select(file => $"{file.Count} {file.Path}")]);
    }

    [TestMethod]
    public void Tokens_are_counted_without_comments()
    {
        var tree = CSharpSyntaxTree.ParseText("/// <summary>A class.</summary>\nclass A { /* nothing */ int B() => 1; }\n");
        Assert.AreEqual(11, Tokens(new("src/a/b.cs", tree)), "class A { int B ( ) => 1 ; }");
    }

    private static int Tokens(SourceFile file) => file.Tree.GetRoot().DescendantTokens().Count(token => !token.IsKind(SyntaxKind.EndOfFileToken));
}
