namespace Microsoft.ML.Recurrent.Tool.Commands;

/// <summary>A file that is read, or standard input in a temporary file: tables are read more than once.</summary>
internal sealed class StandardInput : IDisposable
{
    /// <summary>The name by which commands mean standard input and output.</summary>
    public const string Name = "-";

    private readonly bool _isTemporary;

    private StandardInput(string path, bool isTemporary) => (Path, _isTemporary) = (path, isTemporary);

    /// <summary>The file.</summary>
    public string Path { get; }

    /// <summary>Opens a file, or standard input by <see cref="Name"/>.</summary>
    public static StandardInput Open(string path)
    {
        if (path != Name) return new(path, isTemporary: false);
        if (!Console.IsInputRedirected) throw new DoubtException("Standard input is a terminal: name a file by --dataset, or send rows to the command.");
        var temporary = System.IO.Path.GetTempFileName();
        using var input = Console.OpenStandardInput();
        using var file = File.Create(temporary);
        input.CopyTo(file);
        return new(temporary, isTemporary: true);
    }

    public void Dispose()
    {
        if (_isTemporary) File.Delete(Path);
    }
}
