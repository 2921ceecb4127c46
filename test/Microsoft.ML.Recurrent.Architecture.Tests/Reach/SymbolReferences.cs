using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Microsoft.ML.Recurrent.Architecture.Tests.Reach;

/// <summary>Which symbols of the library each of its types and members names.</summary>
internal static class SymbolReferences
{
    /// <summary>The references of all files by the symbol whose declaration holds them; those of assembly attributes apart.</summary>
    /// <remarks>What initializes fields and properties runs when an object is made, or the first member is touched: it counts as the type's.</remarks>
    public static (Dictionary<ISymbol, HashSet<ISymbol>> ByDeclaration, HashSet<ISymbol> OfAssembly) Read()
    {
        var ofAssembly = new HashSet<ISymbol>(SymbolEqualityComparer.Default);
        var all = new Dictionary<ISymbol, HashSet<ISymbol>>(SymbolEqualityComparer.Default);
        foreach (var file in SourceCode.Library)
        {
            var model = SourceCode.Model(file);
            Dictionary<SyntaxNode, ISymbol> declared = [];
            foreach (var (node, named) in SourceCode.Names(file))
            {
                var symbol = Whole(named);
                if (SourceCode.FileOf(symbol) is null && !symbol.IsImplicitlyDeclared) continue;
                if (Declaration(node) is not { } declaration) ofAssembly.Add(symbol);
                else
                {
                    if (!declared.TryGetValue(declaration, out var owner)) declared.Add(declaration, owner = Whole(model.GetDeclaredSymbol(declaration)!));
                    if (!all.TryGetValue(owner, out var references)) all.Add(owner, references = new(SymbolEqualityComparer.Default));
                    references.Add(symbol);
                }
            }
        }
        return (all, ofAssembly);
    }

    /// <summary>What is declared in the source: the generic definition, the extension method itself, the property of an accessor.</summary>
    public static ISymbol Whole(ISymbol symbol) => symbol switch
    {
        IMethodSymbol { ReducedFrom: { } extension } => Whole(extension),
        IMethodSymbol { AssociatedSymbol: { } property } => Whole(property),
        IMethodSymbol { PartialDefinitionPart: { } definition } => Whole(definition),
        _ => symbol.OriginalDefinition,
    };

    // The member, or the type, that a place belongs to; null outside of types.
    private static SyntaxNode? Declaration(SyntaxNode node)
    {
        var initializes = false;
        for (var place = node; place is not null; place = place.Parent)
        {
            if (place is EqualsValueClauseSyntax { Parent: PropertyDeclarationSyntax }) initializes = true;
            else if (place is BaseTypeDeclarationSyntax or DelegateDeclarationSyntax or BaseMethodDeclarationSyntax) return place;
            else if (place is BasePropertyDeclarationSyntax && !initializes) return place;
        }
        return null;
    }
}
