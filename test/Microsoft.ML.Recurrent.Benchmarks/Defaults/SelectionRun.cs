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
            parts.AddRange(Score(context, model, set, series, fitted));
        }
        return new(candidate.Name, set.Name, seed, set.Error(parts), set.Error([.. parts.Select(part => part.Naive())]), Math.Round(seconds, 2), epochs,
            DateTime.Today.ToString("yyyy-MM-dd"));
    }

    private static RecurrentForecastingEstimator.Options Options(SelectionSet set, Candidate candidate, SelectionSeries series, int seed, int threads)
    {
        RecurrentForecastingEstimator.Options options = new()
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
        Candidates.SetPresent(options);
        candidate.Apply(options);
        return options;
    }

    // The first forecasts of the part look back into the rows before.
    private static IEnumerable<SelectionPart> Score(MLContext context, RecurrentForecastingTransformer model, SelectionSet set, SelectionSeries[] series,
        SelectionSeries[] fitted)
    {
        SelectionSeries[] tails = [.. series.Select(one => Tail(one, one.Held + set.Window))];
        var forecasts = model.Transform(SelectionRow.View(context, tails)).GetColumn<float[]>("Forecast").ToArray();
        var next = 0;
        for (var i = 0; i < tails.Length; i++)
        {
            yield return new(fitted[i].Values, tails[i].Values, forecasts[next..(next + tails[i].Values.Length)], set.Window, set.Horizon);
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
