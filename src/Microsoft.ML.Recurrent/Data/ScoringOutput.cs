namespace Microsoft.ML.Recurrent.Data;

/// <summary>One output of a batch, with concatenated rows; for per-step outputs, each row has the length of its sequence.</summary>
internal sealed class ScoringOutput
{
    private readonly int[] _starts;
    private readonly Array?[] _own;

    public ScoringOutput(OutputColumn column, int capacity)
    {
        Column = column;
        _starts = column.PerStep ? new int[capacity + 1] : [];
        _own = IsOwn ? new Array?[capacity] : [];
        Buffer = column.Kind switch
        {
            OutputKind.Single => Array.Empty<float>(),
            OutputKind.Boolean => Array.Empty<byte>(),
            OutputKind.Double => Array.Empty<double>(),
            _ => Array.Empty<long>()
        };
        if (!column.PerStep && !IsOwn) Fit(checked(capacity * column.Size));
    }

    public OutputColumn Column { get; }

    /// <summary>An array of float, double, long or (for booleans, 0 or 1) byte.</summary>
    public Array Buffer { get; private set; }

    /// <summary>Number of reallocations of the array.</summary>
    public int Version { get; private set; }

    // Texts are no part of a tensor either.
    private bool IsOwn => Column.Varies || Column.Kind is OutputKind.Text;

    /// <summary>Keeps the values of a row of a column of texts, or of which each row has its own number.</summary>
    public void Keep<T>(int row, T[] values) => _own[row] = values;

    /// <summary>The values that were kept of a row; none where there are none.</summary>
    public ReadOnlySpan<T> Own<T>(int row) => (T[]?)_own[row];

    /// <summary>Forgets what was kept.</summary>
    public void Clear() => Array.Clear(_own);

    /// <summary>Allocates the outputs of sequences of these lengths.</summary>
    public void Prepare(ReadOnlySpan<int> times)
    {
        if (!Column.PerStep) return;
        for (var row = 0; row < times.Length; row++) _starts[row + 1] = checked(_starts[row] + times[row] * Column.Size);
        Fit(_starts[times.Length]);
    }

    /// <summary>Output values for a sequence with the given number of steps.</summary>
    public int RowSize(int time) => Column.PerStep ? checked(time * Column.Size) : Column.Size;

    public int Start(int row) => Column.PerStep ? _starts[row] : row * Column.Size;

    /// <summary>Output values of a row.</summary>
    public int Length(int row) => Column.PerStep ? _starts[row + 1] - _starts[row] : Column.Size;

    public Span<T> Row<T>(int row) where T : unmanaged => ((T[])Buffer).AsSpan(Start(row), Length(row));

    private void Fit(int size)
    {
        if (size <= Buffer.Length && Version > 0) return;
        Buffer = Buffer switch
        {
            float[] floats => Pinned.Grow(floats, size),
            double[] doubles => Pinned.Grow(doubles, size),
            long[] integers => Pinned.Grow(integers, size),
            var booleans =>
            Pinned.Grow((byte[])booleans, size)
        };
        Version++;
    }
}
