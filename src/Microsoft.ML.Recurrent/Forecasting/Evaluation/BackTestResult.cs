using System.Collections.Immutable;
using Microsoft.ML.Recurrent.Forecasting.Evaluation;

namespace Microsoft.ML.Recurrent;

/// <summary>
/// The result of a back-test: all forecasts, and the metrics of models and baselines over the same points: overall, by step, origin, series and target.
/// </summary>
public sealed class BackTestResult
{
    internal BackTestResult(ImmutableArray<BackTestForecaster> forecasters, BackTestShape shape, ImmutableArray<BackTestOrigin> origins)
    {
        (Forecasters, Origins, Horizon, Series, Targets, Metrics, ConfidenceLevel) =
            (forecasters, origins, shape.Horizon, shape.Series, shape.Targets, shape.Metrics, shape.ConfidenceLevel);
    }

    /// <summary>The models in the order given, then the baselines.</summary>
    public ImmutableArray<BackTestForecaster> Forecasters { get; }

    /// <summary>The (first) model.</summary>
    public BackTestForecaster Model => Forecasters[0];

    /// <summary>The baselines.</summary>
    public IEnumerable<BackTestForecaster> Baselines => Forecasters.Where(forecaster => forecaster.IsBaseline);

    /// <summary>The origins, the earliest first.</summary>
    public ImmutableArray<BackTestOrigin> Origins { get; }

    /// <summary>Steps per forecast.</summary>
    public int Horizon { get; }

    /// <summary>Season length in steps, as used by scaled errors and seasonal baselines.</summary>
    public int Season => SeasonLengths[0];

    /// <summary>The season lengths of the seasonal naive forecasts; the first is <see cref="Season"/>.</summary>
    public required ImmutableArray<int> SeasonLengths { get; init; }

    /// <summary>The frequency of the time column; null if it holds no dates or has no common step.</summary>
    public TimeFrequency? Frequency { get; init; }

    /// <summary>The names of the series, in order of their first rows; one empty name without a series column.</summary>
    public ImmutableArray<string> Series { get; }

    /// <summary>The names of the targets.</summary>
    public ImmutableArray<string> Targets { get; }

    /// <summary>The computed metrics.</summary>
    public ImmutableArray<ForecastMetric> Metrics { get; }

    /// <summary>The level of the intervals.</summary>
    public double ConfidenceLevel { get; }

    /// <summary>Number of evaluated forecasts, each of a series at an origin.</summary>
    public required int Measured { get; init; }

    /// <summary>Number of forecasts left out for all forecasters because a model forecast NaN (too little history, or a missing value in its window).</summary>
    public required int LeftOut { get; init; }

    /// <summary>The step size by which the bounds followed the outcomes (<see cref="BackTestOptions.AdaptationRate"/>); 0 if they did not.</summary>
    public float AdaptationRate { get; internal init; }

    /// <summary>Number of fits per model.</summary>
    public required int Fits { get; init; }

    /// <summary>Total duration.</summary>
    public required TimeSpan Elapsed { get; init; }

    /// <summary>Returns a forecaster by name.</summary>
    /// <param name="name">The name.</param>
    /// <exception cref="KeyNotFoundException">There is no forecaster of that name.</exception>
    public BackTestForecaster this[string name] =>
        Forecasters.FirstOrDefault(forecaster => forecaster.Name == name)
        ?? throw new KeyNotFoundException(
            $"No forecaster is named '{name}'; there are {string.Join(", ", Forecasters.Select(forecaster => $"'{forecaster.Name}'"))}.");

    /// <summary>OWA of a forecaster, as in the M4 competition; NaN if <see cref="ForecastBaseline.Naive2"/> is not among the baselines.</summary>
    /// <param name="forecaster">A forecaster of this back-test.</param>
    public double OverallWeightedAverage(BackTestForecaster forecaster)
    {
        ArgumentNullException.ThrowIfNull(forecaster);
        return Forecasters.FirstOrDefault(other => other.IsBaseline && other.Name == ForecastBaseline.Naive2.Name) is { } reference
            ? forecaster.Metrics.OverallWeightedAverage(reference.Metrics) : double.NaN;
    }

    /// <summary>All steps of all forecasts as rows (<see cref="BackTestRow"/>), to save or explore with ML.NET.</summary>
    /// <param name="mlContext">The context.</param>
    public IDataView ToDataView(MLContext mlContext)
    {
        ArgumentNullException.ThrowIfNull(mlContext);
        return mlContext.Data.LoadFromEnumerable(Rows());
    }

    /// <summary>The metrics of all forecasters as a text table, one row per forecaster, without metrics that are NaN for all.</summary>
    public override string ToString() => BackTestTable.Write(this);

    /// <summary>One metric by step of the horizon as a text table: one row per step, one column per forecaster.</summary>
    /// <param name="metric">The metric; null for the MAE.</param>
    public string ToTableByStep(ForecastMetric? metric = null) => BackTestTable.WriteByStep(this, metric ?? ForecastMetric.MeanAbsoluteError);

    /// <summary>One metric by series as a text table: one row per series, one column per forecaster, the worst series of the model first.</summary>
    /// <param name="metric">The metric; null for the MASE, which is comparable across series of different scale.</param>
    /// <param name="maximumRows">Maximum number of rows.</param>
    public string ToTableBySeries(ForecastMetric? metric = null, int maximumRows = 20)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maximumRows, 1);
        return BackTestTable.WriteBySeries(this, metric ?? ForecastMetric.MeanAbsoluteScaledError, maximumRows);
    }

    private IEnumerable<BackTestRow> Rows()
    {
        foreach (var forecaster in Forecasters)
        {
            foreach (var forecast in forecaster.Forecasts)
            {
                for (var step = 0; step < Horizon; step++)
                {
                    yield return new()
                    {
                        Forecaster = forecaster.Name,
                        Series = forecast.Series,
                        Target = forecast.Target,
                        Origin = forecast.Origin.Index,
                        OriginTime = forecast.Origin.Time ?? default,
                        Step = step + 1,
                        Actual = forecast.Actual.Span[step],
                        Forecast = forecast.Forecast.Span[step],
                        Lower = forecast.Lower.IsEmpty ? double.NaN : forecast.Lower.Span[step],
                        Upper = forecast.Upper.IsEmpty ? double.NaN : forecast.Upper.Span[step],
                        Residual = forecast.Residual(step),
                    };
                }
            }
        }
    }
}
