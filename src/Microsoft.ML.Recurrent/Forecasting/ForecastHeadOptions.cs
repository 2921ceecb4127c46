namespace Microsoft.ML.Recurrent.Forecasting;

/// <summary>What a head forecasts.</summary>
/// <param name="WindowSize">Steps that it looks back.</param>
/// <param name="Horizon">Steps that it looks ahead.</param>
/// <param name="Targets">How many of the network's first features are forecast.</param>
/// <param name="SeasonLength">Steps of the season whose last values the forecasts are differences from; 0 for none.</param>
/// <param name="Bounds">Whether there are bounds.</param>
internal sealed record ForecastHeadOptions(int WindowSize, int Horizon, int Targets, int SeasonLength = 0, bool Bounds = false)
{
    /// <summary>Paths that are drawn, for a column of their own or for deviations and quantiles; 0 for none.</summary>
    public int Paths { get; init; }

    /// <summary>Whether the paths are an answer: they are then drawn from noise that comes in with each row, else from one that is part of the model.</summary>
    public bool HasSamples { get; init; }

    /// <summary>
    /// Whether paths are drawn step by step, what was drawn of a step going into the next; deviations and quantiles are then those of the paths. Else each step
    /// has a distribution of its own.
    /// </summary>
    public bool FeedsDraws { get; init; }

    /// <summary>The smallest answer; null for none. Not that of standard deviations.</summary>
    public float? LowerLimit { get; init; }

    /// <summary>The largest answer, likewise.</summary>
    public float? UpperLimit { get; init; }

    /// <summary>
    /// Whether bounds are quantiles of the likelihood whose levels are calibrated, as those of counts; models of earlier builds have widths instead.
    /// </summary>
    public bool CalibratesLevels { get; init; }

    /// <summary>The learned scale of the bounds of a point forecast; null for none, as in models of earlier builds.</summary>
    public BoundScaleOptions? BoundScale { get; init; }

    /// <summary>That of a saved model with its bounds, without paths.</summary>
    public static ForecastHeadOptions Create(ForecastManifest forecast) =>
        new(forecast.WindowSize, forecast.Horizon, forecast.Targets.Length, forecast.SeasonLength, forecast.LowerBoundColumn is not null)
        {
            FeedsDraws = forecast.FeedsDraws,
            LowerLimit = forecast.HasOrigins ? null : (float?)forecast.LowerLimit,
            UpperLimit = forecast.HasOrigins ? null : (float?)forecast.UpperLimit,
            CalibratesLevels = forecast.CalibratesLevels,
            BoundScale = forecast.BoundScale,
        };

    /// <summary>For each step of the horizon the window's step that lies a whole number of seasons before it; empty without a season.</summary>
    public int[] SeasonBefore() => SeasonLength == 0 ? [] : [.. Enumerable.Range(0, Horizon).Select(step => WindowSize - SeasonLength + step % SeasonLength)];

    /// <summary>A value within the limits; NaN stays.</summary>
    public float Limit(float value) => Math.Min(Math.Max(value, LowerLimit ?? float.NegativeInfinity), UpperLimit ?? float.PositiveInfinity);
}
