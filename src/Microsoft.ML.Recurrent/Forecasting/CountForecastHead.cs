using Microsoft.ML.Recurrent.Autograd;
using Microsoft.ML.Recurrent.Distributions;
using Microsoft.ML.Recurrent.Losses;
using Microsoft.ML.Recurrent.Networks;
using Microsoft.ML.Recurrent.Networks.Decoding;
using Microsoft.ML.Recurrent.Onnx;
using Microsoft.ML.Recurrent.Onnx.Layers;
using Microsoft.ML.Recurrent.Tensors;

namespace Microsoft.ML.Recurrent.Forecasting;

/// <summary>
/// A negative binomial distribution of counts a step, as in DeepAR (Salinas et al. 2020): mean s softplus(a) and dispersion softplus(b) / sqrt(s), s being one plus the target's mean over the window, so that
/// one network serves series of few counts and of many; the variance is mean + dispersion mean^2. The forecast is the mean; bounds lie as many standard deviations from it as a share of the calibration's
/// residuals, and never below 0. Numbers are in the data's own unit: no level or season is taken out of counts.
/// </summary>
internal sealed class CountForecastHead(bool deviation, ForecastShape shape, Network network, IReadOnlyList<double>? asked = null) : ForecastHead(shape, network, asked, deviation)
{
    public override (int First, int Count) Location => (0, 0);

    protected override int ParametersPerStep => 2;

    protected override bool IsInDataUnit => true;

    protected override Tensor Loss(Tape tape, in NetworkOutput output, Tensor values, Tensor targets, Tensor? weights) =>
        DistributionLosses.NegativeBinomial(tape, values, targets, weights, Scales(tape, output, targets.Shape.Columns));

    protected override Tensor Loss(Tape tape, Tensor values, Tensor targets, Tensor? weights) => throw new InvalidOperationException("Counts are learned at their windows' scale.");

    protected override Decoded<Tensor> Decode(Tape tape, in NetworkOutput output)
    {
        var (scale, mean, spread) = (Scales(tape, output, Steps), Parameter(tape, output.Values, 0), Parameter(tape, output.Values, 1));
        for (var i = 0; i < mean.Length; i++)
        {
            mean[i] = scale[i] * Math.Max(Softplus(mean[i]), NegativeBinomialQuantile.MinimumParameter);
            var dispersion = Math.Max(Softplus(spread[i]), NegativeBinomialQuantile.MinimumParameter) / MathF.Sqrt(scale[i]);
            spread[i] = MathF.Sqrt(mean[i] + dispersion * mean[i] * mean[i]);
        }
        return new(mean, mean, mean, spread, AskedQuantiles(tape, output), HasDeviation ? spread : null);
    }

    protected override Decoded<string> Decode(OnnxGraphBuilder graph, OnnxNetworkOutput output)
    {
        var scales = graph.Node("Tile", [CountScaleExporter.Unit(graph, output, TargetsPerStep), graph.Constant(1L, Steps / TargetsPerStep)]);
        var mean = graph.Multiply(scales, CountScaleExporter.AtLeast(graph, Parameter(graph, output.Values, 0)));
        var dispersion = graph.Divide(CountScaleExporter.AtLeast(graph, Parameter(graph, output.Values, 1)), graph.Node("Sqrt", [scales]));
        var spread = graph.Node("Sqrt", [graph.Add(mean, graph.Multiply(dispersion, graph.Multiply(mean, mean)))]);
        return new(mean, mean, mean, spread, AskedQuantiles(graph, output), HasDeviation ? spread : null);
    }

    protected override ScoreQuantile Quantiles(Tape tape, in NetworkOutput output)
    {
        var (values, unit) = (output.Values, CountScale.Of(tape, Space(output), TargetsPerStep));
        return (row, step, score) => StepQuantile.At(StepDistribution.NegativeBinomial, values.Span, row * Outputs + step, Steps, unit[row * TargetsPerStep + step % TargetsPerStep], score);
    }

    protected override string Quantile(OnnxGraphBuilder graph, OnnxNetworkOutput output, string score, string? rows)
    {
        var (values, unit) = (output.Values, graph.Node("Tile", [CountScaleExporter.Unit(graph, output, TargetsPerStep), graph.Constant(1L, Steps / TargetsPerStep)]));
        if (rows is not null) (values, unit) = (graph.Gather(values, rows, 0), graph.Gather(unit, rows, 0));
        return QuantileExporter.At(graph, StepDistribution.NegativeBinomial, [Parameter(graph, values, 0), Parameter(graph, values, 1)], unit, score);
    }

    // Each target's unit, for so many numbers: [rows, count].
    private Tensor Scales(Tape tape, in NetworkOutput output, int count)
    {
        var unit = CountScale.Of(tape, Space(output), TargetsPerStep);
        var scales = tape.Rent(new Shape(unit.Shape.Rows, count));
        for (var i = 0; i < scales.Length; i++) scales[i] = unit[i / count * TargetsPerStep + i % TargetsPerStep];
        return scales;
    }

    private static float Softplus(float x) => (float)SpecialFunctions.Softplus(x, out _);
}
