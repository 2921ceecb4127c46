using Microsoft.ML.Recurrent.Forecasting.Evaluation;

namespace Microsoft.ML.Recurrent;

/// <summary>A forecast that needs no training, made from a series' own past: what a model has to beat. Derive from it for one of your own.</summary>
/// <remarks>The methods are those of Hyndman and Athanasopoulos, "Forecasting: Principles and Practice", 5.2, and the M4 competition's Naive2.</remarks>
public abstract class ForecastBaseline
{
    /// <summary>Its name in tables.</summary>
    public abstract string Name { get; }

    /// <summary>Forecasts the next steps of a series.</summary>
    /// <param name="history">The series up to the forecast, oldest first: one value or more, missing ones filled with the value before them.</param>
    /// <param name="season">Steps of a season, 1 for none.</param>
    /// <param name="forecast">The steps to fill, the next one first.</param>
    public abstract void Forecast(ReadOnlySpan<double> history, int season, Span<double> forecast);

    /// <summary>The last value, at all steps (the naive forecast).</summary>
    public static ForecastBaseline LastValue { get; } = new LastValueBaseline();

    /// <summary>The value one season before, the last season being repeated; the last value where the history is shorter than a season.</summary>
    public static ForecastBaseline SeasonalNaive { get; } = new SeasonalNaiveBaseline();

    /// <summary>The straight line through the first value and the last one, carried on.</summary>
    public static ForecastBaseline Drift { get; } = new DriftBaseline();

    /// <summary>The last value after seasonal adjustment (classical multiplicative decomposition, where the autocorrelation at one season is significant at 90%), the season put back: the reference of the M4 competition's OWA.</summary>
    public static ForecastBaseline Naive2 { get; } = new Naive2Baseline();

    /// <summary>
    /// ML.NET's own <c>ForecastBySsa</c> (singular spectrum analysis), fitted anew on each series' history: a window of two seasons (4 to 48 values), the last ten windows, the rest as ML.NET has it. For programs
    /// that reference the packages Microsoft.ML.TimeSeries and Microsoft.ML.Mkl.Redist; in others it is an error to forecast by it. Histories of less than three windows have a smaller one.
    /// </summary>
    public static ForecastBaseline Ssa { get; } = new SsaBaseline();

    /// <summary>
    /// What a back-test compares with unless told otherwise: last value, seasonal naive, drift and Naive2. Where a program references ML.NET's time series, back-tests of up to 500 forecasts add <see cref="Ssa"/> by
    /// themselves (each is a fit of some ten milliseconds); name it in <see cref="BackTestOptions.Baselines"/> for more.
    /// </summary>
    public static IReadOnlyList<ForecastBaseline> Defaults { get; } = [LastValue, SeasonalNaive, Drift, Naive2];

    /// <summary>The name.</summary>
    public override string ToString() => Name;

    private sealed class LastValueBaseline : ForecastBaseline
    {
        public override string Name => "Last value";

        public override void Forecast(ReadOnlySpan<double> history, int season, Span<double> forecast) => forecast.Fill(history[^1]);
    }

    private sealed class SeasonalNaiveBaseline : ForecastBaseline
    {
        public override string Name => "Seasonal naive";

        public override void Forecast(ReadOnlySpan<double> history, int season, Span<double> forecast)
        {
            if (history.Length < season) season = 1;
            for (var i = 0; i < forecast.Length; i++) forecast[i] = history[history.Length - season + i % season];
        }
    }

    private sealed class DriftBaseline : ForecastBaseline
    {
        public override string Name => "Drift";

        public override void Forecast(ReadOnlySpan<double> history, int season, Span<double> forecast)
        {
            var slope = history.Length > 1 ? (history[^1] - history[0]) / (history.Length - 1) : 0;
            for (var i = 0; i < forecast.Length; i++) forecast[i] = history[^1] + slope * (i + 1);
        }
    }
}
