using System.Buffers;
using System.Globalization;

namespace Microsoft.ML.Recurrent.Workbench.Tables;

/// <summary>How a text file of separated values is written.</summary>
/// <param name="Separator">The separator of columns; <see cref="None"/> in a file of one column.</param>
/// <param name="HasHeader">Whether the first line has the names of the columns.</param>
/// <param name="DecimalMarker">A point or a comma.</param>
/// <param name="AllowQuoting">Whether quotes around a cell are no part of it.</param>
internal sealed record DelimitedForm(char Separator, bool HasHeader, char DecimalMarker, bool AllowQuoting)
{
    /// <summary>Whether the first line is taken for names for want of a better reason: all cells of the table are texts.</summary>
    public bool IsHeaderDoubtful { get; init; }

    /// <summary>A character that texts do not hold: the separator of a file of one column.</summary>
    public const char None = '\u001F';

    private const int MostLines = 200;

    // A comma is last but for the bar: it may be a decimal marker or part of a sentence.
    private static readonly char[] Separators = ['\t', ';', ',', '|'];

    /// <summary>Finds what the options leave open from the first lines of a file.</summary>
    public static DelimitedForm Detect(IReadOnlyList<string> lines, TableOptions options)
    {
        var separator = options.Separator ?? FindSeparator(lines);
        string[][] rows = [.. lines.Take(MostLines).Select(line => Split(line, separator))];
        var marker = options.DecimalMarker ?? (separator != ',' && HasDecimalCommas(rows) ? ',' : '.');
        return new(separator, options.HasHeader ?? HasNames(rows, marker), marker, options.AllowQuoting ?? AllowsQuotes(lines, separator))
        {
            IsHeaderDoubtful = options.HasHeader is null && rows.All(row => row.All(cell => !IsNumber(cell, marker, out _))),
        };
    }

    /// <summary>The cells of a line, for looking only: a quoted cell may hold the separator.</summary>
    public static string[] Split(string line, char separator)
    {
        var cells = new List<string>();
        var (start, quoted) = (0, false);
        for (var i = 0; i <= line.Length; i++)
        {
            if (i < line.Length && line[i] == '"') quoted = !quoted;
            if (i < line.Length && (quoted || line[i] != separator)) continue;
            cells.Add(line[start..i].Trim().Trim('"'));
            start = i + 1;
        }
        return [.. cells];
    }

    /// <summary>Whether a cell is a number, by a decimal marker; thousands are not separated.</summary>
    public static bool IsNumber(ReadOnlySpan<char> text, char decimalMarker, out double number)
    {
        const NumberStyles Style = NumberStyles.Float;
        if (decimalMarker == '.') return double.TryParse(text, Style, CultureInfo.InvariantCulture, out number);
        number = 0;
        if (text.Contains('.')) return false;
        var buffer = ArrayPool<char>.Shared.Rent(text.Length);
        text.Replace(buffer, ',', '.');
        var isNumber = double.TryParse(buffer.AsSpan(0, text.Length), Style, CultureInfo.InvariantCulture, out number);
        ArrayPool<char>.Shared.Return(buffer);
        return isNumber;
    }

    private static char FindSeparator(IReadOnlyList<string> lines)
    {
        (char Separator, double Share)[] shares = [.. Separators.Select(candidate => (candidate, Share(lines, candidate)))];
        // The first that nearly all lines have, else the one that most have.
        return shares.Where(static one => one.Share >= 0.9).Concat(shares.Where(static one => one.Share >= 0.5).OrderByDescending(static one => one.Share))
            .Select(static one => one.Separator).FirstOrDefault(None);
    }

    /// <summary>
    /// The share of lines with as many cells as the first; 0 if that has one. A separator is in every line equally often, but for broken lines, which are told
    /// when they are read.
    /// </summary>
    private static double Share(IReadOnlyList<string> lines, char separator)
    {
        if (lines.Count == 0 || Split(lines[0], separator).Length is not (> 1 and var columns)) return 0;
        return (double)lines.Take(MostLines).Count(line => Split(line, separator).Length == columns) / Math.Min(lines.Count, MostLines);
    }

    // In texts between tabs, and in lines of one text each, a quote is a quote; a table whose writer quotes cells quotes them whole.
    private static bool AllowsQuotes(IReadOnlyList<string> lines, char separator)
    {
        if (separator is not ('\t' or None)) return true;
        string[] quoted = [.. lines.Where(static line => line.Contains('"'))];
        return quoted.Length > 0 && quoted.All(line => QuotesWholeCells(line.Replace("\"\"", "", StringComparison.Ordinal), separator));
    }

    private static bool QuotesWholeCells(ReadOnlySpan<char> line, char separator)
    {
        while (line.IndexOf('"') is >= 0 and var open)
        {
            var close = line[(open + 1)..].IndexOf('"') + open + 1;
            if ((open > 0 && line[open - 1] != separator) || close == open || (close + 1 < line.Length && line[close + 1] != separator)) return false;
            line = line[(close + 1)..];
        }
        return true;
    }

    private static bool HasDecimalCommas(string[][] rows)
    {
        var (commas, points) = (0, 0);
        foreach (var cell in rows.SelectMany(static row => row))
        {
            if (cell.Length == 0 || !cell.All(static letter => char.IsAsciiDigit(letter) || letter is ',' or '.' or '-' or '+' or 'e' or 'E')) continue;
            if (cell.Count(static letter => letter == ',') == 1 && !cell.Contains('.')) commas++;
            if (cell.Count(static letter => letter == '.') == 1 && !cell.Contains(',')) points++;
        }
        return commas > points;
    }

    // Names are no numbers and no times. In a table of texts alone the first line is taken for names.
    // An index may have no name: then another column must have numbers under its name.
    private static bool HasNames(string[][] rows, char decimalMarker)
    {
        if (rows.Length == 0 || rows[0].Index().Any(cell => cell.Item.Length > 0 && IsValue(cell.Item, Below(cell.Index), decimalMarker))) return false;
        return rows[0].All(static cell => cell.Length > 0) || rows[0].Index().Any(cell => cell.Item.Length > 0
            && Below(cell.Index).Where(static text => text.Length > 0).ToArray() is { Length: > 0 } texts
            && texts.All(text => IsNumber(text, decimalMarker, out _)));

        IEnumerable<string> Below(int column) => rows.Skip(1).Where(row => column < row.Length).Select(row => row[column]);
    }

    // "1st" over numbers is a name; "3 days" over "5 days" is a value.
    private static bool IsValue(string text, IEnumerable<string> below, char decimalMarker)
    {
        if (IsNumber(text, decimalMarker, out _) || TimeFormat.All.Any(format => format.TryParse(text, out _))) return true;
        if (!char.IsAsciiDigit(text[0])) return false;
        if (!text.Any(char.IsLetter)) return true;
        bool[] alike = [.. below.Where(static cell => cell.Length > 0)
            .Select(cell => char.IsAsciiDigit(cell[0]) && cell.Any(char.IsLetter) && !IsNumber(cell, decimalMarker, out _))];
        return 2 * alike.Count(static one => one) > alike.Length;
    }
}
