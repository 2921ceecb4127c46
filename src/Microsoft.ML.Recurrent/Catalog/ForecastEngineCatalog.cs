using Microsoft.ML.Recurrent;
using Microsoft.ML.Runtime;

namespace Microsoft.ML;

/// <summary>Makes forecast engines.</summary>
public static class ForecastEngineCatalog
{
    /// <summary>
    /// Makes an engine that takes in observations of any number of series and forecasts from the last ones. A model that was loaded from an engine's checkpoint
    /// goes on where that engine was.
    /// </summary>
    /// <param name="transformer">A trained recurrent forecaster whose rows are series, or a pipeline that ends in one.</param>
    /// <param name="env">The MLContext.</param>
    /// <exception cref="ArgumentException">The transformer is no such forecaster.</exception>
    public static RecurrentForecastEngine CreateForecastEngine(this ITransformer transformer, IHostEnvironment env)
    {
        ArgumentNullException.ThrowIfNull(transformer);
        ArgumentNullException.ThrowIfNull(env);
        return RecurrentForecastEngine.Create(env, transformer);
    }
}
