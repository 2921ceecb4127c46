namespace Microsoft.ML.Recurrent.Tool.Demo;

/// <summary>Seasonal naive with growth: repeats the last season, with the growth of the last season over the one before applied to each season.</summary>
internal sealed class SeasonalGrowthBaseline : ForecastBaseline
{
    public override string Name => "Seasonal naive with growth";

    public override void Forecast(ReadOnlySpan<double> history, int season, Span<double> forecast)
    {
        SeasonalNaive.Forecast(history, season, forecast);
        if (history.Length < 2 * season) return;
        var growth = Sum(history[^season..]) / Sum(history[^(2 * season)..^season]);
        for (var i = 0; i < forecast.Length; i++) forecast[i] *= Math.Pow(growth, 1 + i / season);
    }

    private static double Sum(ReadOnlySpan<double> values)
    {
        double sum = 0;
        foreach (var value in values) sum += value;
        return sum;
    }
}
