using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Recurrent.Architecture.Tests.Concepts;

/// <summary>A place of the source that tells kinds of a <see cref="Concept"/> apart, or names one.</summary>
/// <param name="Place">File and line.</param>
/// <param name="Text">What is written there, on one line.</param>
internal sealed record ConceptSite(string Place, string Text);

/// <summary>Finds the places that name the kinds of a <see cref="Concept"/>, or choose by them.</summary>
internal static class ConceptSites
{
    /// <summary>The places outside the concept's own files that name a kind: a member of an enumeration, or a subclass.</summary>
    public static ConceptSite[] Names(Concept concept) => Find(concept, concept.IsOwn, names => names);

    /// <summary>
    /// The places outside the concept's own files that choose by the kind: each kind that is named in an arm or a case of a <c>switch</c>, in a pattern, behind
    /// <c>is</c> or beside <c>==</c> and <c>!=</c>, and each comparison of two values that say it.
    /// </summary>
    public static ConceptSite[] Choices(Concept concept) => Find(concept, concept.IsOwn, names => names.Where(IsChoice), (model, node) =>
        IsComparison(node) && (BinaryExpressionSyntax)node is var comparison && concept.Holds(model.GetTypeInfo(comparison.Left).Type)
        && !model.GetConstantValue(comparison.Left).HasValue && !model.GetConstantValue(comparison.Right).HasValue);

    /// <summary>The switches by the kind, wherever they stand, that have an arm for all others: a kind that is added goes there in silence.</summary>
    public static ConceptSite[] OpenSwitches(Concept concept) => Find(concept, _ => false,
        names => names.Where(IsChoice).Select(name => name.FirstAncestorOrSelf<SyntaxNode>(node => node is SwitchExpressionSyntax or SwitchStatementSyntax))
            .OfType<SyntaxNode>().Distinct().Where(IsOpen));

    private static bool IsOpen(SyntaxNode node) => node switch
    {
        SwitchExpressionSyntax expression => expression.Arms.Any(arm => arm is { Pattern: DiscardPatternSyntax or VarPatternSyntax, WhenClause: null }),
        SwitchStatementSyntax statement => statement.Sections.SelectMany(section => section.Labels).Any(label => label is DefaultSwitchLabelSyntax),
        _ => false,
    };

    private static bool IsChoice(SyntaxNode name) => Outermost(name).Parent is PatternSyntax or CaseSwitchLabelSyntax
        or BinaryExpressionSyntax { RawKind: (int)SyntaxKind.IsExpression } || IsComparison(Outermost(name).Parent);

    private static bool IsComparison(SyntaxNode? node) => node.IsKind(SyntaxKind.EqualsExpression) || node.IsKind(SyntaxKind.NotEqualsExpression);

    // The whole of Namespace.Type.Name, of which the last name says the kind.
    private static SyntaxNode Outermost(SyntaxNode name)
    {
        while (name.Parent is MemberAccessExpressionSyntax or QualifiedNameSyntax or ParenthesizedExpressionSyntax && name == name.Parent.ChildNodes().Last())
            name = name.Parent;
        return name;
    }

    private static ConceptSite[] Find(
        Concept concept, Func<SourceFile, bool> skip, Func<IEnumerable<SyntaxNode>, IEnumerable<SyntaxNode>> choose,
        Func<SemanticModel, SyntaxNode, bool>? isSite = null)
    {
        Assert.IsNotEmpty(concept.Symbols, $"No type is named {string.Join(" or ", concept.Types)}: write the names that the concept has now in Concept.cs.");
        List<ConceptSite> sites = [];
        foreach (var file in SourceCode.Library.Where(file => !skip(file)))
        {
            var nodes = choose(SourceCode.Names(file).Where(name => name.Node is SimpleNameSyntax && IsKind(concept, name.Symbol)).Select(name => name.Node));
            if (isSite is not null) nodes = nodes.Concat(file.Tree.GetRoot().DescendantNodes().Where(node => isSite(SourceCode.Model(file), node)));
            sites.AddRange(nodes.OrderBy(node => node.SpanStart).Select(node => new ConceptSite(SourceCode.Place(file, node), OneLine(node))));
        }
        return [.. sites];
    }

    private static bool IsKind(Concept concept, ISymbol symbol) => symbol switch
    {
        IFieldSymbol { ContainingType.TypeKind: TypeKind.Enum } field => concept.Holds(field.ContainingType),
        INamedTypeSymbol type => concept.IsKind(type),
        _ => false,
    };

    private static string OneLine(SyntaxNode node)
    {
        var shown = node is SimpleNameSyntax ? Outermost(node).Parent! : node;
        var text = string.Join(' ', shown.ToString().Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        return text.Length <= 120 ? text : $"{text[..117]}...";
    }
}
