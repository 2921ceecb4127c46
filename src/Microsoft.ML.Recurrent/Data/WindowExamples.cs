using Microsoft.ML.Recurrent.Networks;

namespace Microsoft.ML.Recurrent.Data;

/// <summary>
/// The examples of a forecaster whose rows are series: each is a window of rows and the rows after it, a view into the table. Statics are taken from the
/// window's last row. Windows and horizons in which all targets are missing are left out; what lies before a series' first row is missing.
/// </summary>
/// <param name="table">The rows.</param>
/// <param name="layout">How a row lies in it.</param>
/// <param name="windowSize">Rows of a window.</param>
/// <param name="horizon">Rows of what follows.</param>
/// <param name="minimumHistory">Rows of a window that must be there; null for all.</param>
internal sealed class WindowExamples(SeriesTable table, SeriesLayout layout, int windowSize, int horizon, int? minimumHistory = null) : IExampleSource
{
    private readonly (int Offset, SeriesRole Role)[] _categories = [.. layout.Categories.Select((input, i) => (layout.FirstCategory + i, input.Role))];
    private readonly bool _hasSeries = layout.Series is not null;
    private readonly float[] _missing = new float[layout.Width];

    // The first row of each window, and how many rows of it lie before the series' first.
    private readonly List<(int Row, int Before)> _starts = [];

    public int Count => _starts.Count;

    public bool VariesInLength => false;

    public int Length(int example) => windowSize;

    /// <summary>
    /// Adds the windows of one series whose first future row lies at or after row <paramref name="from"/> of it and whose last one before row
    /// <paramref name="to"/>, every <paramref name="stride"/> rows; returns their numbers.
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

    public void Fill(SequenceBatch batch, ReadOnlySpan<int> examples)
    {
        var (features, targets, statics, ahead, rows) = (layout.Features, layout.Targets, layout.Statics, layout.Future, examples.Length);
        batch.Resize(rows, windowSize, features, statics: statics, targets: horizon * targets, future: ahead, horizon: horizon, series: _hasSeries);
        var values = batch.Values!.Span;
        var next = batch.Targets!.Span;
        for (var row = 0; row < rows; row++)
        {
            var (start, before) = _starts[examples[row]];
            if (before > 0) layout.WriteMissing(table.Values(start + before, 1), null, _missing);
            for (var step = 0; step < before; step++) _missing.AsSpan(0, features).CopyTo(values[((step * rows + row) * features)..]);
            SequenceFill.Row(values[(before * rows * features)..], table.Values(start + before, windowSize - before), table.Width, row, rows, features);
            if (statics > 0) table.Values(start + windowSize - 1, 1).Slice(features, statics).CopyTo(batch.Statics!.Span[(row * statics)..]);
            SequenceFill.Row(next[(row * horizon * targets)..], table.Values(start + windowSize, horizon), table.Width, 0, 1, targets);
            if (ahead > 0) SequenceFill.Row(batch.Future!.Span, table.Values(start + windowSize, horizon)[(features - ahead)..], table.Width, row, rows, ahead);
        }
        for (var i = 0; i < _categories.Length; i++) FillCategory(batch, i, examples);
        for (var row = 0; _hasSeries && row < rows; row++) batch.Series![row] = (int)table.Values(_starts[examples[row]].Row + windowSize - 1, 1)[^1];
    }

    private void FillCategory(SequenceBatch batch, int category, ReadOnlySpan<int> examples)
    {
        var ((offset, role), rows) = (_categories[category], examples.Length);
        var ids = batch.Categories(category, role is SeriesRole.Static ? rows : windowSize * rows);
        var next = role is SeriesRole.Future ? batch.FutureCategories(category, horizon * rows) : [];
        for (var row = 0; row < rows; row++)
        {
            var (start, before) = _starts[examples[row]];
            if (role is SeriesRole.Static) ids[row] = Id(start + windowSize - 1);
            else for (var step = 0; step < windowSize; step++) ids[step * rows + row] = step < before ? 0 : Id(start + step);
            for (var step = 0; role is SeriesRole.Future && step < horizon; step++) next[step * rows + row] = Id(start + windowSize + step);
        }

        int Id(int row) => (int)table.Values(row, 1)[offset];
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
