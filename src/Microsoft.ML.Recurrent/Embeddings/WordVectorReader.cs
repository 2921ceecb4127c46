using System.Globalization;
using System.IO.Compression;
using System.Text;

namespace Microsoft.ML.Recurrent.Embeddings;

/// <summary>
/// Reads word vectors line by line: a word and its numbers, separated by blanks or tabs, in UTF-8, compressed by gzip or not. A first line of two integers
/// (word2vec's and fastText's header) says how many vectors of which size follow. Words may hold blanks (GloVe's do): the last numbers are the vector.
/// </summary>
internal sealed class WordVectorReader : IDisposable
{
    private const int BufferSize = 1 << 16;

    private readonly string _path;
    private readonly StreamReader _reader;
    private readonly float[] _vector;
    private string? _line;
    private int _start;
    private long _number, _read;
    private bool _isFirst;

    /// <param name="path">The file.</param>
    /// <param name="size">Numbers per vector, if known.</param>
    /// <exception cref="FormatException">The first line holds no vector and is no header.</exception>
    public WordVectorReader(string path, int? size)
    {
        _path = path;
        _reader = new(Open(path), Encoding.UTF8, detectEncodingFromByteOrderMarks: true, BufferSize);
        try
        {
            ReadLine();
            if (Header(_line) is var (count, width)) (Count, Size) = (count, size ?? width);
            else
            {
                _isFirst = true;
                Size = size ?? Fields(_line) - 1;
            }
            if (Size < 1) throw Malformed("holds no vector: a line has a word and its numbers, separated by blanks");
            _vector = new float[Size];
        }
        catch
        {
            _reader.Dispose();
            throw;
        }
    }

    /// <summary>Numbers per vector.</summary>
    public int Size { get; }

    /// <summary>Number of vectors by the header; null without one.</summary>
    public long? Count { get; }

    /// <summary>The word of the current line.</summary>
    public ReadOnlySpan<char> Word => _line.AsSpan(0, _start);

    /// <summary>Moves to the next word.</summary>
    /// <exception cref="FormatException">The line has too few numbers, or the file ends before the number of its header.</exception>
    public bool Next()
    {
        if (!_isFirst) ReadLine();
        _isFirst = false;
        // An empty line is the end of some files.
        while (_line is { Length: 0 }) ReadLine();
        if (_line is null)
        {
            return _read >= (Count ?? 0) ? false
                : throw new FormatException($"The file '{_path}' is cut: its header says {Count} vectors, but it holds {_read}. Download it again.");
        }
        _read++;
        _start = _line.Length;
        for (var field = 0; field < Size; field++)
        {
            var end = _line.AsSpan(0, _start).LastIndexOfAny(' ', '\t');
            if (end <= 0) throw Malformed($"has {field} numbers, but vectors of this file have {Size}");
            _start = end;
        }
        return true;
    }

    /// <summary>The vector of the current line.</summary>
    /// <exception cref="FormatException">A number is none, or not finite.</exception>
    public ReadOnlySpan<float> ReadVector()
    {
        var rest = _line.AsSpan(_start + 1);
        for (var i = 0; i < Size; i++)
        {
            var end = rest.IndexOfAny(' ', '\t');
            var field = end < 0 ? rest : rest[..end];
            if (!float.TryParse(field, NumberStyles.Float, CultureInfo.InvariantCulture, out _vector[i]) || !float.IsFinite(_vector[i]))
                throw Malformed($"has '{field}' as number {i + 1}, which is no finite number");
            rest = end < 0 ? default : rest[(end + 1)..];
        }
        return _vector;
    }

    public void Dispose() => _reader.Dispose();

    private static Stream Open(string path)
    {
        var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, BufferSize, FileOptions.SequentialScan);
        var isGzip = file.ReadByte() == 0x1f && file.ReadByte() == 0x8b;
        file.Position = 0;
        return isGzip ? new GZipStream(file, CompressionMode.Decompress) : file;
    }

    private void ReadLine()
    {
        // fastText ends its lines with a blank.
        _line = _reader.ReadLine()?.TrimEnd(' ', '\t');
        _number++;
    }

    private static (long Count, int Size)? Header(string? line) => line?.Split(' ') is [var count, var size]
        && long.TryParse(count, NumberStyles.None, CultureInfo.InvariantCulture, out var vectors)
        && int.TryParse(size, NumberStyles.None, CultureInfo.InvariantCulture, out var width) ? (vectors, width) : null;

    private static int Fields(string? line) => string.IsNullOrEmpty(line) ? 0 : line.AsSpan().Count(' ') + line.AsSpan().Count('\t') + 1;

    private FormatException Malformed(string fault)
    {
        var text = _line is { Length: > 40 } ? _line[..40] + "..." : _line;
        return new FormatException($"Line {_number} of '{_path}' {fault}: \"{text}\".");
    }
}
