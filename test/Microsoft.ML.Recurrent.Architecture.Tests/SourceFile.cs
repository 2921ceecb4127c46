using Microsoft.CodeAnalysis;

namespace Microsoft.ML.Recurrent.Architecture.Tests;

/// <summary>A C# file of the repository.</summary>
/// <param name="Path">Its path from the repository's root, with slashes.</param>
/// <param name="Tree">The parsed text.</param>
internal sealed record SourceFile(string Path, SyntaxTree Tree)
{
    private readonly string[] _parts = Path.Split('/');

    /// <summary>The project's folder: <c>Microsoft.ML.Recurrent.Core</c>, for instance.</summary>
    public string Project => _parts[1];

    /// <summary>The folder right below the project's, <c>(root)</c> for files that lie beside the project file.</summary>
    public string Folder => _parts.Length > 3 ? _parts[2] : "(root)";

    /// <summary>The folders between the project's and the file.</summary>
    public IEnumerable<string> Folders => _parts[2..^1];

    /// <summary>The file's name up to the first dot: of <c>Options.Rows.cs</c> it is <c>Options</c>.</summary>
    public string Name => _parts[^1].Split('.')[0];
}
