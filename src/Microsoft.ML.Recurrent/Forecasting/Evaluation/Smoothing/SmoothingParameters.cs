namespace Microsoft.ML.Recurrent.Forecasting.Evaluation.Smoothing;

/// <summary>
/// A model's parameters: smoothing weights in the form of innovations (as R's forecast has them: beta at most alpha, gamma at most 1 - alpha) and the states
/// before the first value. What a form lacks is neutral here (no slope, a season of one step), so that one recursion serves all.
/// </summary>
internal struct SmoothingParameters
{
    public double Alpha, Beta, Gamma, Phi, Level, Slope;

    /// <summary>The season by the place of a step in it; one entry, 0 or 1, where there is none.</summary>
    public double[] Season;

    /// <summary>The parameters of the same model for the series times a power of two.</summary>
    public readonly SmoothingParameters Scale(SmoothingForm form, int exponent) => this with
    {
        Level = Math.ScaleB(Level, exponent),
        Slope = Math.ScaleB(Slope, exponent),
        Season = form.Season is SmoothingComponent.Multiplicative ? Season : Array.ConvertAll(Season, state => Math.ScaleB(state, exponent)),
    };
}
