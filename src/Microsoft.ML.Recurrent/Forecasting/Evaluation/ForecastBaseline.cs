using Microsoft.ML.Recurrent.Forecasting.Evaluation;
using Microsoft.ML.Recurrent.Forecasting.Evaluation.Smoothing;

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

    /// <summary>
    /// The last value after seasonal adjustment (classical multiplicative decomposition, where the autocorrelation at one season is significant at 90%), the
    /// season put back: the reference of the M4 competition's OWA.
    /// </summary>
    public static ForecastBaseline Naive2 { get; } = new Naive2Baseline();

    /// <summary>
    /// The Theta method: simple exponential smoothing with half the slope of the trend line as drift, after seasonal adjustment where the autocorrelation at
    /// one season is significant at 90% (classical decomposition by factors; by differences where the history has negative values or a season's factor is all
    /// but 0).
    /// </summary>
    /// <remarks>
    /// Assimakopoulos and Nikolopoulos 2000, as R's <c>thetaf</c> (forecast 8.20) has it. A history of less than 5 values: the last value with half the slope
    /// as drift.
    /// </remarks>
    public static ForecastBaseline Theta { get; } = new ThetaBaseline();

    /// <summary>
    /// Simple exponential smoothing: a weighted mean of all values, the last ones weighing most. It knows neither trend nor season. A history of less than 5
    /// values: the last value.
    /// </summary>
    /// <remarks>R's <c>ses</c> (forecast 8.20): the weight, in [0.0001, 0.9999], and the first level by least squares.</remarks>
    public static ForecastBaseline SimpleExponentialSmoothing { get; } = new ExponentialSmoothingBaseline("SES", SmoothingForm.Simple);

    /// <summary>
    /// Holt's exponential smoothing of level and trend, the trend being damped. It knows no season. A history of less than 8 values:
    /// <see cref="SimpleExponentialSmoothing"/>.
    /// </summary>
    /// <remarks>
    /// Gardner and McKenzie 1985; R's <c>holt(damped = TRUE)</c> (forecast 8.20): weights in [0.0001, 0.9999], the damping in [0.8, 0.98], first level and
    /// trend by least squares.
    /// </remarks>
    public static ForecastBaseline DampedHolt { get; } = new ExponentialSmoothingBaseline("Damped Holt", SmoothingForm.DampedHolt);

    /// <summary>
    /// Exponential smoothing with automatic choice of its form (Holt-Winters among them): errors additive or multiplicative, trend none, additive or damped,
    /// season none, additive or multiplicative; the one of least AICc. Multiplicative forms for positive histories only. Seasons that are longer than the
    /// history do not count; of more than 24 steps they are taken out and put back as <see cref="Theta"/> does it. A history of less than 5 values: the last
    /// value.
    /// </summary>
    /// <remarks>
    /// Hyndman, Koehler, Snyder and Grose 2002; Hyndman, Koehler, Ord and Snyder 2008. Forms, restrictions, bounds and likelihood are those of R's <c>ets</c>
    /// (forecast 8.20). The search is not: that one ends after 2,000 evaluations, short of the likelihood's peak for most models with a season of 12 or more,
    /// so that here another form may win, of a lower AICc.
    /// </remarks>
    public static ForecastBaseline Ets { get; } = new EtsBaseline();

    /// <summary>
    /// ML.NET's own <c>ForecastBySsa</c> (singular spectrum analysis), fitted anew on each history: a window of two seasons (4 to 48 values), the last ten
    /// windows, the rest as ML.NET has it. For programs that reference the packages Microsoft.ML.TimeSeries and Microsoft.ML.Mkl.Redist; in others it is an
    /// error to forecast by it. It is called by reflection, and this project's tests do not run it.
    /// </summary>
    public static ForecastBaseline Ssa { get; } = new SsaBaseline();

    /// <summary>
    /// What a back-test compares with unless told otherwise: last value, seasonal naive, drift, Naive2, Theta and ETS. Theta and ETS are fitted anew for each
    /// forecast (some milliseconds each); where there are more than 500 of them, parameters are kept between the refits of the models.
    /// </summary>
    public static IReadOnlyList<ForecastBaseline> Defaults { get; } = [LastValue, SeasonalNaive, Drift, Naive2, Theta, Ets];

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
