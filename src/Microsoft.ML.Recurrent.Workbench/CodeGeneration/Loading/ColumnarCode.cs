using System.Collections.Immutable;
using Microsoft.ML.Recurrent.Workbench.Code;
using Microsoft.ML.Recurrent.Workbench.Inspection;
using Microsoft.ML.Recurrent.Workbench.Tables;

namespace Microsoft.ML.Recurrent.Workbench.CodeGeneration.Loading;

/// <summary>Reads a file of columns: the rows of a part are made of the cells of its columns, as the tool makes them.</summary>
internal abstract class ColumnarCode(TableProfile profile) : LoadingCode
{
    public override IEnumerable<string> Members()
    {
        yield return LoadRows();
        yield return $$"""
            private static IEnumerable<{{Rows!.Name}}> ReadRows(string path)
            {
            {{Open.Indented(4)}}
                {
            {{Begin.Indented(8)}}
            {{string.Join('\n', Rows.Properties.Select((property, i) => $"var column{i} = Read({Literals.Text(property.Column)});")).Indented(8)}}
                    for (var row = 0; row < rows; row++)
                    {
                        yield return {{Rows.Construct(property => Cell(property, $"column{Rows.Properties.IndexOf(property)}[row]")).Indented(12).TrimStart()}};
                    }
            {{Close.Indented(8)}}
                }
            }
            """;
        yield return ReadMembers;
        yield return """
            private static string Text(object? cell) => cell switch
            {
                null or double.NaN => "",
                bool flag => flag ? "true" : "false",
                DateTime time => time.ToString("yyyy-MM-dd HH:mm:ss.FFFFFFF", CultureInfo.InvariantCulture),
                _ => Convert.ToString(cell, CultureInfo.InvariantCulture)!,
            };
            """;
    }

    /// <summary>Opens the file, and the head of the loop over its parts.</summary>
    protected abstract string Open { get; }

    /// <summary>Begins a part: <c>rows</c> is the number of its rows, <c>Read(column)</c> reads cells.</summary>
    protected abstract string Begin { get; }

    /// <summary>Ends the reading of a part; empty for nothing.</summary>
    protected virtual string Close => "";

    protected abstract string ReadMembers { get; }

    private string Cell(RowProperty property, string cell)
    {
        var column = profile.Columns.First(column => column.Name == property.Column);
        return column.Kind switch
        {
            ColumnKind.Text => $"Text({cell})",
            ColumnKind.Boolean => $"(bool){cell}!",
            // Times that are texts are read by their pattern.
            ColumnKind.Time => column.TimeFormat is { } format ? CellCode.Time(format, $"Text({cell})") : $"(DateTime){cell}!",
            _ => $"({property.TypeName}){(property.TypeName == "double" ? "" : "(double)")}({cell} ?? double.NaN)",
        };
    }
}
