namespace Microsoft.ML.Recurrent;

/// <summary>How the steps of the horizon are forecast.</summary>
public enum ForecastStrategy
{
    /// <summary>
    /// All steps at once, from the encoded window. The fastest; errors do not accumulate. With future covariates or a calendar, two hidden layers shared by all
    /// steps regress each step on them (as the temporal decoder of Das et al. 2023), and the linear skip connection forecasts what they leave unexplained of
    /// the window (dynamic regression, Pankratz 1991).
    /// </summary>
    Direct,

    /// <summary>
    /// A one-step model applied repeatedly: its layers read the window and then their own forecasts, keeping their states (Graves 2013; with a likelihood,
    /// DeepAR of Salinas et al. 2020). The fewest weights for any horizon.
    /// </summary>
    Recursive,

    /// <summary>
    /// A separate decoder for the horizon, which starts from the final states of the encoder and reads the previous forecast (Sutskever et al. 2014; Cho et al.
    /// 2014).
    /// </summary>
    EncoderDecoder,
}
