using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Recurrent.Architecture.Tests.Names;

/// <summary>Files, types and their visible members bear the field's names.</summary>
[TestClass]
public sealed class NameTests
{
    [TestMethod]
    public void No_more_old_names_are_borne()
    {
        var bearers = (from name in SourceCode.Source.SelectMany(Names)
                       from old in OldNames.All
                       where old.IsIn(name.Name, name.What)
                       group $"    {name.What} {name.Name} ({name.Place})" by old).ToArray();
        Ratchet.Check("files, types and members that bear a name which gives way", bearers.Sum(old => old.Count()), Limits.OldNames, 0, "names.txt",
            bearers.SelectMany(old => old.Prepend($"{old.Count()} of {old.Key.Pattern}, instead {old.Key.Instead}")));
    }

    [TestMethod]
    [DataRow("WeightAveraging", 1)]
    [DataRow("WeightAverage", 0)]
    [DataRow("SeriesFigures", 1)]
    [DataRow("LeastStreams", 1)]
    [DataRow("LeastSquares", 0)]
    [DataRow("AtLeastOne", 0)]
    [DataRow("MoveAheadOperation", 1)]
    [DataRow("Offset", 0)]
    [DataRow("Of", 1)]
    [DataRow("Metric", 0)]
    [DataRow("Unknown", 0)]
    [DataRow("VerifyNoLookAhead", 0)]
    [DataRow("Numbers", 0)]
    public void Old_names_are_found_by_whole_words(string identifier, int count) =>
        Assert.AreEqual(count, OldNames.All.Count(old => old.IsIn(identifier, "type")));

    [TestMethod]
    public void Tests_are_named_by_words_with_underscores()
    {
        var others = from file in SourceCode.Tests
                     from method in file.Tree.GetRoot().DescendantNodes().OfType<MethodDeclarationSyntax>()
                     where method.AttributeLists.SelectMany(list => list.Attributes)
                         .Any(attribute => attribute.Name.ToString() is "TestMethod" or "DataTestMethod")
                     let name = method.Identifier.Text
                     where !name.Contains('_') && Regex.IsMatch(name, "[a-z][A-Z]")
                     select $"{SourceCode.Place(file, method)}: {name}";
        Assert.AreEqual("", string.Join('\n', others), "A test's name is a sentence: Words_with_underscores_between_them.");
    }

    private static IEnumerable<(string What, string Name, string Place)> Names(SourceFile file)
    {
        yield return ("file", file.Name, file.Path);
        // What lies in bodies is nobody else's to name.
        foreach (var node in file.Tree.GetRoot().DescendantNodes(parent => parent is CompilationUnitSyntax or BaseNamespaceDeclarationSyntax
            or BaseTypeDeclarationSyntax or BaseFieldDeclarationSyntax or VariableDeclarationSyntax or ParameterListSyntax))
        {
            var place = SourceCode.Place(file, node);
            switch (node)
            {
                case BaseTypeDeclarationSyntax type: yield return ("type", type.Identifier.Text, place); break;
                case DelegateDeclarationSyntax type: yield return ("type", type.Identifier.Text, place); break;
                case EnumMemberDeclarationSyntax member: yield return ("member", member.Identifier.Text, place); break;
                case MethodDeclarationSyntax method when IsVisible(method): yield return ("member", method.Identifier.Text, place); break;
                case PropertyDeclarationSyntax property when IsVisible(property): yield return ("member", property.Identifier.Text, place); break;
                case EventDeclarationSyntax @event when IsVisible(@event): yield return ("member", @event.Identifier.Text, place); break;
                case VariableDeclaratorSyntax { Parent.Parent: BaseFieldDeclarationSyntax field } variable when IsVisible(field):
                    yield return ("member", variable.Identifier.Text, place);
                    break;
                // The parameters of a record are properties.
                case ParameterSyntax { Parent.Parent: RecordDeclarationSyntax } parameter: yield return ("member", parameter.Identifier.Text, place); break;
            }
        }
    }

    private static bool IsVisible(MemberDeclarationSyntax member) =>
        member.Modifiers.Any(SyntaxKind.PublicKeyword) || member.Modifiers.Any(SyntaxKind.InternalKeyword) || member.Parent is InterfaceDeclarationSyntax
        || member.Modifiers.Any(SyntaxKind.ProtectedKeyword) && !member.Modifiers.Any(SyntaxKind.PrivateKeyword);
}
