namespace Microsoft.ML.Recurrent.Data;

/// <summary>Writes examples from series data: the window, the statics and series id of its last row, and the future features.</summary>
internal sealed class SeriesFiller
{
    private readonly (InputKind Kind, int Offset, int Remainder, Range Origin)[] _inputs;
    private readonly int _width, _futureWidth;

    /// <param name="inputs">The target's inputs.</param>
    /// <param name="rows">The layout of the window rows.</param>
    /// <param name="future">The layout of the horizon rows.</param>
    public SeriesFiller(IEnumerable<InputColumn> inputs, SeriesLayout rows, SeriesLayout future)
    {
        (_width, _futureWidth) = (rows.Width, future.Width);
        var origins = 0;
        _inputs = [.. inputs.Select(input =>
        {
            var (layout, first) = (input.Kind is InputKind.Future ? future : rows, origins);
            if (!input.Origins.IsEmpty) origins += input.Features;
            return (input.Kind, layout.OffsetOf(input), layout.RestOf(input), first..origins);
        })];
    }

    /// <summary>Writes one example.</summary>
    /// <param name="target">The batch.</param>
    /// <param name="example">The row of the example in the batch.</param>
    /// <param name="older">The first rows of the window, oldest first; may be empty.</param>
    /// <param name="newer">The rows after them, at least one.</param>
    /// <param name="future">The rows of the horizon.</param>
    /// <param name="origins">The origins of a batch to train on, from <see cref="WindowOrigins"/>.</param>
    public void Fill(IExampleTarget target, int example, ReadOnlySpan<float> older, ReadOnlySpan<float> newer, ReadOnlySpan<float> future,
        ReadOnlySpan<double> origins = default)
    {
        for (var i = 0; i < _inputs.Length; i++)
        {
            var kind = _inputs[i].Kind;
            if (kind is InputKind.Future) Write(target, example, i, 0, future, _futureWidth, origins);
            else if (kind is InputKind.Static) Write(target, example, i, 0, newer[^_width..], _width, origins);
            else
            {
                if (!older.IsEmpty) Write(target, example, i, 0, older, _width, origins);
                Write(target, example, i, older.Length / _width, newer, _width, origins);
            }
        }
    }

    private void Write(IExampleTarget target, int example, int input, int step, ReadOnlySpan<float> rows, int width, ReadOnlySpan<double> origins)
    {
        var (_, offset, rest, origin) = _inputs[input];
        if (rest < 0) target.Write(example, input, step, rows[offset..], width);
        else target.Write(example, input, step, rows[offset..], rows[rest..], width, origins.IsEmpty ? default : origins[origin]);
    }
}
