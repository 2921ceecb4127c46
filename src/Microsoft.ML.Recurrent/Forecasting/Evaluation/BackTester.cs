using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using Microsoft.ML.Data;
using Microsoft.ML.Recurrent.Data;
using Microsoft.ML.Recurrent.Hosting;
using Microsoft.ML.Recurrent.Time;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Recurrent.Forecasting.Evaluation;

/// <summary>
/// Runs a back-test: fits on the rows up to the first origin of each fit, reads the forecasts at its origins, then evaluates all forecasters over the same
/// points.
/// </summary>
internal sealed class BackTester
{
    /// <summary>Allowed relative difference between two passes over the same rows: rounding depends on the composition of batches.</summary>
    private const double LookAheadTolerance = 1e-4;

    private readonly IDataView _rows;
    private readonly BackTestOptions _options;
    private readonly BackTestData _data;
    private readonly BackTestSchedule _schedule;
    private readonly ForecastReader _reader;
    private readonly IHost _host;
    private readonly IChannel _channel;
    private readonly long _started = Stopwatch.GetTimestamp();
    private readonly long[] _trainedRows;

    private BackTester(IHost host, IChannel channel, GivenWarnings warnings, IDataView rows, BackTestOptions options)
    {
        (_host, _channel, _rows, _options) = (host, channel, rows, options);
        _data = BackTestData.Read(rows, options);
        if (_data.Doubled is { } doubled)
            warnings.Give(channel, WarningCode.DuplicateTimes, doubled);
        if (_data.Distant is { } distant) warnings.Give(channel, WarningCode.DistantTime, distant);
        if (_data.Information is { } information) channel.Info(MessageSensitivity.UserData, information);
        if (_data is { HasDates: true, Frequency: null } && options.Season is null && options.SeasonLengths.Count == 0)
        {
            warnings.Give(channel, WarningCode.NoFrequency,
                $"The times of the column '{options.TimeColumnName}' fit no frequency, not with weekdays and times of day left out either: "
                + "the season of baselines and scaled errors is 1. If there is one, set the option Season.");
        }
        _schedule = new(_data, options);
        _reader = new(options, _data.Targets.Length);
        _trainedRows = new long[_schedule.Origins];
    }

    public static BackTestResult Run(IHostEnvironment environment, IDataView rows, IReadOnlyList<KeyValuePair<string, IEstimator<ITransformer>>> models,
        BackTestOptions options)
    {
        var host = environment.Register("BackTest");
        using var channel = host.Start("BackTest");
        using var warnings = GivenWarnings.Begin();
        return new BackTester(host, channel, warnings, rows, options).Run(models);
    }

