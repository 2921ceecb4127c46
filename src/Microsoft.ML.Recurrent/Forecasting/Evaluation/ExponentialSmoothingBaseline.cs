using Microsoft.ML.Recurrent.Forecasting.Evaluation.Smoothing;

namespace Microsoft.ML.Recurrent.Forecasting.Evaluation;

/// <summary>Exponential smoothing of one nonseasonal form, with weights and initial states by least squares: R's ses and holt.</summary>
internal sealed class ExponentialSmoothingBaseline(string name, SmoothingForm form) : FittedBaseline
{
    public override string Name => name;

    protected override BaselineFit FitFinite(ReadOnlySpan<double> history, int season) => SmoothingFit.Fit(form, history);
}
