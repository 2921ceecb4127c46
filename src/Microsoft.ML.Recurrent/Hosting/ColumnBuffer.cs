using System.Runtime.CompilerServices;
using Microsoft.ML.Data;
using Microsoft.ML.Recurrent.Data;

namespace Microsoft.ML.Recurrent.Hosting;

/// <summary>
/// Buffers the values of a source column for the rows that a cursor has read ahead. Each value is read once and served later; slots are reused, so that nothing
/// is allocated after warm-up.
/// </summary>
internal abstract class ColumnBuffer
{
    /// <summary>Reads the current value of the source into a slot.</summary>
    public abstract void Store(int slot);

    /// <summary>Returns a getter of the value in the slot that <paramref name="position"/> refers to at the time of the call.</summary>
    public abstract Delegate Getter(SlotPosition position);

    public static ColumnBuffer Create(DataViewRow source, DataViewSchema.Column column, int capacity)
    {
        var type = column.Type is VectorDataViewType vector
            ? typeof(Vectors<>).MakeGenericType(vector.ItemType.RawType)
            : typeof(Values<>).MakeGenericType(column.Type.RawType);
        return (ColumnBuffer)Activator.CreateInstance(type, source, column, capacity)!;
    }

    private sealed class Values<T>(DataViewRow source, DataViewSchema.Column column, int capacity) : ColumnBuffer
    {
        // The consumer owns a served object and may dispose it (an image): such slots are emptied before the next read.
        private static readonly bool Owned = RuntimeHelpers.IsReferenceOrContainsReferences<T>() && typeof(T) != typeof(ReadOnlyMemory<char>);

        private readonly ValueGetter<T> _source = source.GetGetter<T>(column);
        private readonly T[] _slots = new T[capacity];

        public override void Store(int slot)
        {
            if (Owned) _slots[slot] = default!;
            _source(ref _slots[slot]);
        }

        public override Delegate Getter(SlotPosition position) => (ValueGetter<T>)((ref T value) => value = _slots[position.Slot]);
    }

    private sealed class Vectors<T>(DataViewRow source, DataViewSchema.Column column, int capacity) : ColumnBuffer
    {
        private readonly ValueGetter<VBuffer<T>> _source = VectorGetter.Open<T>(source, column);
        private readonly VBuffer<T>[] _slots = new VBuffer<T>[capacity];

        public override void Store(int slot) => _source(ref _slots[slot]);

        public override Delegate Getter(SlotPosition position) => (ValueGetter<VBuffer<T>>)((ref VBuffer<T> value) => _slots[position.Slot].CopyTo(ref value));
    }
}

/// <summary>The slot being filled, or the one being served.</summary>
internal sealed class SlotPosition
{
    public int Slot;
}
