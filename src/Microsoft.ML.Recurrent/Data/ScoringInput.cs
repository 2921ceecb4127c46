namespace Microsoft.ML.Recurrent.Data;

/// <summary>
/// One input of a batch. Rows are concatenated at their own lengths; if all have the same length, this is the tensor itself. The arrays are pinned because ONNX
/// Runtime reads them in place.
/// </summary>
internal sealed class ScoringInput
{
    private readonly int[] _starts;
    private float[] _values = [];
    private long[] _tokens = [];
    private double[] _doubles = [];
    private string[] _texts = [];

    public ScoringInput(InputColumn column, int capacity)
    {
        Column = column;
        _starts = new int[capacity + 1];
        // Allocates what is known from the shape.
        if (!column.IsSequence || column.Time is not null) Fit(checked(capacity * RowSize(column.Time ?? 1)));
    }

    public InputColumn Column { get; }

    /// <summary>Whether the element type is long.</summary>
    public bool IsInteger => Column.Kind is InputKind.Tokens or InputKind.Integers or InputKind.Letters or InputKind.IntegerSteps || Column.IsCategory;

    /// <summary>Whether the element type is double.</summary>
    public bool IsDouble => !Column.Origins.IsEmpty || Column.IsDouble;

    /// <summary>Whether the element type is string.</summary>
    public bool IsText => Column.Kind is InputKind.Text;

    /// <summary>Number of reallocations of the arrays.</summary>
    public int Version { get; private set; }

    public Array Buffer => IsText ? _texts : IsInteger ? _tokens : IsDouble ? _doubles : _values;

    /// <summary>Numbers of a row with the given number of steps.</summary>
    public int RowSize(int time) =>
        Column.Kind is InputKind.Future ? checked(Column.Time!.Value * Column.Features) : Column.IsSequence ? checked(time * Column.Features) : Column.Features;

    /// <summary>The numbers (float or double), token ids (long) or texts (string) of a row.</summary>
    public Span<T> Row<T>(int row) => ((T[])Buffer).AsSpan(_starts[row], _starts[row + 1] - _starts[row]);

    public void Add(int row, int time)
    {
        var end = checked(_starts[row] + RowSize(time));
        Fit(end);
        _starts[row + 1] = end;
    }

    public void Clear() => _starts[0] = 0;

    private void Fit(int size)
    {
        if (size <= Buffer.Length) return;
        if (IsText) Array.Resize(ref _texts, Math.Max(size, 2 * _texts.Length));
        else if (IsInteger) _tokens = Pinned.Grow(_tokens, size);
        else if (IsDouble) _doubles = Pinned.Grow(_doubles, size);
        else _values = Pinned.Grow(_values, size);
        Version++;
    }
}
