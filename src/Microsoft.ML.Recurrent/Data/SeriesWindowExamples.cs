using Microsoft.ML.Recurrent.Networks;

namespace Microsoft.ML.Recurrent.Data;

/// <summary>
/// The examples of a forecaster on series data: each is a window of rows and the rows after it, a view into the table. Statics are those of the last row of the
/// window. Windows and horizons with only missing targets are left out; rows before the first row of a series are missing.
/// </summary>
/// <param name="table">The rows.</param>
/// <param name="layout">The layout of a row.</param>
/// <param name="windowSize">Rows per window.</param>
/// <param name="horizon">Rows after the window.</param>
/// <param name="minimumHistory">Minimum number of existing rows in a window; null for all.</param>
internal sealed class SeriesWindowExamples(SeriesTable table, SeriesLayout layout, int windowSize, int horizon, int? minimumHistory = null)
    : IForecastTargets
{
    private readonly TrainingTarget _target = new(layout.GraphInputs(windowSize, horizon));
    private readonly SeriesFiller _filler = new(layout.GraphInputs(windowSize, horizon), layout, layout);
    private readonly WindowOrigins _origins = new(layout.GraphInputs(windowSize, horizon), layout);
    private readonly float[] _missing = layout.MissingRows(windowSize - (minimumHistory ?? windowSize));

    // The first row of each window, and its number of rows before the start of the series.
    private readonly List<(int Row, int Before)> _starts = [];

    public int Count => _starts.Count;

    public bool VariesInLength => false;

    public int Length(int example) => windowSize;

    /// <summary>Makes room for about that many windows.</summary>
    public void Reserve(int windows) => _starts.EnsureCapacity(windows);

    /// <summary>
    /// Adds the windows of one series whose first future row lies at or after row <paramref name="from"/> and whose last one lies before row
    /// <paramref name="to"/>, every <paramref name="stride"/> rows; returns their indices.
    /// </summary>
    public IEnumerable<int> Add(int series, int from, int to, int stride = 1)
    {
        var (first, added) = (table.Starts[series], _starts.Count);
        // Counted from the end, so that the latest window is always among them.
        var least = Math.Max((minimumHistory ?? windowSize) - windowSize, from - windowSize);
        for (var start = least + Math.Max(0, to - windowSize - horizon - least) % stride; start + windowSize + horizon <= to; start += stride)
        {
            var before = Math.Max(0, -start);
            if (HasTarget(first + start + before, windowSize - before) && HasTarget(first + start + windowSize, horizon)) _starts.Add((first + start, before));
        }
        return Enumerable.Range(added, _starts.Count - added);
    }

    /// <summary>The last row of a window.</summary>
    public int RowOf(int example) => _starts[example].Row + windowSize - 1;

    public void Fill(SequenceBatch batch, ReadOnlySpan<int> examples)
    {
        var targets = layout.Targets;
        _target.Begin(batch, examples.Length, windowSize, horizon * targets);
        for (var row = 0; row < examples.Length; row++)
        {
            var (start, before) = _starts[examples[row]];
            var future = table.Values(start + windowSize, horizon);
            var window = table.Values(start + before, windowSize - before);
            var origins = _origins.Find(window);
            _filler.Fill(_target, row, _missing.AsSpan(0, before * table.Width), window, future, origins);
            var answer = batch.Targets!.Span[(row * horizon * targets)..];
            if (layout.RestOf(_target.First) is >= 0 and var rest) Rounding.Subtract(future, future[rest..], table.Width, answer, targets, origins[..targets]);
            else StepCopy.Numbers(future, table.Width, answer, targets, targets);
        }
    }

    public void ReadTargets(int example, Span<double> targets)
    {
        for (var i = 0; i < targets.Length; i++)
            targets[i] = layout.Number(table.Values(_starts[example].Row + windowSize + i / layout.Targets, 1), i % layout.Targets);
    }

    private bool HasTarget(int row, int count)
    {
        for (var i = 0; i < count; i++)
        {
            if (layout.HasTarget(table.Values(row + i, 1))) return true;
        }
        return false;
    }
}
