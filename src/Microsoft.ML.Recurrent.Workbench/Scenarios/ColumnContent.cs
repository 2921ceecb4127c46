using System.Globalization;
using Microsoft.ML.Recurrent.Workbench.Inspection;
using Microsoft.ML.Recurrent.Workbench.Tables;

namespace Microsoft.ML.Recurrent.Workbench.Scenarios;

/// <summary>What a column holds, in words for messages.</summary>
internal static class ColumnContent
{
    /// <summary>What a column holds; of texts the one that is none of the other kind, or an example.</summary>
    public static string Describe(ColumnProfile column) => column.Kind is not ColumnKind.Text ? Describe(column.Kind)
        : column.Exception is { } other ? string.Create(CultureInfo.InvariantCulture, $"a text ('{other.Text}' in line {other.Line})")
        : $"{Describe(column.Kind)} ('{column.Examples.FirstOrDefault()}')";

    /// <summary>What columns of a kind hold.</summary>
    public static string Describe(ColumnKind kind) => kind switch
    {
        ColumnKind.Number => "numbers",
        ColumnKind.Time => "times",
        ColumnKind.Boolean => "true and false",
        ColumnKind.Empty => "no values",
        _ => "texts",
    };
}
