using Microsoft.CodeAnalysis;

namespace Microsoft.ML.Recurrent.Architecture.Tests.Concepts;

/// <summary>Something that should be told apart in one place: the types whose values say which one it is.</summary>
/// <param name="Types">Their names: enumerations, or classes of which each kind is a subclass.</param>
/// <param name="IsOwn">Whether a file is one of the concept's own, where its kinds may be told apart.</param>
internal sealed record Concept(string[] Types, Func<SourceFile, bool> IsOwn)
{
    /// <summary>How the names of the files of a single cell begin.</summary>
    private static readonly string[] s_cells = ["Lstm", "Gru", "SimpleRnn", "MinimalGated", "RecurrentCell"];

    private readonly Lazy<HashSet<INamedTypeSymbol>> _symbols = new(() => new(
        Types.SelectMany(name => SourceCode.Compilation.GetSymbolsWithName(name, SymbolFilter.Type)).OfType<INamedTypeSymbol>(),
        SymbolEqualityComparer.Default));

    /// <summary>A likelihood of forecasts.</summary>
    public static Concept Likelihood { get; } = new(["ForecastLikelihood", "Likelihood"], file => file.Folders.Contains("Likelihoods"));

    /// <summary>A task's kind.</summary>
    public static Concept Task { get; } = new(["ModelTask"], _ => false);

    /// <summary>A recurrent cell's kind.</summary>
    public static Concept Cell { get; } = new(["RecurrentCell", "CellDescriptor", "OnnxCell"],
        file => file.Folders.Contains("Cells") || s_cells.Any(name => file.Name.StartsWith(name, StringComparison.Ordinal)));

    /// <summary>The types that were found.</summary>
    public IReadOnlySet<INamedTypeSymbol> Symbols => _symbols.Value;

    /// <summary>Whether values of a type say which kind it is.</summary>
    public bool Holds(ITypeSymbol? type) => type switch
    {
        INamedTypeSymbol { OriginalDefinition.SpecialType: SpecialType.System_Nullable_T } nullable => Holds(nullable.TypeArguments[0]),
        INamedTypeSymbol { IsTupleType: true } tuple => tuple.TupleElements.Any(element => Holds(element.Type)),
        INamedTypeSymbol named => Symbols.Contains(named.OriginalDefinition),
        _ => false,
    };

    /// <summary>Whether a type is one kind of it, as a subclass.</summary>
    public bool IsKind(ITypeSymbol? type)
    {
        for (var parent = type?.BaseType; parent is not null; parent = parent.BaseType)
            if (Symbols.Contains(parent.OriginalDefinition) && parent.TypeKind is TypeKind.Class) return true;
        return false;
    }
}
