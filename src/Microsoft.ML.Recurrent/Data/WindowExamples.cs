using Microsoft.ML.Recurrent.Networks;

namespace Microsoft.ML.Recurrent.Data;

/// <summary>
/// The examples of a forecaster whose rows are series: each is a window of rows and the rows after it, a view into the table. A row of the table holds the targets first, then the
/// covariates (those that are known ahead last), then the statics (taken from the window's last row).
/// </summary>
internal sealed class WindowExamples(SeriesTable table, int windowSize, int horizon, int targets, int features, int future = 0) : IExampleSource
{
    private readonly List<int> _starts = [];

    public int Count => _starts.Count;

    public bool VariesInLength => false;

    public int Statics => table.Width - features;

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
        batch.Resize(examples.Length, windowSize, features, statics: Statics, targets: horizon * targets, future: future, horizon: horizon);
        var values = batch.Values!.Span;
        var next = batch.Targets!.Span;
        for (var row = 0; row < examples.Length; row++)
        {
            var start = _starts[examples[row]];
            SequenceFill.Row(values, table.Values(start, windowSize), table.Width, row, examples.Length, features);
            if (Statics > 0) table.Values(start + windowSize - 1, 1)[features..].CopyTo(batch.Statics!.Span[(row * Statics)..]);
            SequenceFill.Row(next[(row * horizon * targets)..], table.Values(start + windowSize, horizon), table.Width, 0, 1, targets);
            if (future > 0) SequenceFill.Row(batch.Future!.Span, table.Values(start + windowSize, horizon)[(features - future)..], table.Width, row, examples.Length, future);
        }
    }
}
