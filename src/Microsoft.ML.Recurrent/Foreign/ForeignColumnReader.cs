using System.Globalization;
using System.Numerics;
using Microsoft.ML.Data;
using Microsoft.ML.Recurrent.Data;

namespace Microsoft.ML.Recurrent.Foreign;

/// <summary>Reads a column of texts or of any numeric type, scalar or vector. Keys are read as integers from 1, with 0 for missing.</summary>
internal abstract class ForeignColumnReader
{
    /// <summary>Reads the current row and returns its count of numbers.</summary>
    public abstract int Read();

    public abstract void CopyTo(Span<float> destination);

    public abstract void CopyTo(Span<double> destination);

    /// <summary>Copies whole numbers. Returns the first value that is none, such as 1.5 or NaN, in words; null if all are.</summary>
    public abstract string? CopyTo(Span<long> destination);

    public virtual void CopyTo(Span<string> destination) => throw new InvalidOperationException("The column holds numbers, not texts.");

    public static bool IsNumeric(DataViewType type) => Columns.ItemType(type).RawType.IsPrimitive;

    public static ForeignColumnReader Create(DataViewRow row, DataViewSchema.Column column) =>
        Columns.ItemType(column.Type).RawType == typeof(bool) ? new Booleans(row, column)
            : Columns.ItemType(column.Type) is TextDataViewType ? new Texts(row, column)
            : Columns.Open<ForeignColumnReader>(typeof(Numbers<>), row, column);

    private abstract class Values<T> : ForeignColumnReader
    {
        private readonly ValueGetter<T>? _scalar;
        private readonly ValueGetter<VBuffer<T>>? _vector;
        private VBuffer<T> _value;
        private T[] _dense = [default!];
        private int _count;

        protected Values(DataViewRow row, DataViewSchema.Column column)
        {
            if (column.Type is VectorDataViewType) _vector = VectorGetter.Open<T>(row, column);
            else _scalar = row.GetGetter<T>(column);
        }

        protected ReadOnlySpan<T> Current => _dense.AsSpan(0, _count);

        public override int Read()
        {
            if (_scalar is not null)
            {
                _scalar(ref _dense[0]);
                return _count = 1;
            }
            _vector!(ref _value);
            if (_dense.Length < _value.Length) _dense = new T[Math.Max(_value.Length, 2 * _dense.Length)];
            _value.CopyTo(_dense);
            return _count = _value.Length;
        }
    }

    private sealed class Numbers<T>(DataViewRow row, DataViewSchema.Column column) : Values<T>(row, column) where T : INumberBase<T>
    {
        public override void CopyTo(Span<float> destination)
        {
            for (var i = 0; i < Current.Length; i++) destination[i] = float.CreateTruncating(Current[i]);
        }

        public override void CopyTo(Span<double> destination)
        {
            for (var i = 0; i < Current.Length; i++) destination[i] = double.CreateTruncating(Current[i]);
        }

        public override string? CopyTo(Span<long> destination)
        {
            for (var i = 0; i < Current.Length; i++)
            {
                destination[i] = long.CreateTruncating(Current[i]);
                if (T.CreateTruncating(destination[i]) != Current[i]) return Current[i].ToString(null, CultureInfo.InvariantCulture);
            }
            return null;
        }
    }

    private sealed class Booleans(DataViewRow row, DataViewSchema.Column column) : Values<bool>(row, column)
    {
        public override void CopyTo(Span<float> destination)
        {
            for (var i = 0; i < Current.Length; i++) destination[i] = Current[i] ? 1 : 0;
        }

        public override void CopyTo(Span<double> destination)
        {
            for (var i = 0; i < Current.Length; i++) destination[i] = Current[i] ? 1 : 0;
        }

        public override string? CopyTo(Span<long> destination)
        {
            for (var i = 0; i < Current.Length; i++) destination[i] = Current[i] ? 1 : 0;
            return null;
        }
    }

    private sealed class Texts(DataViewRow row, DataViewSchema.Column column) : Values<ReadOnlyMemory<char>>(row, column)
    {
        public override void CopyTo(Span<float> destination) => throw new InvalidOperationException("The column holds texts, not numbers.");

        public override void CopyTo(Span<double> destination) => throw new InvalidOperationException("The column holds texts, not numbers.");

        public override string? CopyTo(Span<long> destination) => throw new InvalidOperationException("The column holds texts, not numbers.");

        public override void CopyTo(Span<string> destination)
        {
            for (var i = 0; i < Current.Length; i++) destination[i] = Current[i].ToString();
        }
    }
}
