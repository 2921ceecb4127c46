namespace Microsoft.ML.Recurrent;

/// <summary>One step of one target of a <see cref="SeriesForecast"/>, as a row of its data view.</summary>
public sealed class SeriesForecastRow
{
    /// <summary>The name of the series; empty without a series column.</summary>
    public string Series { get; set; } = "";

    /// <summary>The time of the step; <see cref="DateTime.MinValue"/> if the model knows none.</summary>
    public DateTime Time { get; set; }

    /// <summary>The step of the horizon, from 1.</summary>
    public int Step { get; set; }

    /// <summary>The name of the target.</summary>
    public string Target { get; set; } = "";

    /// <summary>The forecast.</summary>
    public double Forecast { get; set; }

    /// <summary>The lower bound; NaN for none.</summary>
    public double Lower { get; set; }

    /// <summary>The upper bound; NaN for none.</summary>
    public double Upper { get; set; }

    /// <summary>The standard deviation; NaN for none.</summary>
    public double StandardDeviation { get; set; }

    /// <summary>The quantiles by ascending level, whose slots are named by the levels, such as "0.1"; empty for none.</summary>
    public double[] Quantiles { get; set; } = [];
}
