using Microsoft.ML.Data;
using Microsoft.ML.Recurrent.Data;
using Microsoft.ML.Recurrent.Tokens;

namespace Microsoft.ML.Recurrent.Translation.Metrics;

/// <summary>Reads one text a row: a text, or a vector of the texts or keys of its tokens, which are joined by blanks.</summary>
internal static class TextColumnReader
{
    private const string Expected = "a text, or a vector of the texts or keys of its tokens";

    /// <summary>Finds the column and checks its type.</summary>
    public static DataViewSchema.Column Find(DataViewSchema schema, string name, string role)
    {
        var column = Columns.Find(schema, name, role);
        if (Columns.ItemType(column.Type) is TextDataViewType) return column;
        if (column.Type is not VectorDataViewType { ItemType: KeyDataViewType }) throw ColumnErrors.Mismatch(role, name, Expected, column.Type.ToString()!);
        return LabelReader.KeyValues(column) is { Kind: LabelKind.Text } ? column
            : throw ColumnErrors.Mismatch(role, name, Expected, $"{column.Type} without texts as key values");
    }

    /// <summary>Opens a column that was found.</summary>
    public static Func<string> Open(DataViewRow row, DataViewSchema.Column column)
    {
        if (Columns.ItemType(column.Type) is TextDataViewType)
        {
            var texts = TokenValues.Open(row, column);
            return () => string.Join(' ', texts());
        }
        var (words, keys) = (LabelReader.KeyValues(column)!.Values, StepLabelReader.Create(row, column));
        return () => string.Join(' ', keys.Read().ToArray().Select(key => key < 0 ? "" : words[key]));
    }
}
