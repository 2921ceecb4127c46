namespace Microsoft.ML.Recurrent.Data;

/// <summary>Writes examples from series data: the window, the statics and series id of its last row, and the future features.</summary>
internal sealed class SeriesFiller
{
    private readonly (InputKind Kind, int Offset)[] _inputs;
    private readonly int _width, _futureWidth;

    /// <param name="inputs">The target's inputs.</param>
    /// <param name="rows">The layout of the window rows.</param>
    /// <param name="future">The layout of the horizon rows.</param>
    public SeriesFiller(IEnumerable<InputColumn> inputs, SeriesLayout rows, SeriesLayout future)
    {
        (_width, _futureWidth) = (rows.Width, future.Width);
        _inputs = [.. inputs.Select(input => (input.Kind, (input.Kind is InputKind.Future ? future : rows).OffsetOf(input)))];
    }

    /// <summary>Writes one example.</summary>
    /// <param name="target">The batch.</param>
    /// <param name="example">The row of the example in the batch.</param>
    /// <param name="older">The first rows of the window, oldest first; may be empty.</param>
    /// <param name="newer">The rows after them, at least one.</param>
    /// <param name="future">The rows of the horizon.</param>
    public void Fill(IExampleTarget target, int example, ReadOnlySpan<float> older, ReadOnlySpan<float> newer, ReadOnlySpan<float> future)
    {
        for (var i = 0; i < _inputs.Length; i++)
        {
            var (kind, offset) = _inputs[i];
            if (kind is InputKind.Future) target.Write(example, i, 0, future[offset..], _futureWidth);
            else if (kind is InputKind.Static) target.Write(example, i, 0, newer[^(_width - offset)..], _width);
            else
            {
                if (!older.IsEmpty) target.Write(example, i, 0, older[offset..], _width);
                target.Write(example, i, older.Length / _width, newer[offset..], _width);
            }
        }
    }
}
