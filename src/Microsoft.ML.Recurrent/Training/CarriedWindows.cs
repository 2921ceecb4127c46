using Microsoft.ML.Recurrent.Autograd;
using Microsoft.ML.Recurrent.Data;
using Microsoft.ML.Recurrent.Networks;

namespace Microsoft.ML.Recurrent.Training;

/// <summary>
/// Windows of series for a network that carries its states: the layers read each series once, from its first row to the last window, and their outputs at the
/// ends of the windows stand beside them in the batches (<see cref="SequenceBatch.Body"/>).
/// </summary>
/// <param name="windows">The windows.</param>
/// <param name="series">The rows, as stretches of positions at each row.</param>
/// <param name="starts">The first row of each series of <paramref name="series"/>, ascending.</param>
internal sealed class CarriedWindows(SeriesWindowExamples windows, SeriesStretches series, int[] starts)
{
    // Series that are read side by side.
    private const int MostLanes = 32;

    /// <summary>The windows with the outputs of the layers of a network as it is now.</summary>
    public ExampleSet Encode(Network network, ExampleSet set)
    {
        var encoded = new Encoded(windows);
        // By series, the rows at which windows end, relative to its first position.
        var ends = set.Examples.Select(example => (Example: example, Row: windows.RowOf(example)))
            .GroupBy(end => SeriesOf(end.Row))
            .Select(group => (Series: group.Key, Ends: group.Select(end => (end.Example, Row: end.Row - starts[group.Key])).OrderBy(end => end.Row).ToArray()))
            .OrderBy(lane => lane.Ends[^1].Row).ToArray();
        using var tape = new Tape { Recording = false };
        using var batch = new SequenceBatch();
        using var state = new NetworkState();
        foreach (var group in ends.Chunk(MostLanes)) Read(group);
        return set with { Source = encoded };

        void Read((int Series, (int Example, int Row)[] Ends)[] lanes)
        {
            var (length, next, size) = (lanes[^1].Ends[^1].Row + 1, new int[lanes.Length], series.Shape.Positions);
            var stretches = new (int, int, int)[lanes.Length];
            for (var from = 0; from < length; from += size)
            {
                set.Cancellation.ThrowIfCancellationRequested();
                var count = Math.Min(size, length - from);
                for (var i = 0; i < lanes.Length; i++)
                {
                    // A series that has ended repeats its last row.
                    var first = Math.Min(from, lanes[i].Ends[^1].Row);
                    stretches[i] = (lanes[i].Series, first - series.RowsBefore, Math.Min(count, lanes[i].Ends[^1].Row + 1 - first));
                }
                series.Fill(batch, stretches);
                batch.ContinuesState = from > 0;
                var states = network.Encode(tape, batch, state);
                for (var i = 0; i < lanes.Length; i++)
                {
                    for (; next[i] < lanes[i].Ends.Length && lanes[i].Ends[next[i]] is var (example, row) && row < from + count; next[i]++)
                        encoded.Keep(example, states.Span.Slice(((row - from) * lanes.Length + i) * states.Shape.Columns, states.Shape.Columns));
                }
                tape.Reset();
            }
        }
    }

    private int SeriesOf(int row) => Array.BinarySearch(starts, row) is >= 0 and var exact ? exact : ~Array.BinarySearch(starts, row) - 1;

    private sealed class Encoded(SeriesWindowExamples windows) : IExampleSource
    {
        private readonly Dictionary<int, float[]> _bodies = [];

        public int Count => windows.Count;

        public bool VariesInLength => false;

        public int Length(int example) => windows.Length(example);

        public void Keep(int example, ReadOnlySpan<float> body) => _bodies[example] = body.ToArray();

        public void Fill(SequenceBatch batch, ReadOnlySpan<int> examples)
        {
            windows.Fill(batch, examples);
            var body = batch.ResizeBody(_bodies[examples[0]].Length);
            for (var row = 0; row < examples.Length; row++) _bodies[examples[row]].CopyTo(body.Span[(row * body.Shape.Columns)..]);
        }
    }
}