    private BackTestResult Run(IReadOnlyList<KeyValuePair<string, IEstimator<ITransformer>>> models)
    {
        (ForecastBaseline Method, string Name, int Season)[] baselines = [.. _options.Baselines.SelectMany(Seasons)];
        if (OptionChecks.Repeated(models.Select(model => model.Key).Concat(baselines.Select(baseline => baseline.Name))) is { } twice)
            throw new ArgumentException($"Two forecasters are named '{twice}'.", nameof(BackTestOptions.Baselines));
        var shape = SchemaShape.Create(_rows.Schema);
        foreach (var (_, estimator) in models) _reader.Check(estimator.GetOutputSchema(shape));
        foreach (var name in _options.FutureCovariateColumnNames) Columns.Find(_rows.Schema, name, "future covariate");

        var (answers, times, contexts) = (new double[models.Count][][], new TimeSpan[models.Count], new int?[models.Count]);
        for (var model = 0; model < models.Count; model++)
        {
            var start = Stopwatch.GetTimestamp();
            (answers[model], contexts[model]) = Answer(models, model);
            times[model] = Stopwatch.GetElapsedTime(start);
        }

        var pairs = _schedule.Pairs;
        int[] kept = [.. Enumerable.Range(0, pairs.Length)
            .Where(pair => answers.All(model => model[pair] is { } answer && _reader.IsAnswer(answer)) && HasHistory(pairs[pair]))];
        if (kept.Length == 0)
            throw new InvalidOperationException(
                $"None of the {pairs.Length} forecasts could be evaluated: '{_options.ForecastColumnName}' is NaN at all origins. Provide as many rows "
                    + $"before the first origin as the window of the model ({nameof(BackTestOptions)}.{nameof(BackTestOptions.InitialTrainingRows)}), and "
                    + $"check for missing values; name the future covariates in {nameof(BackTestOptions.FutureCovariateColumnNames)}.");

        ImmutableArray<BackTestOrigin> origins =
            [.. Enumerable.Range(0, _schedule.Origins).Select(origin => new BackTestOrigin(origin, _schedule.Time(origin), _trainedRows[origin]))];
        var measured = new BackTestShape(ChooseMetrics(), _options.Horizon, origins.Length, _data.Names, _data.Targets, _options.ConfidenceLevel);
        var forecasters = ImmutableArray.CreateBuilder<BackTestForecaster>();
        double[][] actuals = [.. kept.SelectMany(pair => Enumerable.Range(0, _data.Targets.Length).Select(target => Actual(pairs[pair], target)))];
        for (var model = 0; model < models.Count; model++)
        {
            var own = answers[model];
            forecasters.Add(new(models[model].Key, false, times[model], Collect(kept, origins, actuals, (pair, target) =>
                (_reader.Forecast(own[pair], target), _reader.Lower(own[pair], target), _reader.Upper(own[pair], target), _reader.Distribution(own[pair],
                    target))), measured)
            { ContextRows = contexts[model] });
        }
        foreach (var baseline in baselines)
        {
            CheckAlive();
            var start = Stopwatch.GetTimestamp();
            var forecaster = new BaselineForecaster(baseline.Method, baseline.Season, _schedule, _data);
            var forecasts = Collect(kept, origins, actuals, (pair, target) => Forecast(forecaster, pairs[pair], target));
            forecasters.Add(new(baseline.Name, true, Stopwatch.GetElapsedTime(start), forecasts, measured));
        }
        _channel.Info(MessageSensitivity.Schema, "Back-test: {0} forecasts at {1} origins evaluated, {2} left out.", kept.Length, origins.Length,
            pairs.Length - kept.Length);
        return new(forecasters.ToImmutable(), measured, origins)
        {
            SeasonLengths = _data.Seasons,
            Frequency = _data.Frequency,
            Measured = kept.Length,
            LeftOut = pairs.Length - kept.Length,
            AdaptationRate = _options.AdaptationRate,
            Fits = _schedule.Fits().Count(),
            Elapsed = Stopwatch.GetElapsedTime(_started),
        };
    }

    /// <summary>A baseline with the season lengths for which it is evaluated.</summary>
    private IEnumerable<(ForecastBaseline, string, int)> Seasons(ForecastBaseline baseline)
    {
        if (baseline != ForecastBaseline.SeasonalNaive) return [(baseline, baseline.Name, _data.Season)];
        return _data.Seasons.Where(season => season > 1).Select(season =>
            (baseline, _data.Seasons.Length == 1 ? baseline.Name : string.Create(CultureInfo.InvariantCulture, $"{baseline.Name} {season}"), season));
    }

    /// <summary>The forecasts of one model, one array per pair, and the rows of context that it was given; null for all.</summary>
    private (double[][] Answers, int? Context) Answer(IReadOnlyList<KeyValuePair<string, IEstimator<ITransformer>>> models, int model)
    {
        var (name, estimator) = models[model];
        // What holds of one fit of a model holds of all: said once.
        using var warnings = GivenWarnings.Begin();
        var (answers, context) = (new double[_schedule.Pairs.Length][], (int?)0);
        var fits = _schedule.Fits().ToArray();
        var (verify, leftOut, firstFault, space) = (_options.VerifyNoLookAhead, 0, "", new BoundSpace());
        for (var fit = 0; fit < fits.Length; fit++)
        {
            CheckAlive();
            var (first, last) = fits[fit];
            var train = new RowSubsetView(_rows, _schedule.TrainingRows(first));
            if (train.Count == 0)
                throw new ArgumentException(
                    $"No row is left to fit before the first origin: the option {nameof(BackTestOptions.TrainingGap)} is {_options.TrainingGap}.", "options");
            for (var origin = first; origin <= last; origin++) _trainedRows[origin] = train.Count;
            _channel.Info(MessageSensitivity.Schema, "Back-test of {0}: fit {1} of {2} on {3} rows.", name, fit + 1, fits.Length, train.Count);
            var transformer = Fit(name, estimator, train, first);
            var scoring = new OriginScoring(transformer, _options);
            context = context is { } before && (scoring.Window ?? _options.ContextRows) is { } rows
                ? Math.Max(before, Math.Min(rows, _options.ContextRows ?? rows)) : null;
            try
            {
                CheckAlive();
                Report(model, fit + 1, first);
                Read(scoring, first, last, Wanted(first, last), (pair, answer) => answers[pair] = answer);
                if (verify && last > first) Verify(scoring, first, (first + last) / 2, answers);
                verify = verify && last == first;
                Report(model, fit + 1, last + 1);
                if (leftOut == 0 && scoring.LeftOut.Count > 0) firstFault = DescribeLeftOut(scoring);
                leftOut += scoring.LeftOut.Count;
            }
            finally
            {
                // A model that was given belongs to the caller.
                if (estimator is not FittedEstimator) (transformer as IDisposable)?.Dispose();
            }
            space = scoring.Space;
        }
        if (leftOut > 0)
        {
            warnings.Give(_channel, WarningCode.MissingFutureSteps, $"{leftOut} of {_schedule.Pairs.Length} forecasts of '{name}' are left out, because the "
                + $"rows of their horizons do not lie on the steps of their series, so that what is known ahead is not known for each step. {firstFault}. "
                + "To keep them, set MissingValues.FillTimeGaps of the forecaster, and FillTimeGaps of the back-test.");
        }
        if (_options.AdaptationRate > 0 && _reader.HasBounds)
            new OriginAdaptation(_data, _options.Horizon, _options.ConfidenceLevel, _options.AdaptationRate).Apply(_schedule.Pairs, answers, space);
        return (answers, context);

        void Report(int index, int fitsDone, int originsDone)
        {
            if (_options.Progress is not { } progress) return;
            var (done, total, elapsed) = (index * _schedule.Origins + originsDone, models.Count * _schedule.Origins, Stopwatch.GetElapsedTime(_started));
            progress.Report(new()
            {
                Forecaster = name,
                Fits = index * fits.Length + fitsDone,
                TotalFits = models.Count * fits.Length,
                Origins = done,
                TotalOrigins = total,
                Elapsed = elapsed,
                Remaining = done > 0 ? elapsed * ((double)(total - done) / done) : null,
            });
        }
    }

