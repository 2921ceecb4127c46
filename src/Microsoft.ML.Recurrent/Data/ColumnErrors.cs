using Microsoft.ML.Data;

namespace Microsoft.ML.Recurrent.Data;

/// <summary>
/// Schema errors: they name the column, the expected and the found type, and the remedy. The exception type is that of ML.NET's own schema errors.
/// </summary>
internal static class ColumnErrors
{
    /// <summary>A missing column; suggests similar names.</summary>
    public static ArgumentOutOfRangeException Missing(string role, string name, IEnumerable<string> present)
    {
        var names = present.Distinct().ToArray();
        var hint = Near(name, names) is { Length: > 0 } near ? near
            : names.Length == 0
                ? "The data has no columns."
                : $"The data has {string.Join(", ", names.Take(12).Select(n => $"'{n}'"))}{(names.Length > 12 ? ", ..." : "")}.";
        return new ArgumentOutOfRangeException("schema", $"Could not find the {role} column '{name}'. {hint}");
    }

    /// <summary>A column of the wrong type.</summary>
    public static ArgumentOutOfRangeException Mismatch(string role, string name, string expected, string found, string? remedy = null) =>
        new("schema", $"The {role} column '{name}' has the wrong type: expected {expected}, found {found}.{(remedy is null ? "" : $" {remedy}")}");

    /// <summary>An invalid value, found while reading rows.</summary>
    public static ArgumentException Value(string role, string name, long row, string fault) =>
        new($"Row {row} of the {role} column '{name}' {fault}", "data");

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

    /// <summary>The remedy for numbers, text and keys of another type.</summary>
    public static string? Remedy(Type itemType, string name) =>
        itemType == typeof(ReadOnlyMemory<char>) ? $"Convert text to keys by mlContext.Transforms.Conversion.MapValueToKey(\"{name}\")."
        : itemType.IsPrimitive ? $"Convert numbers to Single by mlContext.Transforms.Conversion.ConvertType(\"{name}\", outputKind: DataKind.Single)."
        : null;

    /// <summary>The remedy if numbers are expected, but text, keys or another type were found.</summary>
    public static string? NumberRemedy(bool isKey, Type itemType, string name) =>
        !isKey && itemType == typeof(ReadOnlyMemory<char>)
            ? $"Load '{name}' as DataKind.Single, or convert it by mlContext.Transforms.Conversion.ConvertType(\"{name}\", outputKind: DataKind.Single)."
        : !isKey && itemType == typeof(bool)
            ? $"Convert Booleans to numbers by mlContext.Transforms.Conversion.ConvertType(\"{name}\", outputKind: DataKind.Single)."
        : isKey ? "Use the column from which the keys were made." : null;

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
