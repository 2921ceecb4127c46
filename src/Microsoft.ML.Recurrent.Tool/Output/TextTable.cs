using Spectre.Console;

namespace Microsoft.ML.Recurrent.Tool.Output;

/// <summary>A table of plain texts.</summary>
internal static class TextTable
{
    private const char Right = '>';

    /// <summary>Makes a table.</summary>
    /// <param name="headers">The headers of the columns; those with a leading &gt; are aligned to the right.</param>
    /// <param name="rows">The cells, row by row.</param>
    public static Table Create(IEnumerable<string> headers, IEnumerable<IReadOnlyList<string>> rows)
    {
        var table = new Table().Border(TableBorder.Rounded);
        foreach (var header in headers)
        {
            var column = new TableColumn(Markup.Escape(header.TrimStart(Right)));
            table.AddColumn(header.StartsWith(Right) ? column.RightAligned() : column);
        }
        foreach (var row in rows) table.AddRow([.. row.Select(Markup.Escape)]);
        return table;
    }
}