    private static string DescribeLeftOut(OriginScoring scoring)
    {
        var ((ticks, series), fault) = scoring.LeftOut.First();
        return string.Create(CultureInfo.InvariantCulture, $"After {LocalTime.FromInstant(new DateTime(ticks), scoring.Zone):yyyy-MM-dd HH:mm:ss}, the first "
            + $"one, the rows{(series.Length == 0 ? "" : $" of the series '{series}'")} {fault}");
    }

    private ITransformer Fit(string name, IEstimator<ITransformer> estimator, RowSubsetView train, int origin)
    {
        try
        {
            return RecurrentForecastingTransformer.InDouble(estimator.Fit(train));
        }
        catch (ArgumentException error)
        {
            var (rows, time) = (train.Count, _schedule.Time(origin));
            throw new ArgumentException(string.Create(CultureInfo.InvariantCulture,
                $"'{name}' could not be fitted on "
                    + $"the {rows} rows {(time is null ? $"before origin {origin}" : $"up to {time:yyyy-MM-dd HH:mm}")}: {error.Message} ") +
                $"If these are too few, set {nameof(BackTestOptions)}.{nameof(BackTestOptions.InitialTrainingRows)}, or fewer origins "
                    + $"({nameof(BackTestOptions.NumberOfOrigins)}).", error);
        }
    }

    private void Read(OriginScoring transformer, int firstOrigin, int lastOrigin, List<(int SourceRow, int Pair)> wanted, Action<int, double[]> store)
    {
        var rows = _schedule.ContextRows(firstOrigin, lastOrigin, transformer.Window);
        if (_options.FutureCovariateColumnNames.Length == 0)
        {
            _reader.Read(transformer, new RowSubsetView(_rows, rows), wanted, store, _options.CancellationToken);
            return;
        }
        var ahead = _schedule.HorizonRows(lastOrigin);
        for (var row = 0; row < rows.Length; row++) rows[row] |= ahead[row];
        string[] known = [.. _options.FutureCovariateColumnNames, .. _options.SeriesKey(), .. _options.TimeColumnName is { } time ? (string[])[time] : []];
        _reader.Read(transformer, new RowSubsetView(new BlankedView(_rows, ahead, known), rows), wanted, store, _options.CancellationToken);
    }

    /// <summary>The rows that hold the forecasts of some origins.</summary>
    private List<(int SourceRow, int Pair)> Wanted(int firstOrigin, int lastOrigin)
    {
        var wanted = new List<(int SourceRow, int Pair)>();
        for (var pair = 0; pair < _schedule.Pairs.Length; pair++)
        {
            var (origin, series, cut) = _schedule.Pairs[pair];
            if (origin >= firstOrigin && origin <= lastOrigin && !_data.IsGap(series, cut - 1)) wanted.Add((_data.SourceRow(series, cut - 1), pair));
        }
        wanted.Sort();
        return wanted;
    }

