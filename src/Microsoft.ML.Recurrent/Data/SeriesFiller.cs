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
        if (!older.IsEmpty) FillSteps(target, example, 0, older, origins);
        FillSteps(target, example, older.Length / _width, newer, origins);
        FillFuture(target, example, newer[^_width..], future, origins);
    }

    /// <summary>Writes steps of a window or stretch.</summary>
    /// <param name="target">The batch.</param>
    /// <param name="example">The row of the window or stretch in the batch.</param>
    /// <param name="step">The first step.</param>
    /// <param name="rows">The rows.</param>
    /// <param name="origins">The origins of a batch to train on.</param>
    public void FillSteps(IExampleTarget target, int example, int step, ReadOnlySpan<float> rows, ReadOnlySpan<double> origins)
    {
        for (var i = 0; i < _inputs.Length; i++)
        {
            if (_inputs[i].Kind is not (InputKind.Future or InputKind.Static)) Write(target, example, i, step, rows, _width, origins);
        }
    }

    /// <summary>Writes what belongs to one forecast beside the steps: the statics and series id of a row, and the future features.</summary>
    /// <param name="target">The batch.</param>
    /// <param name="forecast">The forecast in the batch.</param>
    /// <param name="last">The row from which it is made.</param>
    /// <param name="future">The rows of the horizon.</param>
    /// <param name="origins">The origins of a batch to train on.</param>
    public void FillFuture(IExampleTarget target, int forecast, ReadOnlySpan<float> last, ReadOnlySpan<float> future, ReadOnlySpan<double> origins)
    {
        for (var i = 0; i < _inputs.Length; i++)
        {
            if (_inputs[i].Kind is InputKind.Future) Write(target, forecast, i, 0, future, _futureWidth, origins);
            else if (_inputs[i].Kind is InputKind.Static) Write(target, forecast, i, 0, last, _width, origins);
        }
    }

    private void Write(IExampleTarget target, int example, int input, int step, ReadOnlySpan<float> rows, int width, ReadOnlySpan<double> origins)
    {
        var (_, offset, rest, origin) = _inputs[input];
        if (rest < 0) target.Write(example, input, step, rows[offset..], width);
        else target.Write(example, input, step, rows[offset..], rows[rest..], width, origins.IsEmpty ? default : origins[origin]);
    }
}
