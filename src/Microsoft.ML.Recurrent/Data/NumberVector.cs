using System.Numerics;
using Microsoft.ML.Data;

namespace Microsoft.ML.Recurrent.Data;

/// <summary>Reads a vector column of the current row, of any numeric type, dense or sparse, as Single or as Double. One reader belongs to one cursor.</summary>
internal abstract class NumberVector
{
    /// <summary>The numbers last read, valid until the next read.</summary>
    public abstract ReadOnlySpan<float> Values { get; }

    /// <summary>The numbers last read as Double, likewise.</summary>
    public abstract ReadOnlySpan<double> Doubles { get; }

    /// <summary>Reads the numbers of the current row; returns their count.</summary>
    public abstract int Read();

    public static NumberVector Open(DataViewRow row, DataViewSchema.Column column) =>
        Columns.ItemType(column.Type).RawType == typeof(float) ? new Singles(VectorGetter.Open<float>(row, column))
            : Columns.Open<NumberVector>(typeof(Converted<>), row, column);

    private sealed class Singles(ValueGetter<VBuffer<float>> getter) : NumberVector
    {
        private VBuffer<float> _vector;
        private float[] _values = [];
        private double[] _doubles = [];

        public override ReadOnlySpan<float> Values => _vector.IsDense ? _vector.GetValues() : _values.AsSpan(0, _vector.Length);

        public override ReadOnlySpan<double> Doubles
        {
            get
            {
                var values = Values;
                SequenceBuffers.Fit(ref _doubles, values.Length);
                for (var i = 0; i < values.Length; i++) _doubles[i] = values[i];
                return _doubles.AsSpan(0, values.Length);
            }
        }

        public override int Read()
        {
            getter(ref _vector);
            if (!_vector.IsDense) SequenceBuffers.Scatter(_vector, ref _values);
            return _vector.Length;
        }
    }

    private sealed class Converted<T>(DataViewRow row, DataViewSchema.Column column) : NumberVector
        where T : unmanaged, INumber<T>
    {
        private readonly ValueGetter<VBuffer<T>> _getter = VectorGetter.Open<T>(row, column);
        private VBuffer<T> _vector;
        private float[] _values = [];
        private double[] _doubles = [];

        public override ReadOnlySpan<float> Values => Convert(ref _values);

        public override ReadOnlySpan<double> Doubles => Convert(ref _doubles);

        public override int Read()
        {
            _getter(ref _vector);
            return _vector.Length;
        }

        private ReadOnlySpan<TNumber> Convert<TNumber>(ref TNumber[] numbers) where TNumber : INumber<TNumber>
        {
            var values = _vector.GetValues();
            var indices = _vector.GetIndices();
            SequenceBuffers.Fit(ref numbers, _vector.Length);
            if (!_vector.IsDense) numbers.AsSpan(0, _vector.Length).Clear();
            for (var i = 0; i < values.Length; i++) numbers[_vector.IsDense ? i : indices[i]] = TNumber.CreateTruncating(values[i]);
            return numbers.AsSpan(0, _vector.Length);
        }
    }
}
