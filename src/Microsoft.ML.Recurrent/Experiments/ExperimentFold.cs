using System.Collections.Immutable;
using System.Globalization;
using Microsoft.ML.Recurrent.Experiments;
using Microsoft.ML.Recurrent.Forecasting.Evaluation;

namespace Microsoft.ML.Recurrent;

/// <summary>
/// One fold of the final of an experiment: rows that the best trials and the default are trained on, and how their models are measured on other rows.
/// <see cref="ExperimentOptions.Folds"/> takes them.
/// </summary>
/// <param name="Name">The name, for tables; each fold of an experiment has another.</param>
/// <param name="Train">The rows to train on; training holds out its usual part of them to know when to stop.</param>
/// <param name="Measure">The metric of the experiment, of a model on rows that are not in <paramref name="Train"/>. NaN or infinity counts as a
/// failure.</param>
public sealed record ExperimentFold(string Name, IDataView Train, Func<ITransformer, double> Measure)
{
    // Below this share of the rows a model is another one than that of all rows.
    private const double FirstCut = 0.4;

    /// <summary>
    /// How many independent answers <see cref="Measure"/> rests on: rows, or forecasts that do not overlap. Where all folds together have fewer than 10,
    /// the default stays. Default: null, enough.
    /// </summary>
    public int? Count { get; init; }

    /// <summary>
    /// Folds of rolling origins (Tashman 2000; Bergmeir and Benitez 2012): each is measured by a back-test on the rows behind those that it trains on. The
    /// first one trains on 40% of the series in the middle by length, the later ones on more, the last one ends with the rows. Series are cut at the same
    /// number of rows before their ends.
    /// </summary>
    /// <param name="mlContext">The context.</param>
    /// <param name="rows">The training and validation rows. They are read for each fit: cache them if that is slow.</param>
    /// <param name="options">The columns and the horizon. Stride: <see cref="BackTestOptions.Stride"/>, or the horizon. Baselines are left out.</param>
    /// <param name="squared">Whether the metric is the root mean squared error; else it is the mean absolute one.</param>
    /// <param name="numberOfFolds">The most folds, at least 1; fewer where the rows behind a cut are fewer than the horizon.</param>
    /// <exception cref="ArgumentException">An option is out of range; the message names it.</exception>
    public static ImmutableArray<ExperimentFold> RollingOrigin(MLContext mlContext, IDataView rows, BackTestOptions options, bool squared = false,
        int numberOfFolds = 5)
    {
        ArgumentNullException.ThrowIfNull(mlContext);
        ArgumentNullException.ThrowIfNull(rows);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfLessThan(numberOfFolds, 1);
        options.Check();
        var order = SeriesOrder.Read(rows, options.TimeColumnName, [.. options.SeriesColumnNames]);
        return [.. Stretches(order.MedianLength, 0, options.Horizon, numberOfFolds).Select(stretch =>
        {
            var own = OptionCopies.Copy(options);
            own.Stride ??= options.Horizon;
            own.NumberOfOrigins = (stretch.Steps - options.Horizon) / own.Stride.Value + 1;
            var metric = ExperimentMetric.ForecastError(mlContext, order.Before(stretch.End + stretch.Steps), own, squared);
            var measured = order.Part(stretch.End, stretch.Steps, 0);
            return new ExperimentFold(stretch.Name, order.Before(stretch.End + stretch.Steps), model => metric.Measure(model, measured))
            {
                Count = stretch.Steps / options.Horizon * order.NumberOfSeries,
            };
        })];
    }

    /// <summary>Folds of a cross-validation: the rows are divided at random into as many parts, each of which one fold is measured on.</summary>
    /// <param name="mlContext">The context.</param>
    /// <param name="rows">The training and validation rows. They are read for each fit: cache them if that is slow.</param>
    /// <param name="metric">The metric of the experiment.</param>
    /// <param name="numberOfFolds">The folds, at least 2.</param>
    /// <param name="seed">The seed of the division.</param>
    public static ImmutableArray<ExperimentFold> CrossValidation(MLContext mlContext, IDataView rows, ExperimentMetric metric, int numberOfFolds = 5,
        int seed = 1)
    {
        ArgumentNullException.ThrowIfNull(mlContext);
        ArgumentNullException.ThrowIfNull(rows);
        ArgumentNullException.ThrowIfNull(metric);
        ArgumentOutOfRangeException.ThrowIfLessThan(numberOfFolds, 2);
        return [.. mlContext.Data.CrossValidationSplit(rows, numberOfFolds, seed: seed).Select((parts, i) => new ExperimentFold(
            string.Create(CultureInfo.InvariantCulture, $"part {i + 1}"), parts.TrainSet, model => metric.Measure(model, parts.TestSet)))];
    }

    /// <summary>The stretches of a series on which folds are measured, from the earliest to the latest.</summary>
    /// <param name="length">The steps of the series.</param>
    /// <param name="fewest">The fewest steps to train on.</param>
    /// <param name="horizon">The steps of a forecast.</param>
    /// <param name="numberOfFolds">The most folds.</param>
    /// <returns>The name, the steps behind the stretch, and its own ones; none where no stretch has the horizon.</returns>
    internal static IEnumerable<(string Name, int End, int Steps)> Stretches(int length, int fewest, int horizon, int numberOfFolds)
    {
        var first = Math.Max(fewest, (int)Math.Ceiling(FirstCut * length));
        var folds = Math.Min(numberOfFolds, (length - first) / horizon);
        for (var i = 0; i < folds; i++)
        {
            var (from, to) = (first + (int)((long)(length - first) * i / folds), first + (int)((long)(length - first) * (i + 1) / folds));
            yield return (string.Create(CultureInfo.InvariantCulture, $"{100.0 * from / length:F0}%"), length - to, to - from);
        }
    }
}
