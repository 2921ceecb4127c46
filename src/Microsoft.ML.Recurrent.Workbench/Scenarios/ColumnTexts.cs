using System.Globalization;
using Microsoft.ML.Data;

namespace Microsoft.ML.Recurrent.Workbench.Scenarios;

/// <summary>The values of a column as texts.</summary>
internal static class ColumnTexts
{
    /// <summary>Reads a column of texts, numbers, times or truth values.</summary>
    public static IEnumerable<string> Read(IDataView rows, string name)
    {
        var column = rows.Schema[name];
        using var cursor = rows.GetRowCursor([column]);
        var read = Open(cursor, column);
        while (cursor.MoveNext()) yield return read();
    }

    /// <summary>Opens a column.</summary>
    public static Func<string> Open(DataViewRow row, DataViewSchema.Column column)
    {
        if (column.Type is VectorDataViewType) return Words(row, column);
        if (column.Type.RawType == typeof(ReadOnlyMemory<char>)) return Value<ReadOnlyMemory<char>>(static text => text.ToString());
        if (column.Type.RawType == typeof(float)) return Value<float>(static value => value.ToString("R", CultureInfo.InvariantCulture));
        if (column.Type.RawType == typeof(double)) return Value<double>(static value => value.ToString("R", CultureInfo.InvariantCulture));
        if (column.Type.RawType == typeof(bool)) return Value<bool>(static value => value ? "true" : "false");
        if (column.Type.RawType == typeof(DateTime))
            return Value<DateTime>(static value => value.ToString("yyyy-MM-dd HH:mm:ss.FFFFFFF", CultureInfo.InvariantCulture));
        throw new ArgumentException($"The column '{column.Name}' holds {column.Type}, which is no text, number, time or truth value.", nameof(column));

        Func<string> Value<T>(Func<T, string> say)
        {
            var get = row.GetGetter<T>(column);
            return () =>
            {
                T value = default!;
                get(ref value);
                return say(value);
            };
        }
    }

    private static Func<string> Words(DataViewRow row, DataViewSchema.Column column)
    {
        var get = row.GetGetter<VBuffer<ReadOnlyMemory<char>>>(column);
        VBuffer<ReadOnlyMemory<char>> words = default;
        return () =>
        {
            get(ref words);
            return string.Join(' ', words.DenseValues());
        };
    }
}
