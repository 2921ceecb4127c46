using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Recurrent.Architecture.Tests.Lifetimes;

/// <summary>
/// ONNX Runtime's binding passes the native handle of RunOptions and SessionOptions and does not keep the managed object alive: one that is created as an
/// argument can be collected, and its native memory freed, while the native call still reads it. The process then ends, rarely.
/// </summary>
[TestClass]
public sealed class RunOptionsTests
{
    [TestMethod]
    public void Options_of_ONNX_Runtime_outlive_the_calls_that_use_them()
    {
        string[] sites = [.. from file in SourceCode.Source.Concat(SourceCode.Tests)
                             from site in Sites(file.Tree.GetRoot())
                             select $"{SourceCode.Place(file, site)}: {site}"];
        Assert.IsEmpty(sites, $"Give the options a variable with 'using': as an argument they may be freed during the call.\n{string.Join('\n', sites)}");
    }

    [TestMethod]
    [DataRow("session.Run(new RunOptions(), values, names)", 1)]
    [DataRow("session.Run(new RunOptions { LogId = \"a\" }, values, names)", 1)]
    [DataRow("new InferenceSession(path, new SessionOptions())", 1)]
    [DataRow("session.Run(options, values, names)", 0)]
    public void Sites_are_found(string code, int count) => Assert.AreEqual(count, Sites(SyntaxFactory.ParseExpression(code)).Count());

    // A tuple's element is kept by its variable.
    private static IEnumerable<ObjectCreationExpressionSyntax> Sites(SyntaxNode root) =>
        root.DescendantNodesAndSelf().OfType<ObjectCreationExpressionSyntax>().Where(created => created.Parent is ArgumentSyntax { Parent: ArgumentListSyntax }
            && created.Type is IdentifierNameSyntax { Identifier.Text: "RunOptions" or "SessionOptions" });
}
