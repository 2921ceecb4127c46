using Microsoft.ML.Recurrent.Autograd;
using Microsoft.ML.Recurrent.Networks;

namespace Microsoft.ML.Recurrent.Data;

/// <summary>
/// Windows a stride apart that begin some rows earlier in each shuffled pass, fewer than the stride: all windows are learned in one epoch or another, at the
/// cost of some. A window that has no rows or no targets there stays where it is, as do all in a pass that is not shuffled.
/// </summary>
/// <param name="windows">The windows.</param>
/// <param name="stride">The rows from one to the next.</param>
internal sealed class ShiftedWindows(SeriesWindowExamples windows, int stride) : IExampleSource
{
    private readonly RandomStream _random = new(0);
    private int _shift;

    public int Count => windows.Count;

    public bool VariesInLength => windows.VariesInLength;

    public int Length(int example) => windows.Length(example);

    public void Begin(ulong? seed)
    {
        _shift = 0;
        if (seed is not { } key) return;
        _random.State = new(key, RandomStream.StreamOf("windows"), 0);
        _shift = _random.NextInt32(stride);
    }

    public void Fill(SequenceBatch batch, ReadOnlySpan<int> examples) => windows.Fill(batch, examples, _shift);
}
