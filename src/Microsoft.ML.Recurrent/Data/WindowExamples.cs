using Microsoft.ML.Recurrent.Networks;

namespace Microsoft.ML.Recurrent.Data;

/// <summary>The examples of a forecaster whose rows are series: each is a window of rows and the rows after it, a view into the table. Statics are taken from the window's last row.</summary>
internal sealed class WindowExamples(SeriesTable table, SeriesLayout layout, int windowSize, int horizon) : IExampleSource
{
    private readonly (int Offset, SeriesRole Role)[] _categories = [.. layout.Categories.Select((input, i) => (layout.FirstCategory + i, input.Role))];
    private readonly List<int> _starts = [];

    public int Count => _starts.Count;

    public bool VariesInLength => false;

    public int Length(int example) => windowSize;

    /// <summary>Adds the windows of one series whose first future row lies at or after row <paramref name="from"/> of it and whose last one before row <paramref name="to"/>, every <paramref name="stride"/> rows; returns their numbers.</summary>
    public IEnumerable<int> Add(int series, int from, int to, int stride = 1)
    {
        var (first, added) = (table.Starts[series], _starts.Count);
        // Counted from the end, so that the latest window is always among them.
        var least = Math.Max(0, from - windowSize);
        for (var start = least + Math.Max(0, to - windowSize - horizon - least) % stride; start + windowSize + horizon <= to; start += stride) _starts.Add(first + start);
        return Enumerable.Range(added, _starts.Count - added);
    }

    public void Fill(SequenceBatch batch, ReadOnlySpan<int> examples)
    {
        var (features, targets, statics, ahead, rows) = (layout.Features, layout.Targets, layout.Statics, layout.Ahead, examples.Length);
        batch.Resize(rows, windowSize, features, statics: statics, targets: horizon * targets, future: ahead, horizon: horizon);
        var values = batch.Values!.Span;
        var next = batch.Targets!.Span;
        for (var row = 0; row < rows; row++)
        {
            var start = _starts[examples[row]];
            SequenceFill.Row(values, table.Values(start, windowSize), table.Width, row, rows, features);
            if (statics > 0) table.Values(start + windowSize - 1, 1).Slice(features, statics).CopyTo(batch.Statics!.Span[(row * statics)..]);
            SequenceFill.Row(next[(row * horizon * targets)..], table.Values(start + windowSize, horizon), table.Width, 0, 1, targets);
            if (ahead > 0) SequenceFill.Row(batch.Future!.Span, table.Values(start + windowSize, horizon)[(features - ahead)..], table.Width, row, rows, ahead);
        }
        for (var i = 0; i < _categories.Length; i++) FillCategory(batch, i, examples);
    }

    private void FillCategory(SequenceBatch batch, int category, ReadOnlySpan<int> examples)
    {
        var ((offset, role), rows) = (_categories[category], examples.Length);
        var ids = batch.Categories(category, role is SeriesRole.Static ? rows : windowSize * rows);
        var next = role is SeriesRole.Ahead ? batch.FutureCategories(category, horizon * rows) : [];
        for (var row = 0; row < rows; row++)
        {
            var start = _starts[examples[row]];
            if (role is SeriesRole.Static) ids[row] = Id(start + windowSize - 1);
            else for (var step = 0; step < windowSize; step++) ids[step * rows + row] = Id(start + step);
            for (var step = 0; role is SeriesRole.Ahead && step < horizon; step++) next[step * rows + row] = Id(start + windowSize + step);
        }

        int Id(int row) => (int)table.Values(row, 1)[offset];
    }
}
