using System.Diagnostics;
using Microsoft.ML.Data;

namespace Microsoft.ML.Recurrent.Benchmarks.Defaults;

/// <summary>What one candidate reached on one set with one seed.</summary>
/// <param name="Candidate">Its name.</param>
/// <param name="Set">The set's name.</param>
/// <param name="Seed">The seed of training.</param>
/// <param name="Error">The error of the selection part.</param>
/// <param name="LastValue">That of the last value, repeated.</param>
/// <param name="Seconds">What Fit took.</param>
/// <param name="Epochs">Epochs that were trained, the mean over the origins.</param>
/// <param name="Date">The day.</param>
internal sealed record SelectionResult(string Candidate, string Set, int Seed, double Error, double LastValue, double Seconds, double Epochs, string Date);

/// <summary>Trains on the rows before the selection part, by the default validation, and measures the selection part.</summary>
internal static class SelectionRun
{
    public static SelectionResult Of(SelectionSet set, Candidate candidate, int seed, string folder, int threads)
    {
        var all = set.Load(folder);
        var parts = new List<SelectionPart>();
        double seconds = 0, epochs = 0;
        foreach (var cut in set.Cuts)
        {
            SelectionSeries[] series = [.. all.Select(one => one.Until(one.Values.Length - cut))];
            SelectionSeries[] fitted = [.. series.Select(one => one.Until(one.Values.Length - one.Held))];
            var context = new MLContext(seed);
            var clock = Stopwatch.StartNew();
            var model = context.Forecasting.ForecastByRecurrentNetwork(Options(set, candidate, series[0], seed, threads))
                .Fit(SelectionRow.View(context, fitted));
            seconds += clock.Elapsed.TotalSeconds;
            epochs += model.Model.History.Epochs.Length / (double)set.Cuts.Length;
            parts.AddRange(Score(context, model, set, series, fitted, set.Window));
        }
        return new(candidate.Name, set.Name, seed, set.Error(parts), set.Error([.. parts.Select(part => part.Naive())]), Math.Round(seconds, 2), epochs,
            DateTime.Today.ToString("yyyy-MM-dd"));
    }

    /// <summary>The options of a set, with the defaults of the trainer.</summary>
    public static RecurrentForecastingEstimator.Options Defaults(SelectionSet set, SelectionSeries series, int seed, int threads) => new()
    {
        Input = new SeriesInputOptions
        {
            InputColumnName = nameof(SelectionRow.Values), SeriesColumnNames = [nameof(SelectionRow.Series)],
            TimeColumnName = series.Times.Length > 0 ? nameof(SelectionRow.Time) : null,
            PastCovariateColumnNames = [.. series.Past.Length > 0 ? new[] { nameof(SelectionRow.Past) } : [],
            .. series.Kinds.Length > 0 ? new[] { nameof(SelectionRow.Kind) } : []],
            WindowSize = set.Window, TrainingStride = set.Stride > 0 ? set.Stride : null,
        },
        Horizon = set.Horizon,
        NumberOfThreads = threads,
        Seed = seed,
    };

    private static RecurrentForecastingEstimator.Options Options(SelectionSet set, Candidate candidate, SelectionSeries series, int seed, int threads)
    {
        var options = Defaults(set, series, seed, threads);
        Candidates.SetPresent(options);
        candidate.Apply(options);
        return options;
    }

    /// <summary>The forecasts of the selection part, the first of which look back into the rows before.</summary>
    /// <param name="context">The context.</param>
    /// <param name="model">The model.</param>
    /// <param name="set">The set.</param>
    /// <param name="series">The series up to the end of their selection part.</param>
    /// <param name="fitted">The rows before that.</param>
    /// <param name="window">The rows before the part that are read: at least the window of the model.</param>
    public static IEnumerable<SelectionPart> Score(MLContext context, ITransformer model, SelectionSet set, SelectionSeries[] series,
        SelectionSeries[] fitted, int window)
    {
        SelectionSeries[] tails = [.. series.Select(one => Tail(one, one.Held + window))];
        var forecasts = model.Transform(SelectionRow.View(context, tails)).GetColumn<float[]>("Forecast").ToArray();
        var next = 0;
        for (var i = 0; i < tails.Length; i++)
        {
            yield return new(fitted[i].Values, tails[i].Values, forecasts[next..(next + tails[i].Values.Length)], window, set.Horizon);
            next += tails[i].Values.Length;
        }
    }

    private static SelectionSeries Tail(SelectionSeries series, int rows) => series with
    {
        Values = series.Values[^rows..],
        Times = series.Times.Length > 0 ? series.Times[^rows..] : [],
        Past = series.Past.Length > 0 ? series.Past[^rows..] : [],
        Kinds = series.Kinds.Length > 0 ? series.Kinds[^rows..] : [],
    };
}
