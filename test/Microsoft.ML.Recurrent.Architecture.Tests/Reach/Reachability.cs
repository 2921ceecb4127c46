using Microsoft.CodeAnalysis;

namespace Microsoft.ML.Recurrent.Architecture.Tests.Reach;

/// <summary>
/// What of Core and the main assembly the product itself can reach, by the names in its source: from the public members, from what the programs on top name,
/// from what ML.NET's catalogue creates, and from what the runtime calls first. It errs toward reached: a method that is named may be called, a type that is
/// named may be used by what the language does by itself (operators, <c>foreach</c>, <c>using</c>), and an override or an implementation is reached where its
/// base is and its type. So what is left can be run by tests alone, or by nobody.
/// </summary>
/// <remarks>
/// It does not hold the other way round: a branch that no options lead to counts as reached, and so does an override whose base is called for other subclasses.
/// </remarks>
internal sealed class Reachability
{
    // What the compiler calls without a name in the source.
    private static readonly HashSet<string> s_byLanguage =
    [
        "GetEnumerator", "GetAsyncEnumerator", "MoveNext", "Current", "Dispose", "DisposeAsync", "Deconstruct", "Add", "GetAwaiter", "Slice", "Length", "Count",
        "GetPinnableReference", "AppendLiteral", "AppendFormatted",
    ];

    private readonly Dictionary<ISymbol, HashSet<ISymbol>> _references;
    private readonly HashSet<ISymbol> _reached = new(SymbolEqualityComparer.Default);
    private readonly Dictionary<ISymbol, List<ISymbol>> _waiting = new(SymbolEqualityComparer.Default);
    private readonly Stack<ISymbol> _work = [];

    private Reachability(Dictionary<ISymbol, HashSet<ISymbol>> references) => _references = references;

    /// <summary>Finds all that is reached.</summary>
    public static Reachability Compute()
    {
        var (references, ofAssembly) = SymbolReferences.Read();
        var reach = new Reachability(references);
        foreach (var type in Types(SourceCode.Compilation.Assembly.GlobalNamespace).Where(IsPublic))
        {
            reach.Reach(type);
            foreach (var member in type.GetMembers().Where(IsVisible)) reach.Reach(member);
        }
        // The runtime calls these before anything else.
        foreach (var method in Types(SourceCode.Compilation.Assembly.GlobalNamespace).SelectMany(type => type.GetMembers().OfType<IMethodSymbol>()))
            if (method.GetAttributes().Any(attribute => attribute.AttributeClass?.Name == "ModuleInitializerAttribute")) reach.Reach(method);
        foreach (var symbol in ofAssembly)
        {
            reach.Reach(symbol);
            // ML.NET's catalogue makes what an assembly lists by a constructor or a static method, whatever their access.
            if (symbol is not INamedTypeSymbol listed) continue;
            foreach (var method in listed.GetMembers().OfType<IMethodSymbol>())
                if (method.Parameters.Any(parameter => parameter.Type.Name == "ModelLoadContext")) reach.Reach(method);
        }
        foreach (var (typeName, memberName) in ProgramReferences.Read())
        {
            if (SourceCode.Compilation.Assembly.GetTypeByMetadataName(typeName) is not { } type) continue;
            reach.Reach(type);
            foreach (var member in type.GetMembers().Where(member => member.MetadataName == memberName)) reach.Reach(member);
        }
        reach.Run();
        return reach;
    }

    /// <summary>Whether the product reaches a type or a member.</summary>
    public bool Reaches(ISymbol symbol) => _reached.Contains(symbol);

    /// <summary>The named types of a namespace, nested ones too.</summary>
    public static IEnumerable<INamedTypeSymbol> Types(INamespaceOrTypeSymbol parent) =>
        parent.GetMembers().OfType<INamespaceOrTypeSymbol>().SelectMany(member => member is INamedTypeSymbol type ? Types(type).Prepend(type) : Types(member));

    private static bool IsPublic(INamedTypeSymbol type) => IsVisible(type) && (type.ContainingType is null || IsPublic(type.ContainingType));

    private static bool IsVisible(ISymbol symbol) =>
        symbol.DeclaredAccessibility is Accessibility.Public or Accessibility.Protected or Accessibility.ProtectedOrInternal;

    private void Reach(ISymbol symbol)
    {
        symbol = SymbolReferences.Whole(symbol);
        if (SymbolEqualityComparer.Default.Equals(symbol.ContainingAssembly, SourceCode.Compilation.Assembly) && _reached.Add(symbol)) _work.Push(symbol);
    }

    private void Run()
    {
        while (_work.TryPop(out var symbol))
        {
            if (_references.TryGetValue(symbol, out var references))
                foreach (var reference in references) Reach(reference);
            if (_waiting.Remove(symbol, out var waiting))
                foreach (var other in waiting) Reach(other);
            if (symbol is INamedTypeSymbol type) RunType(type);
            else
            {
                if (symbol.ContainingType is { } owner) Reach(owner);
                if (Base(symbol) is { } overridden) Reach(overridden);
            }
        }
    }

    private void RunType(INamedTypeSymbol type)
    {
        if (type.ContainingType is { } outer) Reach(outer);
        if (type.BaseType is { } parent)
        {
            Reach(parent);
            foreach (var constructor in parent.OriginalDefinition.InstanceConstructors.Where(constructor => constructor.Parameters.IsEmpty)) Reach(constructor);
        }
        foreach (var member in type.GetMembers())
        {
            var kind = (member as IMethodSymbol)?.MethodKind;
            if (kind is MethodKind.StaticConstructor or MethodKind.Destructor or MethodKind.UserDefinedOperator or MethodKind.Conversion) Reach(member);
            if (s_byLanguage.Contains(member.Name)) Reach(member);
            for (var overridden = Base(member); overridden is not null; overridden = Base(overridden)) ReachWith(overridden, member);
        }
        foreach (var contract in type.AllInterfaces)
        {
            Reach(contract);
            foreach (var member in contract.GetMembers())
                if (type.FindImplementationForInterfaceMember(member) is { } implementation) ReachWith(member, implementation);
        }
    }

    // A member is reached as soon as the one that it overrides or implements; what is declared elsewhere is reached from there.
    private void ReachWith(ISymbol basis, ISymbol member)
    {
        basis = SymbolReferences.Whole(basis);
        if (!SymbolEqualityComparer.Default.Equals(basis.ContainingAssembly, SourceCode.Compilation.Assembly) || _reached.Contains(basis)) Reach(member);
        else if (_waiting.TryGetValue(basis, out var waiting)) waiting.Add(member);
        else _waiting.Add(basis, [member]);
    }

    private static ISymbol? Base(ISymbol member) => member switch
    {
        IMethodSymbol method => method.OverriddenMethod,
        IPropertySymbol property => property.OverriddenProperty,
        IEventSymbol @event => @event.OverriddenEvent,
        _ => null,
    };
}
