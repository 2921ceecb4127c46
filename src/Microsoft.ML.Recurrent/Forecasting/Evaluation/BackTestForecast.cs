namespace Microsoft.ML.Recurrent;

/// <summary>One forecast of a back-test: one series, one target, one origin, all steps of the horizon.</summary>
public sealed class BackTestForecast
{
    private readonly Func<int, ForecastDistribution>? _distribution;

    internal BackTestForecast(BackTestOrigin origin, string series, string target, long row, BackTestValues values,
        Func<int, ForecastDistribution>? distribution)
    {
        (Origin, Series, Target, Row, _distribution) = (origin, series, target, row, distribution);
        (Actual, Forecast, Lower, Upper, Scale, SquaredScale) = (values.Actual, values.Forecast, values.Lower, values.Upper, values.Scale, values.SquaredScale);
    }

    /// <summary>The origin of the forecast.</summary>
    public BackTestOrigin Origin { get; }

    /// <summary>The name of the series; empty without a series column.</summary>
    public string Series { get; }

    /// <summary>The name of the target: the column, or the slot of a vector column.</summary>
    public string Target { get; }

    /// <summary>The last known source row, from 0.</summary>
    public long Row { get; }

    /// <summary>The actual values, step by step; NaN if unknown.</summary>
    public ReadOnlyMemory<double> Actual { get; }

    /// <summary>The forecasts.</summary>
    public ReadOnlyMemory<double> Forecast { get; }

    /// <summary>The lower bounds of the interval; empty for none.</summary>
    public ReadOnlyMemory<double> Lower { get; }

    /// <summary>The upper bounds of the interval; empty for none.</summary>
    public ReadOnlyMemory<double> Upper { get; }

    /// <inheritdoc cref="ForecastPoint.Scale"/>
    public double Scale { get; }

    /// <inheritdoc cref="ForecastPoint.SquaredScale"/>
    public double SquaredScale { get; }

    /// <summary>The residual (actual minus forecast) at a step.</summary>
    /// <param name="step">The step, from 0.</param>
    public double Residual(int step) => Actual.Span[step] - Forecast.Span[step];

    /// <summary>The point of a step, for metrics.</summary>
    /// <param name="step">The step, from 0.</param>
    /// <param name="confidenceLevel">The level of the interval.</param>
    internal ForecastPoint Point(int step, double confidenceLevel) => new(Actual.Span[step], Forecast.Span[step])
    {
        Lower = Lower.IsEmpty ? double.NaN : Lower.Span[step],
        Upper = Upper.IsEmpty ? double.NaN : Upper.Span[step],
        ConfidenceLevel = Lower.IsEmpty ? double.NaN : confidenceLevel,
        Scale = Scale,
        SquaredScale = SquaredScale,
        Distribution = _distribution?.Invoke(step),
    };
}

/// <summary>A forecast origin: a point in time at which forecasts are made.</summary>
/// <param name="Index">Its number; the earliest is 0.</param>
/// <param name="Time">Its time; null without a time column of dates, or if each series has its own origins.</param>
/// <param name="TrainedRows">Number of rows on which the model was fitted.</param>
public sealed record BackTestOrigin(int Index, DateTime? Time, long TrainedRows);

/// <summary>The values of a forecast.</summary>
internal readonly record struct BackTestValues(ReadOnlyMemory<double> Actual, ReadOnlyMemory<double> Forecast, ReadOnlyMemory<double> Lower,
    ReadOnlyMemory<double> Upper, double Scale, double SquaredScale);
