namespace Microsoft.ML.Recurrent.Architecture.Tests.Folders;

/// <summary>
/// The references between folders that lie on a circle and are still allowed. A reference that is not here and closes a circle fails the test; one that is gone
/// is taken out here.
/// </summary>
internal static class KnownCircles
{
    /// <summary>Of Core: none.</summary>
    public static readonly string[] Core = [];

    /// <summary>Of the main assembly. Target: none but those of the circles that docs/architecture.md names.</summary>
    public static readonly string[] Main = [];
}
