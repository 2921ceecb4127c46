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
    private readonly TrainingTarget _target;
    private readonly ScoringInput? _letters;
    private readonly int[] _order;
    private readonly long[] _sortKeys;

    public NetworkRun(ScoringBatch batch, ScoringNetwork network)
    {
        (_batch, _network) = (batch, network);
        _target = new(batch.Manifest.Inputs);
        _letters = batch.Inputs.FirstOrDefault(input => input.Column.Kind is InputKind.Letters);
        _order = new int[batch.Capacity];
        _sortKeys = new long[batch.Capacity];
    }

    public bool IsOf(ScoringNetwork network) => ReferenceEquals(network, _network);

    /// <summary>Scores all rows, and returns the number of parts.</summary>
    /// <param name="batchSize">Maximum number of rows of a part.</param>
    public int Score(int batchSize)
    {
        var times = _batch.Times;
        foreach (var output in _batch.Outputs) output.Prepare(times);
        var order = Order(times);
        var parts = 0;
        for (int start = 0, rows; start < order.Length; start += rows, parts++)
        {
            rows = Math.Min(batchSize, order.Length - start);
            // The longest row is the last: without it the others need less.
            while (rows > 1 && rows > _network.RowsOf(times[order[start + rows - 1]])) rows--;
            Score(order.Slice(start, rows), times);
        }
        return parts;
    }

    public void Dispose()
    {
        _tape.Dispose();
        _sequences.Dispose();
    }

    private ReadOnlySpan<int> Order(ReadOnlySpan<int> times)
    {
        var order = _order.AsSpan(0, times.Length);
        for (var i = 0; i < order.Length; i++) (order[i], _sortKeys[i]) = (i, ((long)times[i] << 32) | (uint)i);
        if (times.ContainsAnyExcept(times[0])) _sortKeys.AsSpan(0, order.Length).Sort(order);
        return order;
    }

    private void Score(ReadOnlySpan<int> rows, ReadOnlySpan<int> times)
    {
        var time = times[rows[^1]];
        var varies = times[rows[0]] != time;
        _target.Begin(_sequences, rows.Length, time, targets: 0, lengths: varies);
        if (_letters is not null) _sequences.ResizeLetters(LongestToken(_letters, rows));
        for (var example = 0; example < rows.Length; example++)
        {
            var row = rows[example];
            if (varies) _sequences.Lengths![example] = times[row];
            for (var input = 0; input < _batch.Inputs.Length; input++)
            {
                var column = _batch.Inputs[input];
                if (column.Column.Kind is InputKind.Letters) LetterRows.Write<long>(_sequences, example, column.Row<long>(row), column.Column.Features);
                else if (column.IsInteger) _target.Write(example, input, column.Row<long>(row));
                else _target.Write(example, input, 0, column.Row<float>(row), column.Column.Features);
            }
        }
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

    private static int LongestToken(ScoringInput letters, ReadOnlySpan<int> rows)
    {
        var longest = 1;
        foreach (var row in rows) longest = Math.Max(longest, LetterRows.Longest<long>(letters.Row<long>(row), letters.Column.Features));
        return longest;
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
