using System.Collections.Immutable;
using Microsoft.ML.Data;
using Microsoft.ML.Recurrent.Workbench.Code;
using Microsoft.ML.Recurrent.Workbench.Inspection;
using Microsoft.ML.Recurrent.Workbench.Tables;

namespace Microsoft.ML.Recurrent.Workbench.CodeGeneration.Loading;

/// <summary>Reads a text file by ML.NET's own reader.</summary>
internal sealed class TextLoaderCode(DelimitedSource source) : LoadingCode
{
    public override ImmutableArray<string> Usings => ["Microsoft.ML.Data"];

    /// <summary>
    /// Whether ML.NET reads the same rows as the tool, to the last bit. It may not: where texts stand for missing values, where times have zones, where a
    /// number has many digits (its last place may differ), where cells hold spaces or lines.
    /// </summary>
    public static bool Reads(MLContext mlContext, DelimitedSource source, TableView view, RowClass rows)
    {
        if (source.IsCompressed || rows.Properties.Any(static property => KindOf(property.Type) is null)) return false;
        try
        {
            var form = source.Form;
            var loader = mlContext.Data.CreateTextLoader(new TextLoader.Options
            {
                Columns = [.. rows.Properties.Select(
                    static property => new TextLoader.Column(property.Column, KindOf(property.Type)!.Value, property.Index!.Value))],
                Separators = [form.Separator], HasHeader = form.HasHeader, AllowQuoting = form.AllowQuoting, DecimalMarker = form.DecimalMarker,
                MissingRealsAsNaNs = true,
            });
            return SameRows.Are(view, loader.Load(source.Path));
        }
        catch (Exception error) when (error is not (OutOfMemoryException or OperationCanceledException))
        {
            // ML.NET throws exceptions of many types where a row is none of its own.
            return false;
        }
    }

    public override IEnumerable<string> Members()
    {
        var form = source.Form;
        yield return $"/// <summary>The separator of the columns of the file.</summary>\npublic const char RetrainSeparatorChar "
            + $"= {Literals.Character(form.Separator)};";
        yield return $"/// <summary>Whether the first line has the names of the columns.</summary>\npublic const bool RetrainHasHeader "
            + $"= {Literals.Boolean(form.HasHeader)};";
        yield return $"/// <summary>Whether quotes around a cell are no part of it.</summary>\npublic const bool RetrainAllowQuoting "
            + $"= {Literals.Boolean(form.AllowQuoting)};";
        yield return $$"""
            /// <summary>Opens a file. Its rows are read, anew each time, when they are needed.</summary>
            /// <param name="mlContext">The context.</param>
            /// <param name="inputDataFilePath">The file.</param>
            public static IDataView LoadIDataViewFromFile(MLContext mlContext, string inputDataFilePath) =>
                mlContext.Data.LoadFromTextFile<{{Rows!.Name}}>(inputDataFilePath, new TextLoader.Options
                {
                    Separators = [RetrainSeparatorChar],
                    HasHeader = RetrainHasHeader,
                    AllowQuoting = RetrainAllowQuoting,
                    DecimalMarker = {{Literals.Character(form.DecimalMarker)}},
                    MissingRealsAsNaNs = true,
                });
            """;
    }

    private static DataKind? KindOf(DataViewType type) => type switch
    {
        TextDataViewType => DataKind.String,
        DateTimeDataViewType => DataKind.DateTime,
        BooleanDataViewType => DataKind.Boolean,
        NumberDataViewType { RawType: var raw } when raw == typeof(float) => DataKind.Single,
        NumberDataViewType { RawType: var raw } when raw == typeof(double) => DataKind.Double,
        _ => null,
    };
}
