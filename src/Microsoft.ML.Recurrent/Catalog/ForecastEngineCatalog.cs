using Microsoft.ML.Recurrent;
using Microsoft.ML.Recurrent.Forecasting;
using Microsoft.ML.Runtime;

namespace Microsoft.ML;

/// <summary>Creates forecast engines, and data views of their forecasts.</summary>
public static class ForecastEngineCatalog
{
    /// <summary>
    /// Creates an engine that observes any number of series and forecasts them. A model loaded from a checkpoint of an engine continues in the state of that
    /// engine.
    /// </summary>
    /// <param name="transformer">A recurrent forecaster trained on rows of series, or a pipeline that ends in one.</param>
    /// <param name="env">The MLContext.</param>
    /// <param name="duplicateTimes">What an observed row means whose time its series has already had. Default: null, as the model was trained
    /// (<see cref="MissingValueOptions.DuplicateTimes"/>), which is by default that the newer row takes the place of the older one.</param>
    /// <param name="maximumStepsAhead">How many steps of the model's frequency an observed row may lie after the row before it in its series, at least 1: a
    /// single row of a wrong year would make all later rows late ones. Without a time column of dates there is no limit. Default: null, 5,000 steps or 31 days,
    /// whichever is longer. <see cref="int.MaxValue"/> is no limit.</param>
    /// <param name="adaptationRate">
    /// The step size by which the bounds of a series follow the outcomes of its forecasts, from 0 to 1 (adaptive conformal inference, Gibbs and Candes 2021):
    /// the logarithm of a step's width grows by rate x level with each outcome outside of the bounds, and falls by rate x (1 - level) with each inside, so that
    /// the share inside returns to the level after a change. 0 keeps the bounds of the model. Default: null, 0.01, or the rate of the checkpoint, which is 0
    /// for those of earlier builds.
    /// </param>
    /// <exception cref="ArgumentException">The transformer is not such a forecaster, the limit is less than 1, or the rate is not between 0 and 1.</exception>
    public static RecurrentForecastEngine CreateForecastEngine(this ITransformer transformer, IHostEnvironment env, DuplicateTimes? duplicateTimes = null,
        int? maximumStepsAhead = null, float? adaptationRate = null)
    {
        ArgumentNullException.ThrowIfNull(transformer);
        ArgumentNullException.ThrowIfNull(env);
        return RecurrentForecastEngine.Create(env, transformer, duplicateTimes, maximumStepsAhead, adaptationRate);
    }

    /// <summary>The steps of several forecasts of one model as rows (<see cref="SeriesForecastRow"/>), to save or explore with ML.NET.</summary>
    /// <param name="forecasts">The forecasts, as of <c>engine.PredictAll().Values</c>.</param>
    /// <param name="mlContext">The context.</param>
    public static IDataView ToDataView(this IEnumerable<SeriesForecast> forecasts, MLContext mlContext)
    {
        ArgumentNullException.ThrowIfNull(forecasts);
        return SeriesForecastView.Create(mlContext, [.. forecasts]);
    }
}
