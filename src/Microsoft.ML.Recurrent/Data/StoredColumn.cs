using Microsoft.ML.Data;

namespace Microsoft.ML.Recurrent.Data;

/// <summary>Copies of the values of one column of any type, by index: a passed-through column of a view of windows or sequences.</summary>
internal abstract class StoredColumn
{
    /// <summary>Number of stored values.</summary>
    public abstract int Count { get; }

    public static StoredColumn Create(DataViewType type)
    {
        var raw = type.RawType;
        var implementation = type is VectorDataViewType vector
            ? typeof(Vectors<>).MakeGenericType(vector.ItemType.RawType)
            : typeof(Values<>).MakeGenericType(raw);
        return (StoredColumn)Activator.CreateInstance(implementation, nonPublic: true)!;
    }

    /// <summary>Binds the column of a cursor: the action appends its current value.</summary>
    public abstract Action Bind(DataViewRow row, DataViewSchema.Column source);

    /// <summary>A <see cref="ValueGetter{TValue}"/> of the value at the index returned by <paramref name="index"/>.</summary>
    public abstract Delegate Getter(Func<int> index);

    /// <summary>A <see cref="ValueGetter{TValue}"/> of the values at several indices as one vector.</summary>
    /// <param name="indexOf">The index of each.</param>
    /// <param name="count">The number of rows.</param>
    public abstract Delegate Getter(Func<int, int> indexOf, int count);

    // Text may refer to a buffer of the loader: copy it.
    private static T Own<T>(T value) =>
        typeof(T) == typeof(ReadOnlyMemory<char>) ? (T)(object)((ReadOnlyMemory<char>)(object)value!).ToString().AsMemory() : value;

    private sealed class Values<T> : StoredColumn
    {
        private readonly List<T> _values = [];

        public override int Count => _values.Count;

        public override Action Bind(DataViewRow row, DataViewSchema.Column source)
        {
            var getter = row.GetGetter<T>(source);
            T value = default!;
            return () =>
            {
                getter(ref value);
                _values.Add(Own(value));
            };
        }

        public override Delegate Getter(Func<int> index) => (ValueGetter<T>)((ref T value) => value = _values[index()]);

        public override Delegate Getter(Func<int, int> indexOf, int count) => (ValueGetter<VBuffer<T>>)((ref VBuffer<T> value) =>
        {
            var editor = VBufferEditor.Create(ref value, count);
            for (var i = 0; i < count; i++) editor.Values[i] = _values[indexOf(i)];
            value = editor.Commit();
        });
    }

    private sealed class Vectors<T> : StoredColumn
    {
        private readonly List<VBuffer<T>> _vectors = [];

        public override int Count => _vectors.Count;

        public override Action Bind(DataViewRow row, DataViewSchema.Column source)
        {
            var getter = VectorGetter.Open<T>(row, source);
            VBuffer<T> value = default;
            return () =>
            {
                getter(ref value);
                VBuffer<T> copy = default;
                value.CopyTo(ref copy);
                if (typeof(T) == typeof(ReadOnlyMemory<char>))
                {
                    var editor = VBufferEditor.CreateFromBuffer(ref copy);
                    foreach (ref var item in editor.Values) item = Own(item);
                }
                _vectors.Add(copy);
            };
        }

        public override Delegate Getter(Func<int> index) => (ValueGetter<VBuffer<T>>)((ref VBuffer<T> value) => _vectors[index()].CopyTo(ref value));

        public override Delegate Getter(Func<int, int> indexOf, int count) =>
            throw new NotSupportedException("A vector column cannot be combined into vectors.");
    }
}
