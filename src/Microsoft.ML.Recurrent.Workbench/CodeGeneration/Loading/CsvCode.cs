using System.Collections.Immutable;
using Microsoft.ML.Recurrent.Workbench.Code;
using Microsoft.ML.Recurrent.Workbench.Inspection;
using Microsoft.ML.Recurrent.Workbench.Tables;

namespace Microsoft.ML.Recurrent.Workbench.CodeGeneration.Loading;

/// <summary>Reads a text file by CsvHelper, as the tool does.</summary>
internal sealed class CsvCode(DelimitedSource source, TableProfile profile) : LoadingCode
{
    public override ImmutableArray<string> Packages => ["CsvHelper"];

    public override ImmutableArray<string> Usings => ["CsvHelper", "System.Globalization", "System.IO.Compression", "Microsoft.ML.Data"];

    public override IEnumerable<string> Members()
    {
        var form = source.Form;
        string[] kinds = [.. Rows!.Properties.Select(property => Profile(property).Kind.ToString())];
        yield return LoadRows();
        yield return $$"""
            private static IEnumerable<{{Rows.Name}}> ReadRows(string path)
            {
                using var reader = CsvReader.Create(OpenFile(path), new CsvReaderOptions
                {
                    Separator = {{Literals.Character(form.Separator)}},
                    HasHeader = {{Literals.Boolean(form.HasHeader)}},
                    Mode = {{(form.AllowQuoting ? "CsvMode.Rfc4180" : "CsvMode.NoEscape")}},
                    FieldCountMismatch = CsvFieldCountHandling.Throw,
                    MalformedData = CsvMalformedDataHandling.Throw,
                    MaxRecordSize = 1 << 24,
                    SkipEmptyLines = true,
                }, leaveOpen: false);
                while (reader.Read())
                {
                    yield return {{Rows.Construct(property => CellCode.FromText(property, Profile(property),
                        $"reader.GetString({Literals.Number((IFormattable)source.Find(property.Column))}).Trim()")).Indented(8).TrimStart()}};
                }
            }
            """;
        yield return """
            private static Stream OpenFile(string path)
            {
                var file = File.OpenRead(path);
                var isCompressed = file.ReadByte() == 0x1F && file.ReadByte() == 0x8B;
                file.Position = 0;
                return isCompressed ? new GZipStream(file, CompressionMode.Decompress) : file;
            }
            """;
        if (kinds.Any(static kind => kind is not (nameof(ColumnKind.Boolean) or nameof(ColumnKind.Time))))
        {
            var missing = string.Join(" or ", source.MissingValues.Prepend("").Distinct().Select(Literals.Text));
            yield return $"private static bool IsMissing(string cell) => cell is {missing};";
        }
        if (kinds.Contains(nameof(ColumnKind.Text))) yield return "private static string Text(string cell) => IsMissing(cell) ? \"\" : cell;";
        if (kinds.Any(static kind => kind is nameof(ColumnKind.Number) or nameof(ColumnKind.Empty)))
        {
            var digits = form.DecimalMarker == ',' ? "cell.Replace(',', '.')" : "cell";
            yield return $$"""
                private static double Number(string cell) =>
                    IsMissing(cell) ? double.NaN : double.Parse({{digits}}, NumberStyles.Float, CultureInfo.InvariantCulture);
                """;
        }
    }

    private ColumnProfile Profile(RowProperty property) => profile.Columns.First(column => column.Name == property.Column);
}
