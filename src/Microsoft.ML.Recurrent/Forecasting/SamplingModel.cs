using Microsoft.ML.Recurrent.Onnx;

namespace Microsoft.ML.Recurrent.Forecasting;

/// <summary>A forecaster in the form that draws paths, whatever columns it was trained for.</summary>
internal static class SamplingModel
{
    /// <summary>Paths of a run.</summary>
    public const int Paths = 100;

    /// <summary>The same network with its forecasts, its bounds where it has any, and <see cref="Paths"/> samples as the last output.</summary>
    /// <exception cref="ArgumentException">The model says nothing of its forecasts' distribution; the message says what to train it with.</exception>
    public static RecurrentModel Create(RecurrentModel model)
    {
        var (manifest, forecast) = (model.Manifest, model.Manifest.Forecast!);
        var bounds = forecast.LowerBoundColumn is not null;
        var likelihood = forecast.Likelihood;
        if (likelihood is { IsDistribution: false, DrawsFromResiduals: false })
            throw new ArgumentException("The model cannot be drawn from: quantiles are no whole distribution. Choose another likelihood.", "series");
        if (likelihood.DrawsFromResiduals && (!bounds || forecast.ResidualQuantiles.IsEmpty))
            throw new ArgumentException(
                "The model cannot be drawn from: name the columns of its bounds when it is trained, so that residuals are kept, or choose a likelihood that "
                    + "is a distribution.", "series");
        using var network = model.ToNetwork();
        var shape = new ForecastHeadOptions(forecast.WindowSize, forecast.Horizon, forecast.Targets.Length, forecast.SeasonLength, bounds) { Paths = Paths,
            HasSamples = true, FeedsDraws = forecast.FeedsDraws };
        var head = ForecastHead.Create(likelihood, default, [], false, shape, network);
        foreach (var parameter in head.Parameters.Except(head.Paths!.Parameters).Where(parameter => parameter.Name != PointForecastHead.ResidualsName))
            model.HeadParameter(parameter.Name).CopyTo(parameter.Value.Span);
        head.Paths.Tie(forecast.StepCorrelations.AsSpan());
        head.KeepResiduals(forecast.ResidualQuantiles.AsSpan());
        var steps = head.Steps;
        return NetworkExporter.ToModel(network, head, manifest with
        {
            Outputs = [.. manifest.Outputs.Take(bounds ? 3 : 1), new("Samples", OutputKind.Single, steps * Paths) { Steps = steps }],
            Forecast = forecast with { NumberOfSamples = Paths, NumberOfPaths = Paths, HasDeviations = false },
        }, model.History);
    }
}
