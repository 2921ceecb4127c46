using Microsoft.ML.Recurrent.Autograd;
using Microsoft.ML.Recurrent.Data;
using Microsoft.ML.Recurrent.Networks;
using Microsoft.ML.Recurrent.Tensors;

namespace Microsoft.ML.Recurrent.Scoring.Managed;

/// <summary>The buffers that a network needs to score a batch: it runs over parts of the rows, sorted by length, that stay in the cache.</summary>
internal sealed class NetworkRun : IDisposable
{
    private readonly ScoringBatch _batch;
    private readonly ScoringNetwork _network;
    private readonly Tape _tape = new() { Recording = false };
    private readonly SequenceBatch _sequences = new();
    private readonly NetworkRows _rows;
    private readonly RowOrder _order;

    public NetworkRun(ScoringBatch batch, ScoringNetwork network)
    {
        (_batch, _network) = (batch, network);
        _rows = new(batch.Manifest);
        _order = new(batch.Capacity);
    }

    public bool IsOf(ScoringNetwork network) => ReferenceEquals(network, _network);

    /// <summary>Scores all rows, and returns the number of parts.</summary>
    /// <param name="batchSize">Maximum number of rows of a part.</param>
    public int Score(int batchSize)
    {
        var times = _batch.Times;
        foreach (var output in _batch.Outputs) output.Prepare(times);
        var order = _order.Arrange(times, sorted: times.ContainsAnyExcept(times[0]));
        var parts = 0;
        for (int start = 0, rows; start < order.Length; start += rows, parts++)
        {
            rows = Math.Min(batchSize, order.Length - start);
            // The longest row is the last: without it the others need less.
            while (rows > 1 && rows > _network.RowsOf(times[order[start + rows - 1]])) rows--;
            Score(order.Slice(start, rows));
        }
        return parts;
    }

    public void Dispose()
    {
        _tape.Dispose();
        _sequences.Dispose();
    }

    private void Score(ReadOnlySpan<int> rows)
    {
        _rows.Fill(_batch, rows, _sequences);
        try
        {
            var answers = _network.Head.Predict(_tape, _network.Network.Forward(_tape, _sequences));
            for (var i = 0; i < answers.Count; i++) Copy(answers[i], rows, _batch.Outputs[i]);
        }
        finally
        {
            _tape.Reset();
        }
    }

    // Answers are [rows, n], or [time, rows, n] for each step.
    private static void Copy(Tensor answers, ReadOnlySpan<int> rows, ScoringOutput output)
    {
        var (size, kind) = (output.Column.Size, output.Column.Kind);
        for (var example = 0; example < rows.Length; example++)
        {
            var row = rows[example];
            var steps = output.Length(row) / size;
            for (var step = 0; step < steps; step++)
            {
                ReadOnlySpan<float> numbers = answers.Span.Slice((step * rows.Length + example) * size, size);
                if (kind is OutputKind.Single) numbers.CopyTo(output.Row<float>(row)[(step * size)..]);
                else if (kind is OutputKind.Boolean) StepCopy.Ids(numbers, 1, output.Row<byte>(row)[(step * size)..], 1);
                else StepCopy.Ids(numbers, 1, output.Row<long>(row)[(step * size)..], 1);
            }
        }
    }
}
