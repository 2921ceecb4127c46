namespace Microsoft.ML.Recurrent;

/// <summary>How a forecaster comes from the window to the steps of its horizon.</summary>
public enum ForecastStrategy
{
    /// <summary>All steps at once, from what the network made of the window. The fastest; no error is fed on.</summary>
    Direct,

    /// <summary>
    /// One model of a single step: its layers read the window and then their own forecasts, with the states kept (Graves 2013; with a likelihood, DeepAR of
    /// Salinas et al. 2020). The fewest weights whatever the horizon.
    /// </summary>
    Recursive,

    /// <summary>
    /// Layers of its own for the horizon (a decoder), which begin with the states in which the window's layers end and are fed with the forecast before
    /// (Sutskever et al. 2014; Cho et al. 2014).
    /// </summary>
    EncoderDecoder,
}
