namespace Microsoft.ML.Recurrent.Forecasting.Evaluation;

/// <summary>
/// A baseline's forecasts through a back-test. Baselines with parameters estimate them for each forecast, as long as this takes seconds; in larger back-tests a
/// series' parameters are kept between the refits of the models, while the series has not grown to twice what was fitted. The forecasts themselves are always
/// made from the whole history.
/// </summary>
internal sealed class BaselineForecaster(ForecastBaseline baseline, BackTestSchedule schedule, BackTestData data)
{
    /// <summary>Forecasts, and values of their histories together, up to which each is a fit of its own.</summary>
    public const int MaximumFits = 500, MaximumFittedValues = 1000 * MaximumFits;

    private readonly Dictionary<(int Series, int Target), Kept> _kept = [];
    private readonly bool _keeps = schedule.Pairs.Length * (long)data.Targets.Length > MaximumFits
        || schedule.Pairs.Sum(pair => (long)pair.Cut) * data.Targets.Length > MaximumFittedValues;

    /// <summary>The baseline's name.</summary>
    public string Name => baseline.Name;

    public double[] Forecast(OriginCut pair, int target, int steps)
    {
        var history = data.History(pair.Series, target, pair.Cut);
        var forecast = new double[steps];
        if (!_keeps || baseline is not FittedBaseline fitted)
        {
            baseline.Forecast(history, data.Season, forecast);
            return forecast;
        }
        var (key, fit) = ((pair.Series, target), schedule.Fit(pair.Origin));
        if (_kept.TryGetValue(key, out var kept) && kept.Fit == fit && history.Length < 2 * kept.Length && kept.Parameters.TryForecast(history, forecast))
            return forecast;
        var parameters = fitted.Fit(history, data.Season);
        _kept[key] = new(fit, history.Length, parameters);
        FittedBaseline.Forecast(parameters, history, forecast);
        return forecast;
    }

    private sealed record Kept(int Fit, int Length, BaselineFit Parameters);
}
