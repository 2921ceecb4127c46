namespace Microsoft.ML.Recurrent.Forecasting.Evaluation;

/// <summary>
/// The forecasts of a baseline in a back-test. Baselines with parameters are fitted for each forecast if that takes seconds. In larger back-tests the
/// parameters of a series are kept between the refits of the models, until the series has twice the fitted length. Forecasts always use the whole history.
/// </summary>
internal sealed class BaselineForecaster(ForecastBaseline baseline, int season, BackTestSchedule schedule, BackTestData data)
{
    /// <summary>Limits of the number of forecasts, and of the total length of their histories, for a fit per forecast.</summary>
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
            baseline.Forecast(history, season, forecast);
            return forecast;
        }
        var (key, fit) = ((pair.Series, target), schedule.Fit(pair.Origin));
        if (_kept.TryGetValue(key, out var kept) && kept.Fit == fit && history.Length < 2 * kept.Length && kept.Parameters.TryForecast(history, forecast))
            return forecast;
        var parameters = fitted.Fit(history, season);
        _kept[key] = new(fit, history.Length, parameters);
        FittedBaseline.Forecast(parameters, history, forecast);
        return forecast;
    }

    private sealed record Kept(int Fit, int Length, BaselineFit Parameters);
}
