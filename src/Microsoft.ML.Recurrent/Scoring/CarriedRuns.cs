using Microsoft.ML.Recurrent.Data;

namespace Microsoft.ML.Recurrent.Scoring;

/// <summary>
/// Scores the rows of a batch with a graph that carries states: rows of one series follow each other. A run takes as many steps of each series as all of them
/// have left, and series that have ended leave it. The last row of a series is a run of its own where the state before it must be kept. A run of a graph of
/// another framework takes one row of each series, all of one length.
/// </summary>
/// <param name="batch">The rows.</param>
/// <param name="bindings">Their buffers.</param>
/// <param name="most">The most rows of a run.</param>
internal sealed class CarriedRuns(ScoringBatch batch, ScoringBindings bindings, int most)
{
    private readonly int[] _shared = SharedInputs.Places(batch);
    private readonly bool _varies = batch.Manifest.VariesInLength;

    /// <summary>Scores the rows; returns the number of runs.</summary>
    public int Run()
    {
        var series = new Dictionary<CarriedState, Lane>(ReferenceEqualityComparer.Instance);
        var carried = batch.Carried;
        for (var row = 0; row < carried.Length; row++)
        {
            if (!series.TryGetValue(carried[row].State, out var lane)) series.Add(carried[row].State, lane = new(carried[row].State));
            lane.Add(row, carried[row].Step);
        }
        var (lanes, runs) = (series.Values.ToArray(), 0);
        foreach (var lane in lanes) lane.Close(batch.KeepsBefore);
        while (lanes.Length > 0)
        {
            var some = lanes;
            if (batch.Manifest.IsForeignGraph) some = Array.FindAll(lanes, lane => ShareRun(lane.Next, lanes[0].Next));
            if (some.Length > most) some = some[..most];
            Run(some, batch.Manifest.IsForeignGraph ? 1 : Math.Min(some.Min(lane => lane.Left), most / some.Length));
            lanes = Array.FindAll(lanes, lane => lane.Left > 0);
            runs++;
        }
        return runs;
    }

    private void Run(Lane[] lanes, int steps)
    {
        var rows = new int[steps * lanes.Length];
        for (var i = 0; i < lanes.Length; i++)
        {
            bindings.WriteStates(i, lanes[i].Begin());
            for (var step = 0; step < steps; step++) rows[step * lanes.Length + i] = lanes[i].Take();
        }
        var time = batch.Time(rows[0]);
        var count = batch.Manifest.FixedBatch ?? rows.Length;
        // Rows of one length that follow each other in the batch are in the order of the graph.
        var isWhole = count == rows.Length && !_varies && IsConsecutive(rows);
        if (!isWhole)
        {
            bindings.Pad(rows, count);
            bindings.PrepareAnswers(count, time);
        }
        bindings.Bind(count, time, isWhole ? rows[0] : -1, isWhole ? rows[0] : -1, batch.Manifest.FixedBatch ?? lanes.Length).Run();
        if (!isWhole) bindings.CopyAnswers(rows, time);
        for (var i = 0; i < lanes.Length; i++) bindings.ReadStates(i, lanes[i].State.After);
    }

    private bool ShareRun(int row, int other) => batch.Time(row) == batch.Time(other) && SharedInputs.Same(batch, _shared, row, other);

    private static bool IsConsecutive(int[] rows)
    {
        for (var i = 1; i < rows.Length; i++)
            if (rows[i] != rows[i - 1] + 1) return false;
        return true;
    }

    /// <summary>The rows of one series, in pieces that are each read from a state that is kept.</summary>
    private sealed class Lane(CarriedState state)
    {
        private readonly List<int> _rows = [];
        private readonly SortedSet<int> _cuts = [];
        private readonly Dictionary<int, CarriedStep> _steps = [];
        private int _next;

        public CarriedState State => state;

        /// <summary>The next row.</summary>
        public int Next => _rows[_next];

        /// <summary>Rows left of the current piece.</summary>
        public int Left => _next == _rows.Count ? 0 : _cuts.GetViewBetween(_next + 1, int.MaxValue).Min - _next;

        public void Add(int row, CarriedStep step)
        {
            var place = _rows.Count;
            _rows.Add(row);
            if (step is CarriedStep.Next) return;
            _steps[place] = step;
            _cuts.Add(place);
            // The state before the row that comes again is needed.
            if (step is CarriedStep.Again && place > 0) _cuts.Add(place - 1);
        }

        public void Close(bool keepsBefore)
        {
            if (keepsBefore) _cuts.Add(_rows.Count - 1);
            _cuts.Add(_rows.Count);
        }

        /// <summary>The state before the next run.</summary>
        public ReadOnlySpan<float> Begin()
        {
            var step = _steps.GetValueOrDefault(_next);
            if (step is CarriedStep.First) state.Begin();
            else if (step is CarriedStep.Next) state.Advance();
            return state.Before;
        }

        public int Take() => _rows[_next++];
    }
}
