using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Microsoft.ML.Recurrent.Autograd;
using Microsoft.ML.Recurrent.Data;
using Microsoft.ML.Recurrent.Scoring;
using Microsoft.ML.Recurrent.Time;

namespace Microsoft.ML.Recurrent.Forecasting;

/// <summary>Forecasts the next steps of several series at once, from copies of their histories. Thread-safe.</summary>
internal sealed class SeriesPredictor : IDisposable
{
    private readonly ModelManifest _manifest;
    private readonly ForecastManifest _forecast;
    private readonly SeriesLayout _layout;
    private readonly GraphScorer _scorer;
    private readonly BoundSpace _space;
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
        (_scorer, _space) = (new(model, scoring), BoundSpace.Create(model));
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
        return new(new ScoringBatch(_manifest, capacity), free, () => new(_forecast, _layout, _manifest.StateSize));
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
            answers[i] = new(_forecast, steps, new float[rows * _ahead.Width]);
            if (_ahead.Width > 0) _ahead.Write(workspace.History(i).Time, workspace.Future(i).Values, rows, answers[i].FutureFeatures);
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
                answers[i].Take(batch, i, done * targets, trained * targets, stretch, _space, workspace.Adapted(i));
            }
            // Beyond the trained horizon, forecasts are used as observations.
            if (done + trained < steps) Feed(workspace, answers, done, row);
        }
        return [.. answers.Select((answer, i) => answer.ToForecast(workspace.Name(i), Times(workspace.History(i).Time, workspace.Future(i), steps)))];
    }

    /// <summary>Draws paths of the first series of a workspace; the last output holds samples.</summary>
    /// <param name="workspace">The history and the future covariates of the series.</param>
    /// <param name="count">Number of paths.</param>
    /// <param name="seed">The same seed gives the same paths.</param>
    public SeriesSamples Draw(Workspace workspace, int count, ulong seed)
    {
        var (batch, samples, known) = (workspace.Batch, _forecast.NumberOfSamples, new float[FutureRowCount(_forecast.Horizon) * _ahead.Width]);
        if (_ahead.Width > 0) _ahead.Write(workspace.History(0).Time, workspace.Future(0).Values, FutureRowCount(_forecast.Horizon), known);
        var random = new RandomStream(seed, "paths");
        var paths = new double[count][];
        var answer = new double[_manifest.Outputs[^1].Size];
        for (var done = 0; done < count; done += samples)
        {
            batch.Clear();
            batch.NoiseSeed = random.NextUInt64();
            workspace.History(0).AddTo(batch, _filler, known);
            _scorer.Run(batch);
            batch.Read(0, _manifest.Outputs.Length - 1, answer);
            for (var i = done; i < Math.Min(count, done + samples); i++)
            {
                paths[i] = new double[answer.Length / samples];
                for (var step = 0; step < paths[i].Length; step++) paths[i][step] = answer[step * samples + i - done];
            }
        }
        var times = Times(workspace.History(0).Time, workspace.Future(0), _forecast.Horizon);
        return new()
        {
            Series = workspace.Name(0),
            Targets = [.. _forecast.Targets.Select((name, target) =>
                new TargetSamples { Name = name, Times = times, Paths = [.. paths.Select(path => Of(_forecast, path, target))] })],
        };
    }

    // The steps of one target.
    private static ImmutableArray<double> Of(ForecastManifest forecast, double[] values, int target)
    {
        var steps = new double[values.Length / forecast.Targets.Length];
        for (var step = 0; step < steps.Length; step++) steps[step] = values[step * forecast.Targets.Length + target];
        return ImmutableCollectionsMarshal.AsImmutableArray(steps);
    }

    public void Dispose()
    {
        _scorer.Dispose();
        foreach (var free in new[] { _single, _many })
        {
            while (free.TryTake(out var workspace)) workspace.Batch.Dispose();
        }
    }

    // The rows of the next steps tell their times, also where a calendar leaves steps out.
    private ImmutableArray<DateTime> Times(long last, FutureSteps future, int steps)
    {
        if (_forecast.Steps is not { } frequency) return [];
        var zone = _forecast.Zone;
        return [.. Enumerable.Range(0, steps).Select(step => LocalTime.FromInstant(
            step < future.Times.Length ? new(future.Times[step]) : frequency.AddOrEnd(new(last), step + 1), zone))];
    }

    private void Feed(Workspace workspace, Answer[] answers, int done, float[] row)
    {
        var targets = _forecast.Targets.Length;
        for (var step = 0; step < _forecast.Horizon; step++)
        {
            workspace.Batch.Clear();
            for (var i = 0; i < answers.Length; i++)
            {
                var history = workspace.History(i);
                history.Last.CopyTo(row);
                _layout.WriteTargets(answers[i].Values.AsSpan((done + step) * targets, targets), row);
                _layout.SpreadFuture(answers[i].FutureFeatures.AsSpan((done + step) * _ahead.Width, _ahead.Width), row);
                history.Add(row);
                // The state goes on with each step; what is known ahead is of no account for it.
                if (_manifest.CarriesState)
                    history.AddTo(workspace.Batch, _filler, answers[i].FutureFeatures.AsSpan(done * _ahead.Width, _forecast.Horizon * _ahead.Width),
                        again: false);
            }
            if (_manifest.CarriesState) _scorer.Run(workspace.Batch);
        }
    }

    /// <summary>The reusable buffers of a forecast of some series.</summary>
    public sealed class Workspace(ScoringBatch batch, ConcurrentBag<Workspace> home, Func<SeriesHistory> create)
    {
        private readonly List<SeriesHistory> _histories = [];
        private readonly (string Name, FutureSteps Future, AdaptedForecast? Adapted)[] _series =
            new (string, FutureSteps, AdaptedForecast?)[batch.Capacity];

        public ScoringBatch Batch => batch;

        /// <summary>The history of the series at an index, to be filled by <see cref="SeriesHistory.CopyFrom"/>.</summary>
        public SeriesHistory History(int place)
        {
            while (place >= _histories.Count) _histories.Add(create());
            return _histories[place];
        }

        /// <summary>The name of the series at an index.</summary>
        public string Name(int place) => _series[place].Name;

        /// <summary>The future covariates of the series at an index.</summary>
        public FutureSteps Future(int place) => _series[place].Future;

        /// <summary>How the bounds of the series at an index follow its outcomes; null if they do not.</summary>
        public AdaptedForecast? Adapted(int place) => _series[place].Adapted;

        public void Put(int place, string name, FutureSteps? future, AdaptedForecast? adapted) =>
            _series[place] = (name, future ?? FutureSteps.None, adapted);

        public void Return()
        {
            Array.Clear(_series);
            home.Add(this);
        }
    }

    /// <summary>The forecast of one series, built block by block.</summary>
    private sealed class Answer
    {
        private readonly ForecastManifest _forecast;
        private readonly double[] _values, _lower, _upper, _deviations;
        private readonly double[][] _quantiles;

        public Answer(ForecastManifest forecast, int steps, float[] known)
        {
            (_forecast, FutureFeatures) = (forecast, known);
            var length = steps * forecast.Targets.Length;
            var bounds = forecast.LowerBoundColumn is not null;
            _values = new double[length];
            (_lower, _upper, _deviations) = (Unknown(bounds), Unknown(bounds), Unknown(forecast.HasDeviations));
            _quantiles = [.. forecast.QuantileLevels.Select(_ => Unknown(true))];

            double[] Unknown(bool wanted)
            {
                var values = wanted ? new double[length] : [];
                Array.Fill(values, double.NaN);
                return values;
            }
        }

        /// <summary>All future features, step by step.</summary>
        public float[] FutureFeatures { get; }

        /// <summary>The forecasts so far.</summary>
        public double[] Values => _values;

        // Bounds, quantiles and standard deviations exist for the trained horizon only.
        public void Take(ScoringBatch batch, int example, int done, int trained, Func<int, float> stretch, BoundSpace space, AdaptedForecast? adapted)
        {
            var count = Math.Min(trained, _values.Length - done);
            batch.Read(example, 0, _values.AsSpan(done, count));
            if (done > 0) return;
            if (_lower.Length > 0)
            {
                batch.Read(example, 1, _lower.AsSpan(0, count));
                batch.Read(example, 2, _upper.AsSpan(0, count));
            }
            for (var i = 0; i < count && _lower.Length > 0; i++) (_lower[i], _upper[i]) = space.Scale(_values[i], _lower[i], _upper[i], stretch(i));
            if (_lower.Length > 0) adapted?.Apply(space, _values.AsSpan(0, count), _lower.AsSpan(0, count), _upper.AsSpan(0, count));
            var output = _lower.Length > 0 ? 3 : 1;
            foreach (var quantile in _quantiles) batch.Read(example, output++, quantile.AsSpan(0, count));
            // The last output other than samples, if there is one.
            if (_deviations.Length > 0)
                batch.Read(example, batch.Manifest.Outputs.Length - (batch.Manifest.NoiseSize > 0 ? 2 : 1), _deviations.AsSpan(0, count));
        }

        /// <summary>The forecast, target by target.</summary>
        public SeriesForecast ToForecast(string series, ImmutableArray<DateTime> times) => new()
        {
            Series = series,
            Targets = [.. _forecast.Targets.Select((name, target) => new TargetForecast
            {
                Name = name,
                Times = times,
                Values = Of(_values, target),
                LowerBounds = Of(_lower, target),
                UpperBounds = Of(_upper, target),
                StandardDeviations = Of(_deviations, target),
                Quantiles = _quantiles.Select((values, i) => (Level: _forecast.QuantileLevels[i], Values: Of(values, target)))
                    .ToImmutableSortedDictionary(quantile => quantile.Level, quantile => quantile.Values),
            })],
        };

        private ImmutableArray<double> Of(double[] values, int target) => SeriesPredictor.Of(_forecast, values, target);
    }
}
