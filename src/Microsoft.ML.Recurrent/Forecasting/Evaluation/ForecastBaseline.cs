using Microsoft.ML.Recurrent.Forecasting.Evaluation;
using Microsoft.ML.Recurrent.Forecasting.Evaluation.Smoothing;

namespace Microsoft.ML.Recurrent;

/// <summary>A baseline: a forecast from the past of the series alone, for comparison with models. Derive from it for a custom baseline.</summary>
/// <remarks>The methods are those of Hyndman and Athanasopoulos, "Forecasting: Principles and Practice", 5.2, and the M4 competition's Naive2.</remarks>
public abstract class ForecastBaseline
{
    /// <summary>The name in tables.</summary>
    public abstract string Name { get; }

    /// <summary>Forecasts the next steps of a series.</summary>
    /// <param name="history">The series up to the forecast, oldest first, at least one value; missing values are forward-filled.</param>
    /// <param name="season">Season length in steps; 1 for none.</param>
    /// <param name="forecast">The steps to fill, the first step first.</param>
    public abstract void Forecast(ReadOnlySpan<double> history, int season, Span<double> forecast);

    /// <summary>The naive forecast: the last value at all steps.</summary>
    public static ForecastBaseline LastValue { get; } = new LastValueBaseline();

    /// <summary>The seasonal naive forecast: repeats the last season; the last value if the history is shorter than a season.</summary>
    public static ForecastBaseline SeasonalNaive { get; } = new SeasonalNaiveBaseline();

    /// <summary>The drift method: extends the line through the first and the last value.</summary>
    public static ForecastBaseline Drift { get; } = new DriftBaseline();

    /// <summary>
    /// The last seasonally adjusted value, with the season added back (classical multiplicative decomposition if the autocorrelation at one season is
    /// significant at 90%): the reference of the OWA in the M4 competition.
    /// </summary>
    public static ForecastBaseline Naive2 { get; } = new Naive2Baseline();

    /// <summary>
    /// The Theta method: simple exponential smoothing with half the slope of the trend line as drift, after seasonal adjustment if the autocorrelation at one
    /// season is significant at 90% (classical decomposition: multiplicative, or additive if the history has negative values or a seasonal factor is almost 0).
    /// </summary>
    /// <remarks>
    /// Assimakopoulos and Nikolopoulos 2000, as in R's <c>thetaf</c> (forecast 8.20). With fewer than 5 values: the last value with half the slope as drift.
    /// </remarks>
    public static ForecastBaseline Theta { get; } = new ThetaBaseline();

    /// <summary>
    /// Simple exponential smoothing: a weighted mean of all values with exponentially decreasing weights, without trend or season. With fewer than 5 values:
    /// the last value.
    /// </summary>
    /// <remarks>R's <c>ses</c> (forecast 8.20): the weight, in [0.0001, 0.9999], and the initial level by least squares.</remarks>
    public static ForecastBaseline SimpleExponentialSmoothing { get; } = new ExponentialSmoothingBaseline("SES", SmoothingForm.Simple);

    /// <summary>Holt's exponential smoothing with damped trend, without season. With fewer than 8 values: <see cref="SimpleExponentialSmoothing"/>.</summary>
    /// <remarks>
    /// Gardner and McKenzie 1985; R's <c>holt(damped = TRUE)</c> (forecast 8.20): weights in [0.0001, 0.9999], the damping in [0.8, 0.98], initial level and
    /// trend by least squares.
    /// </remarks>
    public static ForecastBaseline DampedHolt { get; } = new ExponentialSmoothingBaseline("Damped Holt", SmoothingForm.DampedHolt);

    /// <summary>
    /// Exponential smoothing with automatic choice of its form (Holt-Winters among them): errors additive or multiplicative, trend none, additive or damped,
    /// season none, additive or multiplicative; by the lowest AICc. Multiplicative forms are for positive histories only. Seasons longer than the history are
    /// ignored; seasons of more than 24 steps are removed and added back as in <see cref="Theta"/>. With fewer than 5 values: the last value.
    /// </summary>
    /// <remarks>
    /// Hyndman, Koehler, Snyder and Grose 2002; Hyndman, Koehler, Ord and Snyder 2008. Forms, restrictions, bounds and likelihood are those of R's <c>ets</c>
    /// (forecast 8.20). The optimizer is not: R's stops after 2,000 evaluations, before the maximum for most models with a season of 12 or more. Another form,
    /// with a lower AICc, may therefore be chosen here.
    /// </remarks>
    public static ForecastBaseline Ets { get; } = new EtsBaseline();

    /// <summary>
    /// ML.NET's own <c>ForecastBySsa</c> (singular spectrum analysis), refitted on each history: a window of two seasons (4 to 48 values), the last ten
    /// windows, otherwise ML.NET's defaults. Requires the packages Microsoft.ML.TimeSeries and Microsoft.ML.Mkl.Redist, else forecasting throws. It is called
    /// by reflection, and not covered by this project's tests.
    /// </summary>
    public static ForecastBaseline Ssa { get; } = new SsaBaseline();

    /// <summary>
    /// The default baselines of a back-test: last value, seasonal naive, drift, Naive2, Theta and ETS. Theta and ETS are refitted for each forecast (some
    /// milliseconds each); with more than 500 forecasts, parameters are kept between the refits of the models.
    /// </summary>
    public static IReadOnlyList<ForecastBaseline> Defaults { get; } = [LastValue, SeasonalNaive, Drift, Naive2, Theta, Ets];

    /// <summary>Returns the name.</summary>
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
