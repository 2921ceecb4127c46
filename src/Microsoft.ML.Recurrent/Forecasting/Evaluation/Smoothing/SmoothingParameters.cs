namespace Microsoft.ML.Recurrent.Forecasting.Evaluation.Smoothing;

/// <summary>
/// The parameters of a model: smoothing weights in innovations form (as in R's forecast: beta at most alpha, gamma at most 1 - alpha) and the initial states.
/// Components that a form lacks are neutral (no slope, a season of one step), so that one recursion serves all forms.
/// </summary>
internal struct SmoothingParameters
{
    public double Alpha, Beta, Gamma, Phi, Level, Slope;

    /// <summary>The seasonal states by position in the season; one entry, 0 or 1, for no season.</summary>
    public double[] Season;

    /// <summary>The parameters of the model for the series scaled by a power of two.</summary>
    public readonly SmoothingParameters Scale(SmoothingForm form, int exponent) => this with
    {
        Level = Math.ScaleB(Level, exponent),
        Slope = Math.ScaleB(Slope, exponent),
        Season = form.Season is SmoothingComponent.Multiplicative ? Season : Array.ConvertAll(Season, state => Math.ScaleB(state, exponent)),
    };
}
