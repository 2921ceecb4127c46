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

    /// <summary>When it was made.</summary>
    public BackTestOrigin Origin { get; }

    /// <summary>The series' name; empty where there is no series column.</summary>
    public string Series { get; }

    /// <summary>The target's name: the column's, or of a vector one slot's.</summary>
    public string Target { get; }

    /// <summary>The source's row (from 0) that was the last one known.</summary>
    public long Row { get; }

    /// <summary>What happened, step by step; NaN where it is not known.</summary>
    public ReadOnlyMemory<float> Actual { get; }

    /// <summary>What was forecast.</summary>
    public ReadOnlyMemory<float> Forecast { get; }

    /// <summary>The interval's lower bounds; empty where there is none.</summary>
    public ReadOnlyMemory<float> Lower { get; }

    /// <summary>The interval's upper bounds; empty where there is none.</summary>
    public ReadOnlyMemory<float> Upper { get; }

    /// <inheritdoc cref="ForecastPoint.Scale"/>
    public double Scale { get; }

    /// <inheritdoc cref="ForecastPoint.SquaredScale"/>
    public double SquaredScale { get; }

    /// <summary>What happened minus what was forecast, at a step.</summary>
    /// <param name="step">From 0.</param>
    public double Residual(int step) => (double)Actual.Span[step] - Forecast.Span[step];

    /// <summary>A step as metrics see it.</summary>
    /// <param name="step">From 0.</param>
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

/// <summary>A point in time at which forecasts were made.</summary>
/// <param name="Index">Its number, the earliest being 0.</param>
/// <param name="Time">Its time; null where there is no time column that holds dates, or where each series has its own.</param>
/// <param name="TrainedRows">Rows that the model that answered had been fitted on.</param>
public sealed record BackTestOrigin(int Index, DateTime? Time, long TrainedRows);

/// <summary>The numbers of a forecast.</summary>
internal readonly record struct BackTestValues(ReadOnlyMemory<float> Actual, ReadOnlyMemory<float> Forecast, ReadOnlyMemory<float> Lower,
    ReadOnlyMemory<float> Upper, double Scale, double SquaredScale);
