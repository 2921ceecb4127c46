using System.Numerics;
using Microsoft.ML.Data;

namespace Microsoft.ML.Recurrent.Data;

/// <summary>Reads a label per step, a vector of keys: the class from 0, -1 for a missing key.</summary>
internal abstract class StepLabelReader
{
    /// <summary>Reads the current row.</summary>
    public abstract ReadOnlySpan<int> Read();

    public static StepLabelReader Create(DataViewRow row, DataViewSchema.Column column) => Columns.Open<StepLabelReader>(typeof(Keys<>), row, column);

    private sealed class Keys<T>(DataViewRow row, DataViewSchema.Column column) : StepLabelReader
        where T : unmanaged, IBinaryInteger<T>
    {
        private readonly ValueGetter<VBuffer<T>> _getter = VectorGetter.Open<T>(row, column);
        private readonly ulong _count = ((KeyDataViewType)Columns.ItemType(column.Type)).Count;
        private VBuffer<T> _vector;
        private int[] _labels = [];

        public override ReadOnlySpan<int> Read()
        {
            _getter(ref _vector);
            SequenceBuffers.Fit(ref _labels, _vector.Length);
            var labels = _labels.AsSpan(0, _vector.Length);
            labels.Fill(-1);
            foreach (var (step, key) in _vector.Items())
                if (ulong.CreateTruncating(key) is > 0 and var id && id <= _count) labels[step] = (int)id - 1;
            return labels;
        }
    }
}
