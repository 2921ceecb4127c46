using Microsoft.ML.Recurrent.Autograd;
using Microsoft.ML.Recurrent.Losses;
using Microsoft.ML.Recurrent.Networks;
using Microsoft.ML.Recurrent.Onnx;
using Microsoft.ML.Recurrent.Tensors;

namespace Microsoft.ML.Recurrent.Forecasting;

/// <summary>
/// A negative binomial distribution of counts a step, as in DeepAR (Salinas et al. 2020): mean s softplus(a) and dispersion softplus(b) / sqrt(s), s being one plus the target's mean over the window, so that
/// one network serves series of few counts and of many; the variance is mean + dispersion mean^2. The forecast is the mean; bounds lie as many standard deviations from it as a share of the calibration's
/// residuals, and never below 0. Numbers are in the data's own unit: no level or season is taken out of counts.
/// </summary>
internal sealed class CountForecastHead(bool deviation, ForecastShape shape, Network network) : ForecastHead(shape, network)
{
    // A mean and a dispersion are at least that: what softplus rounds to 0 would have no logarithm.
    private const float Least = 1e-6f;

    public override (int First, int Count) Location => (0, 0);

    protected override int ParametersPerStep => 2;

    protected override bool IsInDataUnit => true;

    protected override Tensor Loss(Tape tape, in NetworkOutput output, Tensor values, Tensor targets, Tensor? weights) =>
        DistributionLosses.NegativeBinomial(tape, values, targets, weights, Scales(tape, output));

    protected override Tensor Loss(Tape tape, Tensor values, Tensor targets, Tensor? weights) => throw new InvalidOperationException("Counts are learned at their windows' scale.");

    protected override Decoded<Tensor> Decode(Tape tape, in NetworkOutput output)
    {
        var (scale, mean, spread) = (Scales(tape, output), Parameter(tape, output.Values, 0), Parameter(tape, output.Values, 1));
        for (var i = 0; i < mean.Length; i++)
        {
            mean[i] = scale[i] * Math.Max(Softplus(mean[i]), Least);
            var dispersion = Math.Max(Softplus(spread[i]), Least) / MathF.Sqrt(scale[i]);
            spread[i] = MathF.Sqrt(mean[i] + dispersion * mean[i] * mean[i]);
        }
        return new(mean, mean, mean, spread, [], deviation ? spread : null);
    }

    protected override Decoded<string> Decode(OnnxGraphBuilder graph, OnnxNetworkOutput output)
    {
        // The window's mean, carried back to the data's unit.
        var level = graph.ReduceMean(graph.Slice(output.Window!, 0, TargetsPerStep, 2), 0);
        if (output.WindowScale is { } scale) level = graph.Multiply(level, graph.Slice(scale, 0, TargetsPerStep, 1));
        if (output.WindowLevel is { } shift) level = graph.Add(level, graph.Slice(shift, 0, TargetsPerStep, 1));
        if (output.InputScale is { } inputScale) level = graph.Multiply(level, graph.Slice(inputScale, 0, TargetsPerStep, 0));
        if (output.InputMean is { } inputMean) level = graph.Add(level, graph.Slice(inputMean, 0, TargetsPerStep, 0));
        var scales = graph.Node("Tile", [graph.Add(graph.Relu(level), graph.Scalar(1f)), graph.Constant(1L, Steps / TargetsPerStep)]);

        var mean = graph.Multiply(scales, AtLeast(graph.Node("Softplus", [Parameter(graph, output.Values, 0)])));
        var dispersion = graph.Divide(AtLeast(graph.Node("Softplus", [Parameter(graph, output.Values, 1)])), graph.Node("Sqrt", [scales]));
        var spread = graph.Node("Sqrt", [graph.Add(mean, graph.Multiply(dispersion, graph.Multiply(mean, mean)))]);
        return new(mean, mean, mean, spread, [], deviation ? spread : null);

        string AtLeast(string x) => graph.Node("Max", [x, graph.Scalar(Least)]);
    }

    // One plus each target's mean over its window, in the data's unit, for every step: [rows, steps].
    private Tensor Scales(Tape tape, in NetworkOutput output)
    {
        var window = output.Window!;
        var (time, rows, features) = (window.Shape[0], window.Shape[1], window.Shape[2]);
        var scales = tape.Rent(new Shape(rows, Steps));
        for (var row = 0; row < rows; row++)
        {
            for (var target = 0; target < TargetsPerStep; target++)
            {
                double sum = 0;
                for (var t = 0; t < time; t++) sum += window[(t * rows + row) * features + target];
                var scale = 1 + Math.Max(0, InDataUnit(output, (float)(sum / time), row, target));
                for (var i = target; i < Steps; i += TargetsPerStep) scales[row * Steps + i] = scale;
            }
        }
        return scales;
    }

    private static float Softplus(float x) => (float)SpecialFunctions.Softplus(x, out _);
}
