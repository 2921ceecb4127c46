using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
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

    [TestMethod]
    public void A_text_that_goes_over_several_lines_counts_like_one_of_one_line()
    {
        Assert.AreEqual(Count("$\"a {b} c d\""), Count("$\"a {b} c \"\n + $\"d\""));
        Assert.AreEqual(Count("\"a b\""), Count("\"a \"\n + \"b\""));
        Assert.AreEqual(Count("\"a b c\""), Count("\"a \"\n + \"b \"\n + \"c\""));
        Assert.AreEqual(Count("\"a\" + b") + 2, Count("\"a\" + b + \"c\""));

        static int Count(string text) => Tokens(new("src/a/b.cs", CSharpSyntaxTree.ParseText($"class A {{ string B = {text}; }}")));
    }

    // A text is cut for the limit of columns alone: the sign between its parts, and what opens and closes the second, do not count.
    private static int Tokens(SourceFile file)
    {
        var root = file.Tree.GetRoot();
        var cuts = root.DescendantNodes().OfType<BinaryExpressionSyntax>()
            .Where(sum => sum.IsKind(SyntaxKind.AddExpression) && IsText(Last(sum.Left)) && IsText(sum.Right));
        return root.DescendantTokens().Count(token => !token.IsKind(SyntaxKind.EndOfFileToken))
            - cuts.Sum(sum => 1 + (sum.Right is InterpolatedStringExpressionSyntax
                ? Last(sum.Left) is InterpolatedStringExpressionSyntax left && EndsInText(left) ? 3 : 2
                : 1));

        static ExpressionSyntax Last(ExpressionSyntax left) => left is BinaryExpressionSyntax sum && sum.IsKind(SyntaxKind.AddExpression) ? sum.Right : left;

        static bool IsText(ExpressionSyntax text) => text is InterpolatedStringExpressionSyntax || text.IsKind(SyntaxKind.StringLiteralExpression);

        static bool EndsInText(InterpolatedStringExpressionSyntax text) => text.Contents.LastOrDefault() is InterpolatedStringTextSyntax;
    }
}
