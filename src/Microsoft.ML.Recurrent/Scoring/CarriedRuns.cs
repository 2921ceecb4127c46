using Microsoft.ML.Recurrent.Data;

namespace Microsoft.ML.Recurrent.Scoring;

/// <summary>
/// Scores the rows of a batch with a graph that carries states: rows of one series follow each other. A run takes as many steps of each series as all of them
/// have left, and series that have ended leave it. The last row of a series is a run of its own, so that the state before it is kept.
/// </summary>
/// <param name="batch">The rows.</param>
/// <param name="bindings">Their buffers.</param>
internal sealed class CarriedRuns(ScoringBatch batch, ScoringBindings bindings)
{
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
        foreach (var lane in lanes) lane.Close();
        while (lanes.Length > 0)
        {
            Run(lanes, lanes.Min(lane => lane.Left));
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
        // Rows that follow each other in the batch are in the order of the graph.
        var isWhole = IsConsecutive(rows);
        if (!isWhole)
        {
            bindings.Pad(rows, rows.Length);
            bindings.PrepareAnswers(rows.Length, time);
        }
        bindings.Bind(rows.Length, time, isWhole ? rows[0] : -1, isWhole ? rows[0] : -1, lanes.Length).Run();
        if (!isWhole) bindings.CopyAnswers(rows, time);
        for (var i = 0; i < lanes.Length; i++) bindings.ReadStates(i, lanes[i].State.After);
    }

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

        public void Close()
        {
            _cuts.Add(_rows.Count - 1);
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
