using Microsoft.ML.Recurrent.Training;
using Microsoft.ML.Recurrent.Workbench.Scenarios;

namespace Microsoft.ML.Recurrent.Tool.Output;

/// <summary>Predictions as comma-separated values (RFC 4180).</summary>
internal static class CsvOutput
{
    private const int RowsBetweenChecks = 256;

    /// <summary>Writes the header and the rows; returns the number of rows.</summary>
    public static long Write(TextWriter writer, Predictions predictions, CancellationToken cancellationToken)
    {
        WriteRow(writer, predictions.Columns);
        var rows = 0L;
        foreach (var row in predictions.Rows)
        {
            if (rows++ % RowsBetweenChecks == 0) cancellationToken.ThrowIfCancellationRequested();
            WriteRow(writer, row);
        }
        return rows;
    }

    /// <summary>Writes a file: all of it, or nothing.</summary>
    public static long WriteFile(string path, Predictions predictions, CancellationToken cancellationToken)
    {
        var temporary = $"{path}.{Path.GetRandomFileName()}.tmp";
        try
        {
            long rows;
            using (var writer = new StreamWriter(temporary)) rows = Write(writer, predictions, cancellationToken);
            File.Move(temporary, path, overwrite: true);
            return rows;
        }
        finally
        {
            File.Delete(temporary);
        }
    }

    private static void WriteRow(TextWriter writer, IReadOnlyList<string> cells)
    {
        for (var i = 0; i < cells.Count; i++)
        {
            if (i > 0) writer.Write(',');
            writer.Write(cells[i].AsSpan().ContainsAny(',', '"', '\n') || cells[i].Contains('\r')
                ? $"\"{cells[i].Replace("\"", "\"\"", StringComparison.Ordinal)}\""
                : cells[i]);
        }
        writer.Write('\n');
    }
}
