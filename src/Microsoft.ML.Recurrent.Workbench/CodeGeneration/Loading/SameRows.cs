using Microsoft.ML.Data;

namespace Microsoft.ML.Recurrent.Workbench.CodeGeneration.Loading;

/// <summary>Compares the rows of two views.</summary>
internal static class SameRows
{
    /// <summary>
    /// Whether a view has as many rows as another that holds all its columns, with the same values: numbers by their bits, but any NaN is like another.
    /// </summary>
    public static bool Are(IDataView expected, IDataView actual)
    {
        DataViewSchema.Column[] columns = [.. actual.Schema.Where(static column => !column.IsHidden)];
        using var first = expected.GetRowCursor(columns.Select(column => expected.Schema[column.Name]));
        using var second = actual.GetRowCursor(columns);
        Func<bool>[] same = [.. columns.Select(column => Same(first, first.Schema[column.Name], second, column))];
        while (first.MoveNext())
            if (!second.MoveNext() || !same.All(static cell => cell())) return false;
        return !second.MoveNext();
    }

    private static Func<bool> Same(DataViewRow first, DataViewSchema.Column one, DataViewRow second, DataViewSchema.Column other) => other.Type switch
    {
        TextDataViewType => Same<ReadOnlyMemory<char>>(first, one, second, other, static (x, y) => x.Span.SequenceEqual(y.Span)),
        // By the clock: ML.NET's reader calls all times those of UTC, and trainers do not ask.
        DateTimeDataViewType => Same<DateTime>(first, one, second, other, static (x, y) => x.Ticks == y.Ticks),
        BooleanDataViewType => Same<bool>(first, one, second, other, static (x, y) => x == y),
        { RawType: var raw } when raw == typeof(float) => Same<float>(first, one, second, other,
            static (x, y) => BitConverter.SingleToInt32Bits(x) == BitConverter.SingleToInt32Bits(y) || (float.IsNaN(x) && float.IsNaN(y))),
        _ => Same<double>(first, one, second, other,
            static (x, y) => BitConverter.DoubleToInt64Bits(x) == BitConverter.DoubleToInt64Bits(y) || (double.IsNaN(x) && double.IsNaN(y))),
    };

    private static Func<bool> Same<T>(DataViewRow first, DataViewSchema.Column one, DataViewRow second, DataViewSchema.Column other, Func<T, T, bool> equal)
    {
        var (get, getOther) = (first.GetGetter<T>(one), second.GetGetter<T>(other));
        return () =>
        {
            T x = default!, y = default!;
            get(ref x);
            getOther(ref y);
            return equal(x, y);
        };
    }
}
