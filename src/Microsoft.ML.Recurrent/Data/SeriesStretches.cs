using Microsoft.ML.Recurrent.Networks;

namespace Microsoft.ML.Recurrent.Data;

/// <summary>
/// The stretches of series that a forecaster is trained on. A stretch is some rows of a series of which one after the other is a position that forecasts the
/// rows after it; its window are the rows before it. Positions without a target in their window or horizon have the weight 0, as do those that fill up a
/// shorter stretch. Rows before the first row of a series are missing, or repeat it in stretches that begin before the first window is full.
/// </summary>
/// <param name="table">The rows.</param>
/// <param name="layout">The layout of a row.</param>
/// <param name="shape">The shape of a stretch.</param>
/// <param name="minimumHistory">Minimum number of existing rows in a window; null for all.</param>
/// <param name="repeatsFirst">Whether rows before the first row of a series repeat it; otherwise they are missing.</param>
internal sealed class SeriesStretches(SeriesTable table, SeriesLayout layout, StretchShape shape, int? minimumHistory = null, bool repeatsFirst = false)
{
    private readonly TrainingTarget _target = new(layout.GraphInputs(shape.Window, shape.Horizon));
    private readonly SeriesFiller _filler = new(layout.GraphInputs(shape.Window, shape.Horizon), layout, layout);
    private readonly WindowOrigins _origins = new(layout.GraphInputs(shape.Window, shape.Horizon), layout);
    private readonly float[] _missing = layout.MissingRows(1);
    private readonly int[] _seen = Seen(table, layout);

    // Of each series with positions: its first row, the start of the window of the first position relative to it, and the rows that may be positions.
    private readonly List<(int Row, int Start, int Rows)> _series = [];

    /// <summary>The shape of a stretch.</summary>
    public StretchShape Shape => shape;

    /// <summary>The number of series.</summary>
    public int Series => _series.Count;

    /// <summary>Positions of all series.</summary>
    public int Positions => Enumerable.Range(0, _series.Count).Sum(PositionsOf);

    /// <summary>Rows of a series before its first position.</summary>
    public int RowsBefore => (minimumHistory ?? shape.Window) - 1;

    /// <summary>
    /// Adds the rows of a series from its start to row <paramref name="to"/>, the last that may be forecast not among them; false if it has no position.
    /// </summary>
    public bool Add(int series, int to)
    {
        var least = (minimumHistory ?? shape.Window) - shape.Window;
        var last = to - shape.Window - shape.Horizon;
        if (last < least) return false;
        _series.Add((table.Starts[series], least, last - least + 1));
        return true;
    }

    /// <summary>Rows of a series that may be positions.</summary>
    public int RowsOf(int series) => _series[series].Rows;

    /// <summary>Positions of a series in one pass, a stride apart.</summary>
    public int PositionsOf(int series) => (_series[series].Rows + shape.Stride - 1) / shape.Stride;

    /// <summary>
    /// Fills a batch with stretches, each given by its series, the first of <see cref="RowsOf"/> and the number of its positions. The first may be negative,
    /// down to -<see cref="RowsBefore"/>: rows before the first position are read, and not forecast from.
    /// </summary>
    /// <param name="batch">The batch.</param>
    /// <param name="stretches">The stretches.</param>
    /// <param name="unlearned">Of each stretch, the first positions whose weight is 0; empty for none.</param>
    public void Fill(SequenceBatch batch, ReadOnlySpan<(int Series, int First, int Count)> stretches, ReadOnlySpan<int> unlearned = default)
    {
        var (rows, targets, most) = (stretches.Length, layout.Targets, 0);
        foreach (var stretch in stretches) most = Math.Max(most, stretch.Count);
        var positions = new StretchPositions(shape.Window, shape.WarmUp, most, shape.Stride, targets);
        _target.Begin(batch, rows, positions.Steps, shape.Horizon * targets, weights: true, positions: positions);
        for (var row = 0; row < rows; row++)
        {
            var ((series, first, count), least) = (stretches[row], unlearned.IsEmpty ? 0 : unlearned[row]);
            var start = _series[series].Row + _series[series].Start + first;
            var before = Math.Max(0, _series[series].Row - start);
            var steps = positions.StepOf(count - 1) + 1;
            // Of the first window: later rows would tell the first position what comes.
            var origins = _origins.Find(table.Values(start + before, shape.Window - before));
            for (var step = 0; step < before; step++)
                _filler.FillSteps(_target, row, step, repeatsFirst ? table.Values(start + before, 1) : _missing, origins);
            _filler.FillSteps(_target, row, before, table.Values(start + before, steps - before), origins);
            // The row after the last position stands for those that a shorter stretch lacks: what is known of it ahead may be read at the position.
            for (var step = steps; step < positions.Steps; step++) _filler.FillSteps(_target, row, step, table.Values(start + steps, 1), origins);
            for (var k = 0; k < most; k++)
            {
                FillForecast(batch, k * rows + row, start + positions.StepOf(Math.Min(k, count - 1)), _series[series].Row,
                    k < count && k >= least && first + k * shape.Stride >= 0, origins);
            }
        }
    }

    private void FillForecast(SequenceBatch batch, int forecast, int at, int start, bool counts, ReadOnlySpan<double> origins)
    {
        var targets = layout.Targets;
        var future = table.Values(at + 1, shape.Horizon);
        _filler.FillFuture(_target, forecast, table.Values(at, 1), future, origins);
        var answer = batch.Targets!.Span[(forecast * shape.Horizon * targets)..];
        if (layout.RestOf(_target.First) is >= 0 and var rest) Rounding.Subtract(future, future[rest..], table.Width, answer, targets, origins[..targets]);
        else StepCopy.Numbers(future, table.Width, answer, targets, targets);
        batch.Weights![forecast] = counts && HasTarget(Math.Max(start, at - shape.Window + 1), at + 1) && HasTarget(at + 1, at + 1 + shape.Horizon) ? 1 : 0;
    }

    private bool HasTarget(int from, int to) => _seen[to] > _seen[from];

    // The number of rows with a target before each row.
    private static int[] Seen(SeriesTable table, SeriesLayout layout)
    {
        var seen = new int[table.Rows + 1];
        for (var row = 0; row < table.Rows; row++) seen[row + 1] = seen[row] + (layout.HasTarget(table.Values(row, 1)) ? 1 : 0);
        return seen;
    }
}
