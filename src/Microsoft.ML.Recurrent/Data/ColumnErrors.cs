using Microsoft.ML.Data;

namespace Microsoft.ML.Recurrent.Data;

/// <summary>
/// Schema errors: they name the column, the expected and the found type, and the remedy. The exception type is that of ML.NET's own schema errors.
/// </summary>
internal static class ColumnErrors
{
    /// <summary>A missing column; suggests similar names.</summary>
    public static ArgumentOutOfRangeException Missing(string role, string name, IEnumerable<string> present, string? remedy = null)
    {
        var names = present.Distinct().ToArray();
        var hint = Near(name, names) is { Length: > 0 } near ? near
            : names.Length == 0
                ? "The data has no columns."
                : $"The data has {string.Join(", ", names.Take(12).Select(n => $"'{n}'"))}{(names.Length > 12 ? ", ..." : "")}.";
        return new ArgumentOutOfRangeException("schema", $"Could not find the {role} column '{name}'. {hint}{(remedy is null ? "" : $" {remedy}")}");
    }

    /// <summary>A column of the wrong type.</summary>
    public static ArgumentOutOfRangeException Mismatch(string role, string name, string expected, string found, string? remedy = null) =>
        new("schema", $"The {role} column '{name}' has the wrong type: expected {expected}, found {found}.{(remedy is null ? "" : $" {remedy}")}");

    /// <summary>An invalid value, found while reading rows.</summary>
    /// <param name="role">The column's role.</param>
    /// <param name="name">The column.</param>
    /// <param name="row">The row's number; negative for a row that was given alone (<see cref="GivenRow"/>).</param>
    /// <param name="fault">What is wrong.</param>
    public static ArgumentException Value(string role, string name, long row, string fault) => row < 0
        ? new($"The {role} column '{name}' of the given row {fault}", "row")
        : new($"Row {row} of the {role} column '{name}' {fault}", "data");

    /// <summary>What a row holds; ML.NET makes an array that is null an empty vector.</summary>
    public static string Holds(int count, string what) => $"holds {count} {what}{(count == 0 ? " (it is null or empty)" : "")}";

    /// <summary>Describes a column of a schema shape, where sizes are unknown.</summary>
    public static string Describe(SchemaShape.Column column)
    {
        var item = column.IsKey ? "key" : column.ItemType.ToString()!;
        return column.Kind switch
        {
            SchemaShape.Column.VectorKind.Scalar => item,
            SchemaShape.Column.VectorKind.Vector => $"Vector<{item}>",
            _ => $"Vector<{item}, *>",
        };
    }

    /// <summary>How the values of one per row become the expected ones, in one step.</summary>
    /// <param name="expected">Single or Boolean.</param>
    /// <param name="isVector">Whether the column holds a vector per row.</param>
    /// <param name="isKey">Whether it holds keys.</param>
    /// <param name="itemType">Its values' type.</param>
    /// <param name="name">The column.</param>
    public static string? ScalarRemedy(DataViewType expected, bool isVector, bool isKey, Type itemType, string name) =>
        isVector ? "It must hold one value per row."
        : expected is not BooleanDataViewType ? NumberRemedy(isKey, itemType, name)
        : isKey ? "Use the column from which the keys were made, as Booleans."
        : itemType == typeof(ReadOnlyMemory<char>)
            ? $"Map each text to a Boolean by mlContext.Transforms.Conversion.MapValue(\"{name}\", new Dictionary<string, bool> {{ [...] = true, [...] = "
                + $"false }})."
        : itemType.IsPrimitive
            ? $"Convert 0 and 1 to Booleans by mlContext.Transforms.Conversion.ConvertType(\"{name}\", outputKind: DataKind.Boolean)."
        : null;

    /// <summary>The remedy if numbers are expected, but text, keys or another type were found.</summary>
    public static string? NumberRemedy(bool isKey, Type itemType, string name) =>
        isKey ? "Use the column from which the keys were made."
        : itemType == typeof(ReadOnlyMemory<char>)
            ? $"Load '{name}' as DataKind.Single, or convert it by mlContext.Transforms.Conversion.ConvertType(\"{name}\", outputKind: DataKind.Single)."
        : itemType.IsPrimitive ? "Convert "
            + (itemType == typeof(bool) ? "Booleans to numbers" : "numbers to Single")
            + $" by mlContext.Transforms.Conversion.ConvertType(\"{name}\", outputKind: DataKind.Single)."
        : null;

    /// <summary>The remedy if a sequence, of numbers or keys, is expected, and something else than a vector of them was found.</summary>
    public static string? SequenceRemedy(bool isVector, Type itemType, string name)
    {
        var isText = itemType == typeof(ReadOnlyMemory<char>);
        return (isVector, isText) switch
        {
            (false, true) => $"Tokenize the text with mlContext.Transforms.Text.TokenizeIntoWords(\"Tokens\", \"{name}\") and map the words to keys with "
                + "mlContext.Transforms.Conversion.MapValueToKey(\"Tokens\").",
            (false, _) => "One value per row is not a sequence: mlContext.Data.CreateWindows builds windows of rows.",
            (_, true) => KeyRemedy(name),
            _ => NumberRemedy(false, itemType, name),
        };
    }

    /// <summary>The remedy if keys are expected.</summary>
    public static string KeyRemedy(string name) => $"Convert values to keys by mlContext.Transforms.Conversion.MapValueToKey(\"{name}\").";

    /// <summary>Suggests similar names; empty if there are none.</summary>
    public static string Near(string name, IEnumerable<string> names)
    {
        string[] near = [.. names.Where(candidate => string.Equals(candidate, name, StringComparison.OrdinalIgnoreCase)).Take(3)];
        if (near.Length == 0) near = [.. names.Where(candidate => IsNear(candidate, name)).Take(3)];
        return near.Length > 0 ? $"Did you mean {string.Join(" or ", near.Select(n => $"'{n}'"))}?" : "";
    }

    private static bool IsNear(string candidate, string name) =>
        Distance(candidate.ToUpperInvariant(), name.ToUpperInvariant()) <= Math.Max(1, name.Length / 4);

    /// <summary>The edit distance in which a swap of neighbors counts as one edit (Damerau).</summary>
    private static int Distance(string a, string b)
    {
        var rows = new int[a.Length + 1, b.Length + 1];
        for (var j = 1; j <= b.Length; j++) rows[0, j] = j;
        for (var i = 1; i <= a.Length; i++)
        {
            rows[i, 0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                var replace = rows[i - 1, j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
                rows[i, j] = Math.Min(replace, Math.Min(rows[i - 1, j], rows[i, j - 1]) + 1);
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) rows[i, j] = Math.Min(rows[i, j], rows[i - 2, j - 2] + 1);
            }
        }
        return rows[a.Length, b.Length];
    }
}
