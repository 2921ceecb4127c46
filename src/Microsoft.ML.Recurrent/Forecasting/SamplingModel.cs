using Microsoft.ML.Recurrent.Onnx;

namespace Microsoft.ML.Recurrent.Forecasting;

/// <summary>The sampling form of a forecaster, whatever its output columns.</summary>
internal static class SamplingModel
{
    /// <summary>Paths per run.</summary>
    public const int Paths = 100;

    /// <summary>Creates the network with forecasts, bounds if it has any, and <see cref="Paths"/> samples as the last output.</summary>
    /// <exception cref="ArgumentException">The model has no forecast distribution; the message says how to train it.</exception>
    public static RecurrentModel Create(RecurrentModel model)
    {
        var (manifest, forecast) = (model.Manifest, model.Manifest.Forecast!);
        var bounds = forecast.LowerBoundColumn is not null;
        var likelihood = forecast.Likelihood;
        if (likelihood is { IsDistribution: false, DrawsFromResiduals: false })
            throw new ArgumentException("The model cannot draw samples: quantiles are not a full distribution. Choose another likelihood.", "series");
        if (likelihood.DrawsFromResiduals && (!bounds || forecast.ResidualQuantiles.IsEmpty))
            throw new ArgumentException(
                "The model cannot draw samples: train it with columns of bounds, so that residuals are stored, or choose a likelihood that "
                    + "is a distribution.", "series");
        using var network = model.ToNetwork();
        var shape = ForecastHeadOptions.Create(forecast) with { Paths = Paths, HasSamples = true };
        var head = ForecastHead.Create(likelihood, default, [], false, shape, network);
        foreach (var parameter in head.Parameters.Except(head.Paths!.Parameters).Where(parameter => parameter.Name != PointForecastHead.ResidualsName))
            model.HeadParameter(parameter.Name).CopyTo(parameter.Value.Span);
        head.Paths.Tie(forecast.StepCorrelations.AsSpan());
        head.KeepResiduals(forecast.ResidualQuantiles.AsSpan(), forecast.CalibrationCount);
        var steps = head.Steps;
        return NetworkExporter.ToModel(network, head, manifest with
        {
            Outputs = [.. manifest.Outputs.Take(bounds ? 3 : 1), new("Samples", manifest.Outputs[0].Kind, steps * Paths) { Steps = steps }],
            Forecast = forecast with { NumberOfSamples = Paths, NumberOfPaths = Paths, HasDeviations = false, QuantileLevels = [] },
        }, model.History);
    }
}
