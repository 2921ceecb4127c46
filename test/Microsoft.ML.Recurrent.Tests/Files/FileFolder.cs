namespace Microsoft.ML.Recurrent.Tests.Files;

/// <summary>A folder of files that a test writes.</summary>
internal sealed class FileFolder : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("recurrent-files-");

    public string FullName => _folder.FullName;

    public string Write(string name, string text)
    {
        var path = Path.Combine(_folder.FullName, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
        return path;
    }

    public void Dispose() => _folder.Delete(recursive: true);
}
