namespace Microsoft.ML.Recurrent.Tool.Tests;

/// <summary>A file in the folder of temporary files, until it is disposed of.</summary>
internal sealed class TemporaryFile : IDisposable
{
    public TemporaryFile(IEnumerable<string> lines) => File.WriteAllLines(Path, lines);

    public string Path { get; } = System.IO.Path.Combine(System.IO.Path.GetTempPath(), $"recurrent-tool-{Guid.NewGuid():N}.csv");

    public void Dispose() => File.Delete(Path);
}
