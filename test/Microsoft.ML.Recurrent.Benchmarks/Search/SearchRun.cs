using System.Collections.Concurrent;
using Microsoft.ML.Recurrent.Benchmarks.Defaults;

namespace Microsoft.ML.Recurrent.Benchmarks.Search;

/// <summary>
/// An experiment on the rows before the selection part of a set: trials are compared on the last ones, as many as the part has. The part itself is what no
/// trial sees.
/// </summary>
internal static class SearchRun
{
    public static SearchResult Create(SelectionSet set, SearchRequest request)
    {
        var context = new MLContext(request.Seed);
        SelectionSeries[] all = [.. set.Load(request.Data)];
        SelectionSeries[] known = [.. all.Select(Before)], fitted = [.. known.Select(Before)];
        var start = SelectionRun.Defaults(set, all[0], request.Seed, threads: 1);
        var unseen = new ConcurrentDictionary<double, double>();
        var metric = new ExperimentMetric(set.Measured, false, (model, _) =>
        {
            var error = Measure(context, model, set, known, fitted);
            unseen[error] = Measure(context, model, set, all, known);
            return error;
        })
        {
            WhileTraining = set.Measured.StartsWith("MAE", StringComparison.Ordinal)
                ? ValidationMetric.MeanAbsoluteError
                : ValidationMetric.RootMeanSquaredError,
        };
        var experiment = context.CreateRecurrentExperiment(Trainer, start, metric, new()
        {
            MaximumTrials = request.Trials, Seed = request.Seed, TrialsAtOnce = request.Threads, Refit = false,
            Folds = [.. Folds(context, set, known, request.Folds)], Finalists = request.Finalists,
        });
        var train = SelectionRow.View(context, fitted);
        var result = experiment.Execute(train, train);
        var first = result.Trials[0];
        var defaults = Error(Fit(start));
        var finalists = result.Final?.Finalists ?? [];
        var refits = finalists.ToDictionary(one => one.Trial, one => Error(Fit(experiment.OptionsOf(result.Trials[one.Trial - 1].Trial))));
        return new(set.Name, request.Seed, request.Trials, first.Metric ?? double.NaN, result.Best.Metric!.Value, defaults, Error(result.Model),
            refits.GetValueOrDefault(result.Best.Trial.Number, defaults), result.Best.Trial.ToString(), Math.Round(first.Elapsed.TotalSeconds, 1),
            Math.Round(result.Elapsed.TotalSeconds, 1),
            DateTime.Today.ToString("yyyy-MM-dd"),
            [.. result.Trials.Where(trial => trial.Metric is not null).Select(trial => new SearchPoint(trial.Trial.Number, trial.Metric!.Value,
                trial.Curve.DefaultIfEmpty(double.NaN).Min(), unseen[trial.Metric.Value]))],
            [.. finalists.Select(one => new SearchFinalist(one.Trial, [.. one.Ratios], refits[one.Trial]))], result.Final?.Reason ?? "");

        ITransformer Fit(RecurrentForecastingEstimator.Options options)
        {
            options.NumberOfThreads = 1;
            return Trainer(context, options).Fit(SelectionRow.View(context, known));
        }

        double Error(ITransformer model) => Measure(context, model, set, all, known);
    }

    // Stretches of the rows that the experiment has, each series cut at the same number of rows before its end.
    private static IEnumerable<ExperimentFold> Folds(MLContext context, SelectionSet set, SelectionSeries[] known, int most)
    {
        int[] lengths = [.. known.Select(series => series.Values.Length).Order()];
        foreach (var (name, end, steps) in ExperimentFold.Stretches(lengths[lengths.Length / 2], set.Window + set.Horizon, set.Horizon, most))
        {
            SelectionSeries[] rows = [.. known.Where(series => series.Values.Length > end + steps + set.Window)
                .Select(series => series.Until(series.Values.Length - end) with { Held = steps })];
            SelectionSeries[] fitted = [.. rows.Select(Before)];
            yield return new(name, SelectionRow.View(context, fitted), model => Measure(context, model, set, rows, fitted))
            {
                Count = steps / set.Horizon * rows.Length,
            };
        }
    }

    private static IEstimator<ITransformer> Trainer(MLContext context, RecurrentForecastingEstimator.Options options) =>
        context.Forecasting.ForecastByRecurrentNetwork(options);

    // A trial's window has at most twice the steps of the set's.
    private static double Measure(MLContext context, ITransformer model, SelectionSet set, SelectionSeries[] series, SelectionSeries[] before) =>
        set.Error([.. SelectionRun.Score(context, model, set, series, before, Math.Min(2 * set.Window, before.Min(one => one.Values.Length))).Select(Fill)]);

    // A window without a value has no forecast, and trials have windows of several sizes: the mean of the target counts instead.
    private static SelectionPart Fill(SelectionPart part)
    {
        float[] means = [.. Enumerable.Range(0, part.Targets).Select(target =>
            part.Fitted.Select(row => row[target]).Where(value => !float.IsNaN(value)).Average())];
        return part with
        {
            Forecasts = [.. part.Forecasts.Select(row => row.Select((value, i) => float.IsNaN(value) ? means[i % part.Targets] : value).ToArray())],
        };
    }

    private static SelectionSeries Before(SelectionSeries series) => series.Until(series.Values.Length - series.Held);
}
