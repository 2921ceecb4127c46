using System.Numerics;
using Microsoft.ML.Data;

namespace Microsoft.ML.Recurrent.Data;

/// <summary>Reads a numeric column of the current row (any numeric type, scalar or a vector of known size) as Single or as Double.</summary>
internal abstract class NumberReader(int size)
{
    /// <summary>Numbers per row.</summary>
    public int Size { get; } = size;

    /// <summary>Writes the numbers of the current row to the start of <paramref name="destination"/>; returns their count.</summary>
    public abstract int Read(Span<float> destination);

    /// <inheritdoc cref="Read(Span{float})"/>
    public abstract int Read(Span<double> destination);

    /// <summary>Whether the items of a column are supported numbers: Single, Double or integers.</summary>
    public static bool IsPossible(DataViewType itemType) => itemType is NumberDataViewType;

    /// <summary>Opens a column that <see cref="Columns.Numbers"/> found.</summary>
    public static NumberReader Create(DataViewRow row, DataViewSchema.Column column, int size)
    {
        if (column.Type is VectorDataViewType) return new Vector(row, column, size);
        return column.Type.RawType == typeof(float) ? new Scalar(row.GetGetter<float>(column))
            : Columns.Open<NumberReader>(typeof(Converted<>), row, column);
    }

    private sealed class Scalar(ValueGetter<float> getter) : NumberReader(1)
    {
        public override int Read(Span<float> destination)
        {
            getter(ref destination[0]);
            return 1;
        }

        public override int Read(Span<double> destination)
        {
            var value = 0f;
            getter(ref value);
            destination[0] = value;
            return 1;
        }
    }

    private sealed class Converted<T>(DataViewRow row, DataViewSchema.Column column) : NumberReader(1)
        where T : unmanaged, INumber<T>
    {
        private readonly ValueGetter<T> _getter = row.GetGetter<T>(column);
        private T _value;

        public override int Read(Span<float> destination)
        {
            _getter(ref _value);
            destination[0] = float.CreateTruncating(_value);
            return 1;
        }

        public override int Read(Span<double> destination)
        {
            _getter(ref _value);
            destination[0] = double.CreateTruncating(_value);
            return 1;
        }
    }

    private sealed class Vector(DataViewRow row, DataViewSchema.Column column, int size) : NumberReader(size)
    {
        private readonly NumberVector _vector = NumberVector.Open(row, column);

        public override int Read(Span<float> destination)
        {
            Read();
            _vector.Values.CopyTo(destination);
            return Size;
        }

        public override int Read(Span<double> destination)
        {
            Read();
            _vector.Doubles.CopyTo(destination);
            return Size;
        }

        private void Read()
        {
            var count = _vector.Read();
            // A PredictionEngine passes arrays of any length, whatever the column type.
            if (count != Size)
                throw ColumnErrors.Value("number", column.Name, row.Position, $"{ColumnErrors.Holds(count, "numbers")}, but the column type has {Size}.");
        }
    }
}
