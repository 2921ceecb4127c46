using Microsoft.ML.Data;

namespace Microsoft.ML.Recurrent.Data;

/// <summary>Reads a column of window data: its numbers step by step, or its category ids. One reader belongs to one cursor.</summary>
internal abstract class WindowColumnReader(WindowColumn column)
{
    public WindowColumn Column { get; } = column;

    /// <summary>The numbers of the current row, valid until the next read.</summary>
    /// <exception cref="ArgumentException">The number of steps of the row does not match the column.</exception>
    public abstract ReadOnlySpan<float> Read();

    /// <summary>What the numbers last read lose as Single, valid until the next read.</summary>
    public virtual ReadOnlySpan<float> Rests() => throw new NotSupportedException("Ids of categories have no rests.");

    /// <summary>Opens the column. An open index adds unknown values of a category.</summary>
    public static WindowColumnReader Create(DataViewRow row, WindowColumn column)
    {
        if (column.Steps == 0) return new Single(row, column);
        var source = row.Schema[column.Name];
        if (column.Input.Categories is not { } index) return new Numbers(row, source, column);
        var type = ((VectorDataViewType)source.Type).ItemType;
        var raw = type.RawType;
        if (raw == typeof(ReadOnlyMemory<char>)) return new Categories<ReadOnlyMemory<char>>(row, source, column, text => index.Add(text.Span));
        if (type is KeyDataViewType)
        {
            // A key of 0 is a missing value.
            return raw == typeof(byte) ? Key<byte>(static v => v) : raw == typeof(ushort) ? Key<ushort>(static v => v) : raw == typeof(uint)
                ? Key<uint>(static v => v)
                : Key<ulong>(static v => v);
        }
        return raw == typeof(bool) ? Number<bool>(static v => v ? 1ul : 0ul) : raw == typeof(byte) ? Number<byte>(static v => v) : raw == typeof(ushort)
            ? Number<ushort>(static v => v)
            : raw == typeof(uint) ? Number<uint>(static v => v) : raw == typeof(ulong) ? Number<ulong>(static v => v)
            : raw == typeof(sbyte) ? Number<sbyte>(static v => unchecked((ulong)v), true) : raw == typeof(short)
                ? Number<short>(static v => unchecked((ulong)v), true)
            : raw == typeof(int) ? Number<int>(static v => unchecked((ulong)v), true) : Number<long>(static v => unchecked((ulong)v), true);

        Categories<T> Key<T>(Func<T, ulong> number) => new(row, source, column, value => number(value) is > 0 and var key ? index.Add(key) : -1);

        Categories<T> Number<T>(Func<T, ulong> number, bool signed = false) => new(row, source, column, value => index.Add(number(value), signed));
    }

    private static void CheckSteps(DataViewRow row, WindowColumn column, int length)
    {
        if (length != column.Length)
            throw ColumnErrors.Value(SeriesInput.Describe(column.Input.Role), column.Name, row.Position,
                $"holds {length} {(column.Input.Categories is null ? "numbers" : "values")}, but {column.Length} are "
                    + $"needed{(column.Input.Size == 1 ? "" : $", {column.Input.Size} for each of {column.Steps} steps")}.");
    }

    private sealed class Numbers(DataViewRow row, DataViewSchema.Column source, WindowColumn column) : WindowColumnReader(column)
    {
        private readonly NumberVector _vector = NumberVector.Open(row, source);
        private readonly float[] _rests = new float[column.Length];

        public override ReadOnlySpan<float> Rests()
        {
            var numbers = _vector.Doubles;
            for (var i = 0; i < numbers.Length; i++) _rests[i] = Rounding.Rest(numbers[i]);
            return _rests;
        }

        public override ReadOnlySpan<float> Read()
        {
            CheckSteps(row, Column, _vector.Read());
            return _vector.Values;
        }
    }

    private sealed class Categories<T>(DataViewRow row, DataViewSchema.Column source, WindowColumn column, Func<T, int> idOf) : WindowColumnReader(column)
    {
        private readonly ValueGetter<VBuffer<T>> _getter = VectorGetter.Open<T>(row, source);
        private readonly float[] _ids = new float[column.Length];
        private VBuffer<T> _vector;

        public override ReadOnlySpan<float> Read()
        {
            _getter(ref _vector);
            CheckSteps(row, Column, _vector.Length);
            var values = _vector.GetValues();
            var indices = _vector.GetIndices();
            // Values omitted from a sparse vector are the default of the type.
            if (!_vector.IsDense) Array.Fill(_ids, idOf(default!) + 1);
            for (var i = 0; i < values.Length; i++) _ids[_vector.IsDense ? i : indices[i]] = idOf(values[i]) + 1;
            return _ids;
        }
    }

    private sealed class Single(DataViewRow row, WindowColumn column) : WindowColumnReader(column)
    {
        private readonly SeriesInput.Reader _read = column.Input.Open(row);
        private readonly SeriesInput.Reader? _readRests = column.Input.Categories is null ? column.Input.Rest().Open(row) : null;
        private readonly float[] _values = new float[column.Length], _rests = new float[column.Length];

        public override ReadOnlySpan<float> Rests()
        {
            _readRests?.Invoke(_rests);
            return _rests;
        }

        public override ReadOnlySpan<float> Read()
        {
            _read(_values);
            return _values;
        }
    }
}
