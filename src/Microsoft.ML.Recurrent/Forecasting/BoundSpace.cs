namespace Microsoft.ML.Recurrent.Forecasting;

/// <summary>
/// Where bounds are scaled: around the forecast, in logarithms if the network forecasts those, within the limits, and to whole numbers for counts.
/// </summary>
/// <param name="Transform">The transformation of the targets.</param>
/// <param name="LowerLimit">The smallest value; null for none.</param>
/// <param name="UpperLimit">The largest value; null for none.</param>
/// <param name="IsCount">Whether bounds are quantiles of counts: whole numbers.</param>
internal sealed record BoundSpace(TargetTransform Transform = TargetTransform.None, double? LowerLimit = null, double? UpperLimit = null, bool IsCount = false)
{
    /// <summary>The space of a forecaster's bounds.</summary>
    public static BoundSpace Create(RecurrentModel model) =>
        model.Manifest.Forecast is { } forecast
            ? new(model.Metadata.Network?.Transform ?? TargetTransform.None, forecast.LowerLimit ?? (forecast.Likelihood.IsInDataUnit ? 0 : null),
                forecast.UpperLimit, forecast.CalibratesLevels)
            : new();

    /// <summary>The bounds whose distances from the forecast are those of other bounds times a factor.</summary>
    /// <param name="value">The forecast.</param>
    /// <param name="lower">The other lower bound.</param>
    /// <param name="upper">The other upper bound.</param>
    /// <param name="factor">The factor; 1 gives the other bounds as they are.</param>
    public (double Lower, double Upper) Scale(double value, double lower, double upper, double factor)
    {
        if (factor == 1) return (lower, upper);
        var (center, low, high) = (Log(value), Log(lower), Log(upper));
        // A mean of counts may lie outside of quantiles.
        if (!(center >= low && center <= high)) center = (low + high) / 2;
        var (below, above) = (center - low, high - center);
        // A bound at a limit does not tell its distance: that of the other side does.
        if (lower <= LowerLimit) below = Math.Max(below, above);
        else if (upper >= UpperLimit) above = Math.Max(above, below);
        return (Limit(Exp(center - below * factor)), Limit(Exp(center + above * factor)));
    }

    private double Log(double value) => Transform switch
    {
        TargetTransform.Log => Math.Log(value),
        TargetTransform.Log1p => Math.Log(1 + value),
        _ => value,
    };

    private double Exp(double value)
    {
        var result = Transform switch { TargetTransform.Log => Math.Exp(value), TargetTransform.Log1p => Math.Exp(value) - 1, _ => value };
        return IsCount ? Math.Round(result) : result;
    }

    private double Limit(double value) => Math.Min(Math.Max(value, LowerLimit ?? double.NegativeInfinity), UpperLimit ?? double.PositiveInfinity);
}
