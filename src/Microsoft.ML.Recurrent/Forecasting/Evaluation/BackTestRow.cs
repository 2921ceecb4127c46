namespace Microsoft.ML.Recurrent;

/// <summary>One step of one forecast, as a row of <see cref="BackTestResult.ToDataView"/>.</summary>
public sealed class BackTestRow
{
    /// <summary>The model's or baseline's name.</summary>
    public string Forecaster { get; set; } = "";

    /// <summary>The series' name; empty where there is no series column.</summary>
    public string Series { get; set; } = "";

    /// <summary>The target's name.</summary>
    public string Target { get; set; } = "";

    /// <summary>The origin's number, from 0.</summary>
    public int Origin { get; set; }

    /// <summary>The origin's time; <see cref="DateTime.MinValue"/> where it has none.</summary>
    public DateTime OriginTime { get; set; }

    /// <summary>The step of the horizon, from 1.</summary>
    public int Step { get; set; }

    /// <summary>What happened; NaN where it is not known.</summary>
    public float Actual { get; set; }

    /// <summary>What was forecast.</summary>
    public float Forecast { get; set; }

    /// <summary>The interval's lower bound; NaN where there is none.</summary>
    public float Lower { get; set; }

    /// <summary>The interval's upper bound; NaN where there is none.</summary>
    public float Upper { get; set; }

    /// <summary><see cref="Actual"/> minus <see cref="Forecast"/>.</summary>
    public float Residual { get; set; }
}