    /// <summary>Repeats the forecasts of an origin with rows that end there.</summary>
    private void Verify(OriginScoring transformer, int firstOrigin, int origin, double[][] answers)
    {
        CheckAlive();
        Read(transformer, firstOrigin, origin, Wanted(origin, origin), (pair, alone) =>
        {
            var before = answers[pair];
            var size = 1e-6;
            for (var i = 0; i < alone.Length; i++) size = Math.Max(size, Math.Max(Finite(alone[i]), Finite(before[i])));
            for (var i = 0; i < alone.Length; i++)
            {
                if (alone[i].Equals(before[i]) || Math.Abs(alone[i] - before[i]) <= LookAheadTolerance * size) continue;
                var (_, series, cut) = _schedule.Pairs[pair];
                var remedy = double.IsNaN(alone[i])
                    ? $"Name future covariates in {nameof(BackTestOptions)}.{nameof(BackTestOptions.FutureCovariateColumnNames)}. "
                    : "";
                throw new InvalidOperationException(string.Create(CultureInfo.InvariantCulture,
                    $"The transformer looks ahead: '{_options.ForecastColumnName}' of row {_data.SourceRow(series, cut - 1)} is {alone[i]} if the rows "
                        + $"end there and {before[i]} if more follow. {remedy}"
                        + $"A forecast may use only the rows up to its own; set {nameof(BackTestOptions)}.{nameof(BackTestOptions.RefitEvery)} to 1 "
                        + $"if this forecaster writes only the last row."));
            }
        });

        static double Finite(double value) => double.IsFinite(value) ? Math.Abs(value) : 0;
    }

    private bool HasHistory(OriginCut pair)
    {
        for (var target = 0; target < _data.Targets.Length; target++)
        {
            if (_data.History(pair.Series, target, pair.Cut).IsEmpty) return false;
        }
        return true;
    }

    private (double[] Forecast, double[] Lower, double[] Upper, Func<int, ForecastDistribution>? Distribution) Forecast(BaselineForecaster baseline,
        OriginCut pair, int target)
    {
        var steps = baseline.Forecast(pair, target, _options.Horizon);
        if (steps.Any(double.IsNaN))
            throw new InvalidOperationException(
                $"The baseline '{baseline.Name}' forecasts NaN from {pair.Cut} values of the series '{_data.Names[pair.Series]}'. A baseline must forecast "
                    + "every history that is not empty.");
        // To compare with a model that forecasts distributions, a point forecast counts as a distribution of one value.
        return (steps, [], [], _reader.HasDistribution ? step => ForecastDistribution.Point(steps[step]) : null);
    }

    /// <summary>The actual values after an origin, shared by all forecasters.</summary>
    private double[] Actual(OriginCut pair, int target)
    {
        var actual = new double[_options.Horizon];
        for (var step = 0; step < actual.Length; step++)
            actual[step] = pair.Cut + step < _data.Length(pair.Series) ? _data.Value(pair.Series, pair.Cut + step, target) : double.NaN;
        return actual;
    }

    private ImmutableArray<BackTestForecast> Collect(int[] kept, ImmutableArray<BackTestOrigin> origins, double[][] actuals,
        Func<int, int, (double[] Forecast, double[] Lower, double[] Upper, Func<int, ForecastDistribution>? Distribution)> forecast)
    {
        var result = ImmutableArray.CreateBuilder<BackTestForecast>(kept.Length * _data.Targets.Length);
        foreach (var pair in kept)
        {
            _options.CancellationToken.ThrowIfCancellationRequested();
            var (origin, series, cut) = _schedule.Pairs[pair];
            for (var target = 0; target < _data.Targets.Length; target++)
            {
                var (values, lower, upper, distribution) = forecast(pair, target);
                var scale = _data.Scale(series, target);
                result.Add(new(origins[origin], _data.Names[series], _data.Targets[target], _data.SourceRow(series, cut - 1),
                    new(actuals[result.Count], values, lower, upper, scale.Absolute(cut), scale.Squared(cut)), distribution));
            }
        }
        return result.MoveToImmutable();
    }

    private ImmutableArray<ForecastMetric> ChooseMetrics() =>
        _options.Metrics.Count > 0
            ? [.. _options.Metrics]
            : [.. ForecastMetric.Defaults, .. _options.QuantileColumnNames.Keys.Order().Select(ForecastMetric.QuantileLoss)];

    private void CheckAlive()
    {
        _options.CancellationToken.ThrowIfCancellationRequested();
        _host.CheckAlive();
    }
}
