using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Microsoft.ML.Recurrent.Autograd;
using Microsoft.ML.Recurrent.Data;
using Microsoft.ML.Recurrent.Scoring;

namespace Microsoft.ML.Recurrent.Forecasting;

/// <summary>Forecasts the next steps of several series at once, from copies of their histories. Thread-safe.</summary>
internal sealed class SeriesPredictor : IDisposable
{
    private readonly ModelManifest _manifest;
    private readonly ForecastManifest _forecast;
    private readonly SeriesLayout _layout;
    private readonly GraphScorer _scorer;
    private readonly SeriesFiller _filler;
    private readonly FutureFeatureBuilder _ahead;

    // For one series, and for the maximum of one run of the graph.
    private readonly ConcurrentBag<Workspace> _single = [], _many = [];

    public SeriesPredictor(RecurrentModel model, ScoringOptions scoring, SeriesLayout layout)
    {
        _manifest = model.Manifest;
        (_forecast, _layout) = (_manifest.Forecast!, layout);
        _filler = new(_manifest.Inputs, layout, layout.OnlyFuture());
        _ahead = new(_manifest, layout);
        _scorer = new(model, scoring);
        Capacity = _scorer.BatchCapacity;
    }

    /// <summary>Maximum number of series per forecast.</summary>
    public int Capacity { get; }

    /// <summary>Numbers per row of the future covariates.</summary>
    public int FutureWidth => _ahead.Columns.Width;

    /// <summary>The name of a future covariate.</summary>
    public string FutureName(int number) => _ahead.Columns.NameAt(number);

    /// <summary>A workspace for the histories of some series: fill it, pass it to <see cref="Predict"/>, then return it.</summary>
    public Workspace Rent(int series)
    {
        var free = series == 1 ? _single : _many;
        if (free.TryTake(out var workspace)) return workspace;
        var capacity = series == 1 ? 1 : Capacity;
        return new(new ScoringBatch(_manifest, capacity), free, () => new(_forecast, _layout));
    }

    /// <summary>Number of future rows that a forecast of some steps reads: whole trained horizons.</summary>
    public int FutureRowCount(int steps) => (steps + _forecast.Horizon - 1) / _forecast.Horizon * _forecast.Horizon;

    /// <summary>Forecasts the first <paramref name="count"/> series of a workspace.</summary>
    /// <param name="workspace">The histories, which are modified, each with <see cref="FutureRowCount"/> rows of future covariates.</param>
    /// <param name="count">Number of series.</param>
    /// <param name="steps">Steps to forecast.</param>
    /// <param name="stretch">The factor that scales the bounds of each output from the trained level.</param>
    public SeriesForecast[] Predict(Workspace workspace, int count, int steps, Func<int, float> stretch)
    {
        var (targets, trained, rows) = (_forecast.Targets.Length, _forecast.Horizon, FutureRowCount(steps));
        var answers = new Answer[count];
        for (var i = 0; i < count; i++)
        {
            answers[i] = new(steps * targets, _forecast.LowerBoundColumn is not null, _forecast.HasDeviations, new float[rows * _ahead.Width]);
            if (_ahead.Width > 0) _ahead.Write(workspace.History(i).Time, workspace.Columns(i), rows, answers[i].FutureFeatures);
        }
        var batch = workspace.Batch;
        var row = new float[_layout.Width];
        for (var done = 0; done < steps; done += trained)
        {
            batch.Clear();
            for (var i = 0; i < count; i++)
                workspace.History(i).AddTo(batch, _filler, answers[i].FutureFeatures.AsSpan(done * _ahead.Width, trained * _ahead.Width));
            _scorer.Run(batch);
            for (var i = 0; i < count; i++)
            {
                answers[i].Take(batch, i, done * targets, stretch, _forecast);
                // Beyond the trained horizon, forecasts are used as observations.
                if (done + trained < steps) Feed(workspace.History(i), batch.Floats(i, 0), answers[i].FutureFeatures.AsSpan(done * _ahead.Width), row);
            }
        }
        return Array.ConvertAll(answers, answer => answer.ToForecast());
    }

