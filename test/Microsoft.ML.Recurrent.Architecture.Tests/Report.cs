namespace Microsoft.ML.Recurrent.Architecture.Tests;

/// <summary>What the tests found, written to artifacts/architecture for whoever works on it.</summary>
internal static class Report
{
    /// <summary>Writes a file of artifacts/architecture and returns its path from the repository's root.</summary>
    public static string Write(string name, IEnumerable<string> lines)
    {
        var folder = Path.Combine(SharedFolder.Repository, "artifacts", "architecture");
        Directory.CreateDirectory(folder);
        File.WriteAllLines(Path.Combine(folder, name), lines);
        return $"artifacts/architecture/{name}";
    }
}
