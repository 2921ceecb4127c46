using Microsoft.ML.Data;
using Microsoft.ML.Recurrent.Data;

namespace Microsoft.ML.Recurrent.Tokens;

/// <summary>Reads a column of text, one value or a vector per row.</summary>
internal static class TokenValues
{
    /// <summary>Returns the values of the current row; they hold until the next call.</summary>
    public static Func<ArraySegment<ReadOnlyMemory<char>>> Open(DataViewRow row, DataViewSchema.Column column)
    {
        var values = new ReadOnlyMemory<char>[1];
        if (column.Type is not VectorDataViewType)
        {
            var one = row.GetGetter<ReadOnlyMemory<char>>(column);
            return () =>
            {
                one(ref values[0]);
                return values;
            };
        }
        var getter = VectorGetter.Open<ReadOnlyMemory<char>>(row, column);
        VBuffer<ReadOnlyMemory<char>> vector = default;
        return () =>
        {
            getter(ref vector);
            if (values.Length < vector.Length) values = new ReadOnlyMemory<char>[Math.Max(vector.Length, 2 * values.Length)];
            vector.CopyTo(values);
            return new(values, 0, vector.Length);
        };
    }
}
