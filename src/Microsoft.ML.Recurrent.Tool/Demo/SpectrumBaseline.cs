using Microsoft.ML.Transforms.TimeSeries;

namespace Microsoft.ML.Recurrent.Tool.Demo;

/// <summary>The forecast of a strong classical method, for comparison.</summary>
internal static class SpectrumBaseline
{
    /// <summary>
    /// ML.NET's singular spectrum analysis of the series' logarithm. Its window is the one that does best on the last <paramref name="horizon"/> training values when fitted on those before.
    /// </summary>
    /// <returns>The forecast, or why there is none: the package's native library (Intel MKL) is not on every platform.</returns>
    public static (double[]? Forecast, int Window, string? Missing) Forecast(double[] training, int horizon, int season)
    {
        double[] fitted = training[..^horizon], held = training[^horizon..];
        try
        {
            int[] windows = [.. Enumerable.Range(2, 7).Select(halves => halves * season / 2).Where(window => 2 * window < fitted.Length)];
            int best = windows.MinBy(window => SquaredError(ForecastBySsa(fitted, horizon, window), held));
            return (ForecastBySsa(training, horizon, best), best, null);
        }
        catch (Exception exception) when (MissingLibrary(exception) is { } missing)
        {
            return (null, 0, $"SSA (Microsoft.ML.TimeSeries) is not compared: {missing}");
        }
    }

    private static double[] ForecastBySsa(double[] training, int horizon, int window)
    {
        var mlContext = new MLContext(seed: 0);
        IDataView data = mlContext.Data.LoadFromEnumerable(training.Select(value => new Observation { Value = (float)Math.Log(value) }));
        SsaForecastingTransformer model = mlContext.Forecasting.ForecastBySsa(nameof(SsaForecast.Values), nameof(Observation.Value), window, training.Length, training.Length, horizon).Fit(data);
        return [.. model.CreateTimeSeriesEngine<Observation, SsaForecast>(mlContext).Predict().Values.Select(value => Math.Exp(value))];
    }

    private static double SquaredError(double[] forecast, double[] actual) => forecast.Zip(actual, (f, a) => (f - a) * (f - a)).Sum();

    /// <summary>The message of a library that could not be loaded, wherever it lies in the exception.</summary>
    private static string? MissingLibrary(Exception? exception) => exception switch
    {
        null => null,
        DllNotFoundException or FileNotFoundException or BadImageFormatException or EntryPointNotFoundException => exception.Message.Split('\n')[0].TrimEnd('\r', '.') + ".",
        _ => MissingLibrary(exception.InnerException),
    };

    private sealed class Observation
    {
        public float Value { get; set; }
    }

    private sealed class SsaForecast
    {
        public float[] Values { get; set; } = [];
    }
}
