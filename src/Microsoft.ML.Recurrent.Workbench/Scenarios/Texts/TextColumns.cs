using System.Globalization;
using Microsoft.ML.Data;
using Microsoft.ML.Recurrent.Workbench.Tables;

namespace Microsoft.ML.Recurrent.Workbench.Scenarios.Texts;

/// <summary>Finds and looks at columns of texts.</summary>
internal static class TextColumns
{
    /// <summary>The option that names the column of texts.</summary>
    public const string Option = "--text-col";

    /// <summary>The column of texts in files of texts.</summary>
    public const string FileText = "Text";

    private const int RowsLookedAt = 1000;

    /// <summary>The column of texts: the one that is named, or the only one there is.</summary>
    /// <param name="request">The tables and options.</param>
    /// <param name="others">Columns that serve for something else.</param>
    public static string Find(ScenarioRequest request, params IEnumerable<string?> others)
    {
        if (request.Column(Option) is { } named) return named;
        var schema = request.Training.View.Schema;
        string[] texts =
            [.. schema.Where(column => column.Type is TextDataViewType && !others.Contains(column.Name) && !request.IgnoredColumns.Contains(column.Name))
            .Select(static column => column.Name)];
        return texts switch
        {
            [var one] => one,
            [] => throw new ArgumentException(
                $"'{request.Training.Path}' has no further column of texts: its columns are {string.Join(", ", schema.Select(static column => column.Name))}."),
            _ => throw new ArgumentException(
                $"{texts.Length} columns of '{request.Training.Path}' hold texts ({string.Join(", ", texts)}): name one by {Option}."),
        };
    }

    /// <summary>Throws where a column holds no texts.</summary>
    public static void Check(ScenarioTable table, string name)
    {
        if (table.Profile?.Columns.First(column => column.Name == name) is not { } column || column.Kind is ColumnKind.Text) return;
        throw new ArgumentException($"The column '{name}' of '{table.Path}' holds {ColumnContent.Describe(column)}, no texts.");
    }

    /// <summary>Whether texts are single words, as names are: they are read letter by letter.</summary>
    public static bool AreWords(IDataView rows, string name)
    {
        int[] counts =
            [.. ColumnTexts.Read(rows, name).Take(RowsLookedAt).Select(static text => text.Split(' ', StringSplitOptions.RemoveEmptyEntries).Length).Order()];
        return counts.Length > 0 && counts[counts.Length / 2] <= 1;
    }

    /// <summary>The first texts of a column.</summary>
    public static IEnumerable<string> First(IDataView rows, string name) => ColumnTexts.Read(rows, name).Take(RowsLookedAt);

    /// <summary>A number of rows in words.</summary>
    public static string Say(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
