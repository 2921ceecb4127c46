using System.Globalization;
using Microsoft.ML.Data;
using Microsoft.ML.Recurrent.Data;

namespace Microsoft.ML.Recurrent.Foreign;

/// <summary>A column that feeds an input: its name, its type, and its sizes, none for a scalar, 0 for one that varies.</summary>
internal sealed record ForeignColumn(string Name, DataViewType Type, int[] Sizes)
{
    public bool IsText => Columns.ItemType(Type) is TextDataViewType;

    public bool IsNumeric => ForeignColumnReader.IsNumeric(Type);

    /// <summary>Whether the number of values differs from row to row.</summary>
    public bool Varies => Sizes.Contains(0);

    /// <summary>The number of values of a row, of those sizes that are known.</summary>
    public long Size => Sizes.Where(one => one > 0).Aggregate(1L, (product, one) => product * one);

    /// <summary>What a row holds, in words.</summary>
    public string Content => Sizes.Length == 0 ? IsText ? "a single text" : "a single number"
        : $"a vector of [{string.Join(", ", Sizes.Select(one => one == 0 ? "*" : one.ToString(CultureInfo.InvariantCulture)))}]";

    public static ForeignColumn Create(DataViewSchema.Column column) =>
        new(column.Name, column.Type, column.Type is VectorDataViewType vector ? [.. vector.Dimensions] : []);
}
