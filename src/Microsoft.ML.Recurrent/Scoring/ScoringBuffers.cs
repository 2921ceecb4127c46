using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Microsoft.ML.Recurrent.Scoring;

/// <summary>
/// One input of a batch. Rows lie one behind the other as they come, each as long as it is; where all have the same length that is the tensor itself. The arrays are pinned
/// for good, since ONNX Runtime reads them in place.
/// </summary>
internal sealed class ScoringInput
{
    private readonly int[] _starts;
    private float[] _values = [];
    private long[] _tokens = [];

    public ScoringInput(InputColumn column, int capacity)
    {
        Column = column;
        _starts = new int[capacity + 1];
        // What the shape tells is provided at once.
        if (!column.IsSequence || column.Time is not null) Fit(checked(capacity * RowSize(column.Time ?? 1)));
    }

    public InputColumn Column { get; }

    /// <summary>Whether its numbers are of type long.</summary>
    public bool IsInteger => Column.Kind is InputKind.Tokens or InputKind.Integers || Column.IsCategory;

    /// <summary>Counts the times that the arrays were replaced by greater ones.</summary>
    public int Version { get; private set; }

    public Array Buffer => IsInteger ? _tokens : _values;

    /// <summary>Numbers of a row of so many steps.</summary>
    public int RowSize(int time) => Column.Kind is InputKind.Future ? checked(Column.Time!.Value * Column.Features) : Column.IsSequence ? checked(time * Column.Features) : Column.Features;

    /// <summary>A row's numbers (float) or token ids (long).</summary>
    public Span<T> Row<T>(int row) where T : unmanaged => ((T[])Buffer).AsSpan(_starts[row], _starts[row + 1] - _starts[row]);

    public void Add(int row, int time)
    {
        int end = checked(_starts[row] + RowSize(time));
        Fit(end);
        _starts[row + 1] = end;
    }

    public void RemoveLast(int row) => _starts[row + 1] = 0;

    public void Clear() => _starts[0] = 0;

    private void Fit(int size)
    {
        if (size <= Buffer.Length) return;
        if (IsInteger) _tokens = Pinned.Grow(_tokens, size);
        else _values = Pinned.Grow(_values, size);
        Version++;
    }
}

/// <summary>One output of a batch, row behind row; of answers at every step each row is as long as its sequence.</summary>
internal sealed class ScoringOutput
{
    private readonly int[] _starts;

    public ScoringOutput(OutputColumn column, int capacity)
    {
        Column = column;
        _starts = column.PerStep ? new int[capacity + 1] : [];
        Buffer = column.Kind switch { OutputKind.Single => Array.Empty<float>(), OutputKind.Boolean => Array.Empty<byte>(), _ => Array.Empty<long>() };
        if (!column.PerStep) Fit(checked(capacity * column.Size));
    }

    public OutputColumn Column { get; }

    /// <summary>An array of float, long or (for booleans, 0 or 1) byte.</summary>
    public Array Buffer { get; private set; }

    /// <summary>Counts the times that the array was replaced by a greater one.</summary>
    public int Version { get; private set; }

    /// <summary>Provides room for the answers to sequences of these lengths.</summary>
    public void Prepare(ReadOnlySpan<int> times)
    {
        if (!Column.PerStep) return;
        for (int row = 0; row < times.Length; row++) _starts[row + 1] = checked(_starts[row] + times[row] * Column.Size);
        Fit(_starts[times.Length]);
    }

    /// <summary>Numbers of the answer to a sequence of so many steps.</summary>
    public int RowSize(int time) => Column.PerStep ? checked(time * Column.Size) : Column.Size;

    public int Start(int row) => Column.PerStep ? _starts[row] : row * Column.Size;

    public Span<T> Row<T>(int row) where T : unmanaged => ((T[])Buffer).AsSpan(Start(row), Column.PerStep ? _starts[row + 1] - _starts[row] : Column.Size);

    private void Fit(int size)
    {
        if (size <= Buffer.Length && Version > 0) return;
        Buffer = Buffer switch { float[] floats => Pinned.Grow(floats, size), long[] integers => Pinned.Grow(integers, size), var booleans => Pinned.Grow((byte[])booleans, size) };
        Version++;
    }
}

/// <summary>Arrays that never move.</summary>
internal static class Pinned
{
    /// <summary>An array of at least the size asked for with the old one's contents; the first is of just that size, later ones a power of two.</summary>
    public static T[] Grow<T>(T[] old, int size) where T : unmanaged
    {
        if (old.Length > 0) size = (int)Math.Min(BitOperations.RoundUpToPowerOf2((uint)size), (uint)Array.MaxLength);
        var grown = GC.AllocateUninitializedArray<T>(size, pinned: true);
        old.CopyTo(grown, 0);
        return grown;
    }

    /// <summary>The address of an element.</summary>
    public static unsafe nint Address(Array array, long index, int elementSize) =>
        (nint)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(array)) + (nint)(index * elementSize);
}
