namespace Microsoft.ML.Recurrent;

/// <summary>One step of one forecast, as a row of <see cref="BackTestResult.ToDataView"/>.</summary>
public sealed class BackTestRow
{
    /// <summary>The name of the model or baseline.</summary>
    public string Forecaster { get; set; } = "";

    /// <summary>The name of the series; empty without a series column.</summary>
    public string Series { get; set; } = "";

    /// <summary>The name of the target.</summary>
    public string Target { get; set; } = "";

    /// <summary>The number of the origin, from 0.</summary>
    public int Origin { get; set; }

    /// <summary>The time of the origin; <see cref="DateTime.MinValue"/> if it has none.</summary>
    public DateTime OriginTime { get; set; }

    /// <summary>The step of the horizon, from 1.</summary>
    public int Step { get; set; }

    /// <summary>The actual value; NaN if unknown.</summary>
    public double Actual { get; set; }

    /// <summary>The forecasts.</summary>
    public double Forecast { get; set; }

    /// <summary>The lower bound of the interval; NaN for none.</summary>
    public double Lower { get; set; }

    /// <summary>The upper bound of the interval; NaN for none.</summary>
    public double Upper { get; set; }

    /// <summary><see cref="Actual"/> minus <see cref="Forecast"/>.</summary>
    public double Residual { get; set; }
}
