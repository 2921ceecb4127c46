using System.Globalization;
using System.IO.Compression;
using System.Text;
using CsvHelper;

namespace Microsoft.ML.Recurrent.Workbench.Tables;

/// <summary>A table in a text file: comma-, tab- or otherwise separated values, in UTF-8, also compressed by gzip.</summary>
internal sealed class DelimitedSource : TableSource
{
    private const int LinesToLookAt = 200, LongestLine = 1 << 20, LongestRecord = 1 << 24, LongestQuote = 1 << 14;

    private DelimitedSource(string path, IReadOnlyList<TableColumn> columns, DelimitedForm form, string[] missing, bool isCompressed)
        : base(path, columns) => (Form, MissingValues, IsCompressed) = (form, missing, isCompressed);

    /// <summary>How the file is written.</summary>
    public DelimitedForm Form { get; }

    /// <summary>Texts that stand for a missing value, beside the empty one.</summary>
    public string[] MissingValues { get; }

    /// <summary>Whether the file is compressed by gzip.</summary>
    public bool IsCompressed { get; }

    public override bool IsHeaderDoubtful => Form.IsHeaderDoubtful;

    public static DelimitedSource OpenText(string path, TableOptions options)
    {
        var isCompressed = BeginsLikeGzip(path);
        var lines = FirstLines(path, isCompressed);
        if (lines.Count == 0) throw new InvalidDataException($"'{path}' is empty.");
        var form = DelimitedForm.Detect(lines, options);
        // The reader's own first row: a name may hold the separator or an end of line.
        using var reader = OpenReader(path, isCompressed, form with { HasHeader = false });
        if (!reader.Read()) throw new InvalidDataException($"'{path}' is empty.");
        string[] names = [.. Enumerable.Range(0, reader.FieldCount).Select(i => form.HasHeader && reader.GetString(i).Trim() is { Length: > 0 } name
            ? name : string.Create(CultureInfo.InvariantCulture, $"col{i}"))];
        if (names.GroupBy(static name => name, StringComparer.Ordinal).FirstOrDefault(static group => group.Count() > 1) is { } twice)
            throw new InvalidDataException(
                $"'{path}' has {twice.Count()} columns with the name '{twice.Key}': give each its own, or say that the file has no header.");
        return new(path, [.. names.Select(static name => new TableColumn(name))], form, [.. options.MissingValues], isCompressed);
    }

    internal override TableRows OpenRows() => new DelimitedRows(Path, OpenReader(Path, IsCompressed, Form), Columns.Count, Form.DecimalMarker,
        MissingValues);

    private static CsvReader OpenReader(string path, bool isCompressed, DelimitedForm form) =>
        CsvReader.Create(OpenStream(path, isCompressed), new CsvReaderOptions
        {
            Separator = form.Separator,
            HasHeader = form.HasHeader,
            Mode = form.AllowQuoting ? CsvMode.Rfc4180 : CsvMode.NoEscape,
            FieldCountMismatch = CsvFieldCountHandling.Throw,
            MalformedData = CsvMalformedDataHandling.Throw,
            MaxRecordSize = LongestRecord,
            TrackLineNumbers = true,
            SkipEmptyLines = true,
        }, leaveOpen: false);

    private static Stream OpenStream(string path, bool isCompressed)
    {
        var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 16, FileOptions.SequentialScan);
        return isCompressed ? new GZipStream(file, CompressionMode.Decompress) : file;
    }

    private static bool BeginsLikeGzip(string path)
    {
        Span<byte> start = stackalloc byte[2];
        using var file = File.OpenRead(path);
        return file.ReadAtLeast(start, start.Length, throwOnEndOfStream: false) == start.Length && start is [0x1F, 0x8B];
    }

    private static List<string> FirstLines(string path, bool isCompressed)
    {
        try
        {
            using var reader = new StreamReader(OpenStream(path, isCompressed), new UTF8Encoding(false, throwOnInvalidBytes: true));
            var lines = new List<string>();
            var open = "";
            while (lines.Count < LinesToLookAt && reader.ReadLine() is { } part)
            {
                var line = open + part;
                // The line goes on within quotes, if they end soon.
                open = line.Length <= LongestQuote && int.IsOddInteger(line.AsSpan().Count('"')) && !reader.EndOfStream ? line + '\n' : "";
                if (open.Length > 0) continue;
                if (line.Contains('\0')) throw new InvalidDataException($"'{path}' is no text file: it holds a zero byte.");
                if (line.Length > LongestLine) throw new InvalidDataException($"'{path}' has a line of more than {LongestLine} characters: is it a table?");
                if (line.Length > 0) lines.Add(line);
            }
            return lines;
        }
        catch (DecoderFallbackException error)
        {
            throw new InvalidDataException($"'{path}' is no text in UTF-8: save it in that encoding. {error.Message}", error);
        }
        catch (InvalidDataException error) when (isCompressed && !error.Message.StartsWith('\''))
        {
            throw new InvalidDataException($"'{path}' is a broken file of gzip: {error.Message}", error);
        }
    }
}
