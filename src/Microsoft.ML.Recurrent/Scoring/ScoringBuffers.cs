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
        if (column.Kind is InputKind.Static || column.Time is not null) Fit(checked(capacity * RowSize(column.Time ?? 1)));
    }

    public InputColumn Column { get; }

    public bool IsTokens => Column.Kind is InputKind.Tokens;

    /// <summary>Counts the times that the arrays were replaced by greater ones.</summary>
    public int Version { get; private set; }

    public Array Buffer => IsTokens ? _tokens : _values;

    /// <summary>Numbers of a row of so many steps.</summary>
    public int RowSize(int time) => Column.Kind is InputKind.Static ? Column.Features : checked(time * Column.Features);

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
        if (IsTokens) _tokens = Pinned.Grow(_tokens, size);
        else _values = Pinned.Grow(_values, size);
        Version++;
    }
}

/// <summary>One output of a batch, row by row.</summary>
internal sealed class ScoringOutput(OutputColumn column, int capacity)
{
    public OutputColumn Column { get; } = column;

    public float[] Floats { get; } = column.Kind is OutputKind.Single ? GC.AllocateArray<float>(checked(capacity * column.Size), pinned: true) : [];

    /// <summary>0 or 1 a row: ONNX Runtime's booleans are bytes.</summary>
    public byte[] Booleans { get; } = column.Kind is OutputKind.Boolean ? GC.AllocateArray<byte>(capacity, pinned: true) : [];

    public long[] Keys { get; } = column.Kind is OutputKind.Key ? GC.AllocateArray<long>(capacity, pinned: true) : [];

    public Array Buffer => Column.Kind switch { OutputKind.Single => Floats, OutputKind.Boolean => Booleans, _ => Keys };
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
