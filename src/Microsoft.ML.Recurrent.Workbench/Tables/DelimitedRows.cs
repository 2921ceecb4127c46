using CsvHelper;

namespace Microsoft.ML.Recurrent.Workbench.Tables;

/// <summary>The rows of a text file.</summary>
internal sealed class DelimitedRows(string path, CsvReader reader, int columns, char decimalMarker, IReadOnlyList<string> missing) : TableRows
{
    private readonly char[][] _texts = [.. Enumerable.Range(0, columns).Select(static _ => new char[32])];
    private readonly int[] _lengths = new int[columns];

    public override long Line => reader.LineNumber;

    public override bool Read()
    {
        Array.Fill(_lengths, -1);
        try
        {
            return reader.Read();
        }
        catch (CsvFormatException error)
        {
            throw new InvalidDataException(
                $"'{path}', line {error.LineNumber}: {error.Message} If quotes are part of the texts, say that quoting is not allowed.", error);
        }
        catch (InvalidDataException error)
        {
            throw new InvalidDataException($"'{path}', after line {reader.LineNumber}: {error.Message}", error);
        }
    }

    public override bool IsMissing(int column)
    {
        var text = Text(column);
        if (text.IsEmpty) return true;
        foreach (var other in missing)
            if (text.SequenceEqual(other)) return true;
        return false;
    }

    public override ReadOnlySpan<char> Text(int column)
    {
        if (_lengths[column] < 0)
        {
            var bytes = reader.GetSpan(column).Length;
            if (bytes > _texts[column].Length) _texts[column] = new char[2 * bytes];
            _lengths[column] = reader.GetChars(column, _texts[column]);
        }
        return _texts[column].AsSpan(0, _lengths[column]).Trim();
    }

    public override bool TryGetNumber(int column, out double number) => DelimitedForm.IsNumber(Text(column), decimalMarker, out number);

    public override void Dispose() => reader.Dispose();
}
