namespace Microsoft.ML.Recurrent.Architecture.Tests.Folders;

/// <summary>A place where a file of one folder names a type of another, or a member of it.</summary>
/// <param name="From">The folder of the file.</param>
/// <param name="To">The folder of the type.</param>
/// <param name="Type">The type, outer types first.</param>
/// <param name="Member">The member that is named; null where the type itself is.</param>
/// <param name="Place">File and line.</param>
internal sealed record FolderReference(string From, string To, string Type, string? Member, string Place);
