using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Microsoft.ML.Recurrent.Architecture.Tests.Reach;

/// <summary>A type or a member that the product does not reach.</summary>
/// <param name="Name">Its name with its namespace, a method's with the types of its parameters.</param>
/// <param name="Place">Its first file and line.</param>
/// <param name="Lines">The lines of its declaration, without documentation.</param>
internal sealed record UnreachedCode(string Name, string Place, int Lines)
{
    private static readonly SymbolDisplayFormat s_format = SymbolDisplayFormat.CSharpErrorMessageFormat;

    /// <summary>All of it, in the order of files; of a type that is not reached no member is listed by itself.</summary>
    public static UnreachedCode[] Find(Reachability reach) =>
        [.. Reachability.Types(SourceCode.Compilation.Assembly.GlobalNamespace).SelectMany(type => Of(type, reach))
            .OrderBy(code => code.Place, StringComparer.Ordinal).ThenBy(code => code.Name, StringComparer.Ordinal)];

    private static IEnumerable<UnreachedCode> Of(INamedTypeSymbol type, Reachability reach)
    {
        if (SourceCode.FileOf(type) is null || type.ContainingType is { } outer && !reach.Reaches(outer)) return [];
        return reach.Reaches(type) ? type.GetMembers().Where(member => IsCode(member) && !reach.Reaches(member)).Select(Create) : [Create(type)];
    }

    // Members with a text of their own; an empty private constructor is there that nobody makes an object.
    private static bool IsCode(ISymbol member) => !member.IsImplicitlyDeclared && SourceCode.FileOf(member) is not null && member switch
    {
        // The elements of an inline array are reached by index.
        IFieldSymbol when member.ContainingType.GetAttributes().Any(attribute => attribute.AttributeClass?.Name == "InlineArrayAttribute") => false,
        IMethodSymbol { AssociatedSymbol: not null } or INamedTypeSymbol or IFieldSymbol { ContainingType.TypeKind: TypeKind.Enum } => false,
        IMethodSymbol { MethodKind: MethodKind.Constructor, Parameters.IsEmpty: true, DeclaredAccessibility: Accessibility.Private } => false,
        _ => member.DeclaringSyntaxReferences.All(reference => reference.GetSyntax() is not (ParameterSyntax or TypeDeclarationSyntax)),
    };

    private static UnreachedCode Create(ISymbol symbol)
    {
        var nodes = symbol.DeclaringSyntaxReferences.Select(reference => reference.GetSyntax())
            .Select(node => node is VariableDeclaratorSyntax { Parent.Parent: { } field } ? field : node).ToArray();
        var first = SourceCode.FileOf(symbol)!;
        return new(symbol.ToDisplayString(s_format), SourceCode.Place(first, nodes.First(node => node.SyntaxTree == first.Tree)), nodes.Sum(Lines));

        static int Lines(SyntaxNode node)
        {
            var span = node.SyntaxTree.GetLineSpan(node.Span);
            return span.EndLinePosition.Line - span.StartLinePosition.Line + 1;
        }
    }
}
