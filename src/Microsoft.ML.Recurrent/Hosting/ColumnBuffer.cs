using System.Runtime.CompilerServices;
using Microsoft.ML.Data;
using Microsoft.ML.Recurrent.Data;

namespace Microsoft.ML.Recurrent.Hosting;

/// <summary>
/// A source column's values for the rows that a cursor has read ahead. They are read once, as the source passes them, and served row by row afterwards; the
/// slots are used again, so that nothing is allocated once they are warm.
/// </summary>
internal abstract class ColumnBuffer
{
    /// <summary>Reads the source's current value into a slot.</summary>
    public abstract void Store(int slot);

    /// <summary>A getter of the value in the slot that <paramref name="position"/> names at the time of the call.</summary>
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
        // Whoever was served an object owns it, and may even dispose of it (an image): such slots are handed to the source empty.
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

/// <summary>Which slot is meant: the one being filled, or the one being served.</summary>
internal sealed class SlotPosition
{
    public int Slot;
}
