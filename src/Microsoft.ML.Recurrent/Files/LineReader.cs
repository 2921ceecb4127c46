using System.Globalization;

namespace Microsoft.ML.Recurrent.Files;

/// <summary>Reads the lines of a file; its errors name file and line.</summary>
internal sealed class LineReader : IDisposable
{
    private readonly StreamReader _reader;

    /// <exception cref="FileNotFoundException">The file does not exist.</exception>
    public LineReader(string path)
    {
        Path = Existing(path);
        _reader = new(path);
    }

    public string Path { get; }

    /// <summary>The number of the last line read, from 1.</summary>
    public long Number { get; private set; }

    /// <summary>The path of a file that exists.</summary>
    public static string Existing(string path)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        return File.Exists(path) ? path : throw new FileNotFoundException($"The file '{path}' does not exist.", path);
    }

    /// <summary>The next line; null at the end.</summary>
    public string? Read()
    {
        var line = _reader.ReadLine();
        if (line is not null) Number++;
        return line;
    }

    /// <summary>The next line that is neither empty nor a comment; null at the end.</summary>
    public string? ReadContent(char comment)
    {
        while (Read() is { } line)
        {
            var text = line.Trim();
            if (text.Length > 0 && text[0] != comment) return text;
        }
        return null;
    }

    /// <summary>A number; NaN for a missing one (<c>?</c>, <c>NaN</c> or nothing).</summary>
    public float Number32(ReadOnlySpan<char> text)
    {
        text = text.Trim();
        if (text is "?" or "" || text.Equals("nan", StringComparison.OrdinalIgnoreCase)) return float.NaN;
        return float.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) ? value : throw Error($"'{text}' is no number");
    }

    /// <summary>Numbers between separators.</summary>
    public float[] Numbers(ReadOnlySpan<char> text, char separator)
    {
        var values = new float[text.Count(separator) + 1];
        var count = 0;
        foreach (var part in text.Split(separator)) values[count++] = Number32(text[part]);
        return values;
    }

    /// <summary>An error of the last line.</summary>
    public FormatException Error(string fault) => new($"Line {Number} of '{Path}': {fault}.");

    public void Dispose() => _reader.Dispose();
}
