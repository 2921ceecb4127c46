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
        column.Type is VectorDataViewType ? new Vector(row.GetGetter<VBuffer<float>>(column), size) : new Scalar(row.GetGetter<float>(column));

    private sealed class Scalar(ValueGetter<float> getter) : NumberReader(1)
    {
        public override int Read(Span<float> destination)
        {
            getter(ref destination[0]);
            return 1;
        }
    }

    private sealed class Vector(ValueGetter<VBuffer<float>> getter, int size) : NumberReader(size)
    {
        private VBuffer<float> _value;

        public override int Read(Span<float> destination)
        {
            getter(ref _value);
            _value.CopyTo(destination[..Size]);
            return Size;
        }
    }
}
