using System.Collections.Immutable;
using Microsoft.ML.Recurrent.Forecasting.Evaluation;

namespace Microsoft.ML.Recurrent;

/// <summary>
/// What a back-test found: metrics of models and baselines over the same points, in whole, by step, by origin, by series and by target, and all forecasts.
/// </summary>
public sealed class BackTestResult
{
    internal BackTestResult(ImmutableArray<BackTestForecaster> forecasters, BackTestShape shape, ImmutableArray<BackTestOrigin> origins)
    {
        (Forecasters, Origins, Horizon, Series, Targets, Metrics, ConfidenceLevel) =
            (forecasters, origins, shape.Horizon, shape.Series, shape.Targets, shape.Metrics, shape.ConfidenceLevel);
    }

    /// <summary>The models in the given order, then the baselines.</summary>
    public ImmutableArray<BackTestForecaster> Forecasters { get; }

    /// <summary>The (first) model.</summary>
    public BackTestForecaster Model => Forecasters[0];

    /// <summary>The baselines.</summary>
    public IEnumerable<BackTestForecaster> Baselines => Forecasters.Where(forecaster => forecaster.IsBaseline);

    /// <summary>The origins, the earliest first.</summary>
    public ImmutableArray<BackTestOrigin> Origins { get; }

    /// <summary>Steps of a forecast.</summary>
    public int Horizon { get; }

    /// <summary>Steps of the season that scaled errors and seasonal baselines used.</summary>
    public required int Season { get; init; }

    /// <summary>The frequency of the time column; null where it holds no dates or has none.</summary>
    public TimeFrequency? Frequency { get; init; }

    /// <summary>The series' names, in the order in which they were met; one empty name where there is no series column.</summary>
    public ImmutableArray<string> Series { get; }

    /// <summary>The targets' names.</summary>
    public ImmutableArray<string> Targets { get; }

    /// <summary>What was measured.</summary>
    public ImmutableArray<ForecastMetric> Metrics { get; }

    /// <summary>The level of the intervals.</summary>
    public double ConfidenceLevel { get; }

    /// <summary>Forecasts (of a series at an origin) that were measured.</summary>
    public required int Measured { get; init; }

    /// <summary>
    /// Forecasts that were left out for all forecasters alike, since a model answered NaN there (too little history, or a missing value in its window).
    /// </summary>
    public required int LeftOut { get; init; }

    /// <summary>Fits of each model.</summary>
    public required int Fits { get; init; }

    /// <summary>Time that all of it took.</summary>
    public required TimeSpan Elapsed { get; init; }

    /// <summary>A forecaster by its name.</summary>
    /// <param name="name">The name.</param>
    /// <exception cref="KeyNotFoundException">There is none of that name.</exception>
    public BackTestForecaster this[string name] =>
        Forecasters.FirstOrDefault(forecaster => forecaster.Name == name)
        ?? throw new KeyNotFoundException(
            $"No forecaster is named '{name}'; there are {string.Join(", ", Forecasters.Select(forecaster => $"'{forecaster.Name}'"))}.");

    /// <summary>OWA of a forecaster, as in the M4 competition; NaN where <see cref="ForecastBaseline.Naive2"/> was no baseline.</summary>
    /// <param name="forecaster">A forecaster of this back-test.</param>
    public double OverallWeightedAverage(BackTestForecaster forecaster)
    {
        ArgumentNullException.ThrowIfNull(forecaster);
        return Forecasters.FirstOrDefault(other => other.IsBaseline && other.Name == ForecastBaseline.Naive2.Name) is { } reference
            ? forecaster.Metrics.OverallWeightedAverage(reference.Metrics) : double.NaN;
    }

    /// <summary>All steps of all forecasts as rows (<see cref="BackTestRow"/>), to be saved or looked into with ML.NET's own means.</summary>
    /// <param name="mlContext">The context.</param>
    public IDataView ToDataView(MLContext mlContext)
    {
        ArgumentNullException.ThrowIfNull(mlContext);
        return mlContext.Data.LoadFromEnumerable(Rows());
    }

    /// <summary>The metrics of all forecasters as a table of text, a row each; metrics that none has are left out.</summary>
    public override string ToString() => BackTestTable.Write(this);

    /// <summary>One metric by step of the horizon as a table of text, a row a step and a column a forecaster.</summary>
    /// <param name="metric">The metric; null for the MAE.</param>
    public string ToTableByStep(ForecastMetric? metric = null) => BackTestTable.WriteByStep(this, metric ?? ForecastMetric.MeanAbsoluteError);

    /// <summary>One metric by series as a table of text, a row a series and a column a forecaster, the series that the model forecasts worst first.</summary>
    /// <param name="metric">The metric; null for the MASE, which compares series of different size.</param>
    /// <param name="maximumRows">Rows at the most.</param>
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
                        Lower = forecast.Lower.IsEmpty ? float.NaN : forecast.Lower.Span[step],
                        Upper = forecast.Upper.IsEmpty ? float.NaN : forecast.Upper.Span[step],
                        Residual = (float)forecast.Residual(step),
                    };
                }
            }
        }
    }
}
