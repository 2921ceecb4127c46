using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Microsoft.ML.Recurrent.Architecture.Tests.Folders;

/// <summary>
/// Which folders of a project name types of which others. A name is resolved by the compiler: a type's own name, and a member's, which stands for the type that
/// declares it. <c>using</c> directives and documentation comments name nothing.
/// </summary>
internal sealed class FolderGraph
{
    private readonly ILookup<(string From, string To), FolderReference> _edges;

    private FolderGraph(string project, IEnumerable<FolderReference> references)
    {
        Project = project;
        _edges = references.ToLookup(reference => (reference.From, reference.To));
        var folders = _edges.SelectMany(edge => new[] { edge.Key.From, edge.Key.To }).Distinct().Order(StringComparer.Ordinal);
        Components = StrongComponents.Of(folders, folder => _edges.Where(edge => edge.Key.From == folder).Select(edge => edge.Key.To));
    }

    /// <summary>The project's folder.</summary>
    public string Project { get; }

    /// <summary>The edges, in order.</summary>
    public IEnumerable<(string From, string To)> Edges => _edges.Select(edge => edge.Key).Order();

    /// <summary>The sets of folders that reach each other: circles. A folder that is on none is not among them.</summary>
    public IReadOnlyList<string[]> Components { get; }

    /// <summary>The edges that lie within a circle.</summary>
    public IEnumerable<(string From, string To)> CircularEdges =>
        Edges.Where(edge => Components.Any(component => component.Contains(edge.From) && component.Contains(edge.To)));

    /// <summary>The places that make an edge.</summary>
    public IEnumerable<FolderReference> References((string From, string To) edge) => _edges[edge];

    /// <summary>Draws the graph of a project.</summary>
    public static FolderGraph Of(string project) => new(project, SourceCode.Library.Where(file => file.Project == project).SelectMany(References));

    private static IEnumerable<FolderReference> References(SourceFile file)
    {
        foreach (var (node, symbol) in SourceCode.Names(file))
        {
            if (node is not (SimpleNameSyntax or BaseObjectCreationExpressionSyntax)) continue;
            var type = (symbol as INamedTypeSymbol ?? symbol.ContainingType)?.OriginalDefinition;
            if (type is null || SourceCode.FileOf(type, file.Folder) is not { } declared) continue;
            if (declared.Project != file.Project || declared.Folder == file.Folder) continue;
            var name = type.ToDisplayString(SymbolDisplayFormat.CSharpShortErrorMessageFormat);
            yield return new(file.Folder, declared.Folder, name, symbol is INamedTypeSymbol ? null : symbol.Name, SourceCode.Place(file, node));
        }
    }
}
