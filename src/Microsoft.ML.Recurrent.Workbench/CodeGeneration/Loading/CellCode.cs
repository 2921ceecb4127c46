using Microsoft.ML.Recurrent.Workbench.Code;
using Microsoft.ML.Recurrent.Workbench.Inspection;
using Microsoft.ML.Recurrent.Workbench.Tables;

namespace Microsoft.ML.Recurrent.Workbench.CodeGeneration.Loading;

/// <summary>The conversions of cells in generated code, as <see cref="TableView"/> makes them.</summary>
internal static class CellCode
{
    /// <summary>The value of a property from a cell of text, by methods Text and Number beside it.</summary>
    public static string FromText(RowProperty property, ColumnProfile profile, string cell) => profile.Kind switch
    {
        ColumnKind.Text => $"Text({cell})",
        ColumnKind.Boolean => $"bool.Parse({cell})",
        ColumnKind.Time => Time(profile.TimeFormat!, cell),
        _ when property.TypeName == "float" => $"(float)Number({cell})",
        _ => $"Number({cell})",
    };

    public static string Time(TimeFormat format, string cell)
    {
        var style = (format.HasZone, format.Pattern.EndsWith("'Z'", StringComparison.Ordinal)) switch
        {
            (true, true) => "DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal",
            (true, false) => "DateTimeStyles.AdjustToUniversal",
            _ => "DateTimeStyles.None",
        };
        return $"DateTime.ParseExact({cell}, {Literals.Text(format.Pattern)}, CultureInfo.InvariantCulture, {style})";
    }
}
