using Microsoft.ML.Data;

namespace Microsoft.ML.Recurrent.Data;

/// <summary>Reads a column of numbers (<c>Single</c> or <c>Vector&lt;Single, n&gt;</c>) of the current row.</summary>
internal abstract class NumberReader(int size)
{
    /// <summary>Numbers a row.</summary>
    public int Size { get; } = size;

    /// <summary>Writes the current row's numbers to the start of <paramref name="destination"/>; returns how many.</summary>
    public abstract int Read(Span<float> destination);

    public static NumberReader Create(DataViewRow row, DataViewSchema.Column column, int size) =>
        column.Type is VectorDataViewType ? new Vector(row, column, size) : new Scalar(row.GetGetter<float>(column));

    private sealed class Scalar(ValueGetter<float> getter) : NumberReader(1)
    {
        public override int Read(Span<float> destination)
        {
            getter(ref destination[0]);
            return 1;
        }
    }

    private sealed class Vector(DataViewRow row, DataViewSchema.Column column, int size) : NumberReader(size)
    {
        private readonly ValueGetter<VBuffer<float>> _getter = row.GetGetter<VBuffer<float>>(column);
        private VBuffer<float> _value;

        public override int Read(Span<float> destination)
        {
            _getter(ref _value);
            // A PredictionEngine hands on arrays of any length, whatever the column's type says.
            if (_value.Length != Size) throw ColumnErrors.Value("number", column.Name, row.Position, $"holds {_value.Length} numbers where the column's type says {Size}.");
            _value.CopyTo(destination[..Size]);
            return Size;
        }
    }
}
