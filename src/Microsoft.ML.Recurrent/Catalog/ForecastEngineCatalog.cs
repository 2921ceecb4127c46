using Microsoft.ML.Recurrent;
using Microsoft.ML.Runtime;

namespace Microsoft.ML;

/// <summary>Creates forecast engines.</summary>
public static class ForecastEngineCatalog
{
    /// <summary>
    /// Creates an engine that observes any number of series and forecasts them. A model loaded from a checkpoint of an engine continues in the state of that
    /// engine.
    /// </summary>
    /// <param name="transformer">A recurrent forecaster trained on rows of series, or a pipeline that ends in one.</param>
    /// <param name="env">The MLContext.</param>
    /// <exception cref="ArgumentException">The transformer is not such a forecaster.</exception>
    public static RecurrentForecastEngine CreateForecastEngine(this ITransformer transformer, IHostEnvironment env)
    {
        ArgumentNullException.ThrowIfNull(transformer);
        ArgumentNullException.ThrowIfNull(env);
        return RecurrentForecastEngine.Create(env, transformer);
    }
}