    /// <summary>Draws paths of the first series of a workspace; the last output holds samples.</summary>
    /// <param name="workspace">The history and the future covariates of the series.</param>
    /// <param name="count">Number of paths.</param>
    /// <param name="seed">The same seed gives the same paths.</param>
    public float[][] Draw(Workspace workspace, int count, ulong seed)
    {
        var (batch, samples, known) = (workspace.Batch, _forecast.NumberOfSamples, new float[FutureRowCount(_forecast.Horizon) * _ahead.Width]);
        if (_ahead.Width > 0) _ahead.Write(workspace.History(0).Time, workspace.Columns(0), FutureRowCount(_forecast.Horizon), known);
        var random = new RandomStream(seed, "paths");
        var paths = new float[count][];
        for (var done = 0; done < count; done += samples)
        {
            batch.Clear();
            batch.NoiseSeed = random.NextUInt64();
            workspace.History(0).AddTo(batch, _filler, known);
            _scorer.Run(batch);
            var answer = batch.Floats(0, _manifest.Outputs.Length - 1);
            for (var i = done; i < Math.Min(count, done + samples); i++)
            {
                paths[i] = new float[answer.Length / samples];
                for (var step = 0; step < paths[i].Length; step++) paths[i][step] = answer[step * samples + i - done];
            }
        }
        return paths;
    }

    public void Dispose()
    {
        _scorer.Dispose();
        foreach (var free in new[] { _single, _many })
        {
            while (free.TryTake(out var workspace)) workspace.Batch.Dispose();
        }
    }

    private void Feed(SeriesHistory history, ReadOnlySpan<float> forecast, ReadOnlySpan<float> known, Span<float> row)
    {
        var targets = _forecast.Targets.Length;
        history.Last.CopyTo(row);
        for (var step = 0; step < _forecast.Horizon; step++)
        {
            forecast.Slice(step * targets, targets).CopyTo(row);
            _layout.SpreadFuture(known.Slice(step * _ahead.Width, _ahead.Width), row);
            history.Add(row);
        }
    }

    /// <summary>The reusable buffers of a forecast of some series.</summary>
    public sealed class Workspace(ScoringBatch batch, ConcurrentBag<Workspace> home, Func<SeriesHistory> create)
    {
        private readonly List<SeriesHistory> _histories = [];
        private readonly float[][] _columns = new float[batch.Capacity][];

        public ScoringBatch Batch => batch;

        /// <summary>The history of the series at an index, to be filled by <see cref="SeriesHistory.CopyFrom"/>.</summary>
        public SeriesHistory History(int place)
        {
            while (place >= _histories.Count) _histories.Add(create());
            return _histories[place];
        }

        /// <summary>The future covariates of a series, row by row.</summary>
        public float[] Columns(int place) => _columns[place] ?? [];

        public void Put(int place, float[] columns) => _columns[place] = columns;

        public void Return()
        {
            Array.Clear(_columns);
            home.Add(this);
        }
    }

    /// <summary>The forecast of one series, built block by block.</summary>
    private sealed class Answer
    {
        private readonly float[] _values, _lower, _upper, _deviations;

        public Answer(int length, bool bounds, bool deviations, float[] known)
        {
            FutureFeatures = known;
            _values = new float[length];
            (_lower, _upper, _deviations) = (bounds ? new float[length] : [], bounds ? new float[length] : [], deviations ? new float[length] : []);
            foreach (var unknown in new[] { _lower, _upper, _deviations }) Array.Fill(unknown, float.NaN);
        }

        /// <summary>All future features, step by step.</summary>
        public float[] FutureFeatures { get; }

        // Bounds and standard deviations exist for the trained horizon only.
        public void Take(ScoringBatch batch, int example, int done, Func<int, float> stretch, ForecastManifest forecast)
        {
            var answer = batch.Floats(example, 0);
            var count = Math.Min(answer.Length, _values.Length - done);
            answer[..count].CopyTo(_values.AsSpan(done));
            if (done > 0) return;
            for (var i = 0; i < count && _lower.Length > 0; i++)
            {
                var by = stretch(i);
                var (lower, upper) = (batch.Floats(example, 1)[i], batch.Floats(example, 2)[i]);
                // What the graph answers is not rounded again.
                _lower[i] = by == 1 ? lower : forecast.Limit(answer[i] - (answer[i] - lower) * by);
                _upper[i] = by == 1 ? upper : forecast.Limit(answer[i] + (upper - answer[i]) * by);
            }
            // The last output other than samples, if there is one.
            if (_deviations.Length > 0)
                batch.Floats(example, batch.Manifest.Outputs.Length - (batch.Manifest.NoiseSize > 0 ? 2 : 1))[..count].CopyTo(_deviations);
        }

        public SeriesForecast ToForecast() => new()
        {
            Values = Frozen(_values),
            LowerBounds = Frozen(_lower),
            UpperBounds = Frozen(_upper),
            StandardDeviations = Frozen(_deviations),
        };

        // The arrays are not shared.
        private static ImmutableArray<float> Frozen(float[] values) => ImmutableCollectionsMarshal.AsImmutableArray(values);
    }
}
