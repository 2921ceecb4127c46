using Microsoft.ML.Recurrent.Autograd;
using Microsoft.ML.Recurrent.Distributions;
using Microsoft.ML.Recurrent.Losses;
using Microsoft.ML.Recurrent.Networks;
using Microsoft.ML.Recurrent.Onnx;
using Microsoft.ML.Recurrent.Onnx.Layers;
using Microsoft.ML.Recurrent.Tensors;

namespace Microsoft.ML.Recurrent.Forecasting;

/// <summary>
/// A normal or a Student-t distribution a step, learned by its likelihood. The forecast is its mean; bounds lie as many scales from it as a share of the calibration's residuals, so that they widen where the
/// network is unsure.
/// </summary>
/// <param name="likelihood">Gaussian or Student-t.</param>
/// <param name="asked">The quantiles' levels that have columns.</param>
/// <param name="deviation">Whether the standard deviation has a column.</param>
/// <param name="shape">What is forecast.</param>
/// <param name="network">Whose input's mean and scale are those of the targets.</param>
internal sealed class DistributionForecastHead(ForecastLikelihood likelihood, IReadOnlyList<double> asked, bool deviation, ForecastShape shape, Network network)
    : ForecastHead(shape, network, asked, deviation)
{
    // Below that excess of the degrees of freedom over 2 the variance is held.
    private const float LeastExcess = 1e-2f;

    private bool IsStudent => likelihood is ForecastLikelihood.StudentT;

    protected override int ParametersPerStep => IsStudent ? 3 : 2;

    // Parameters come as (mean, scale), or (freedom, location, scale).
    public override (int First, int Count) Location => (LocationOf(likelihood), 1);

    /// <summary>Which of a step's parameters is its mean.</summary>
    public static int LocationOf(ForecastLikelihood likelihood) => likelihood is ForecastLikelihood.StudentT ? 1 : 0;

    protected override Tensor Loss(Tape tape, Tensor values, Tensor targets, Tensor? weights) =>
        IsStudent ? DistributionLosses.StudentT(tape, values, targets, weights) : DistributionLosses.Gaussian(tape, values, targets, weights);

    protected override Decoded<Tensor> Decode(Tape tape, in NetworkOutput output)
    {
        var values = output.Values;
        var (mean, scale) = (Parameter(tape, values, Location.First), Parameter(tape, values, Location.First + 1));
        foreach (ref var value in scale.Span) value = Softplus(value);
        return new(mean, mean, mean, scale, AskedQuantiles(tape, output), HasDeviation ? Deviation() : null);

        Tensor Deviation()
        {
            if (!IsStudent) return scale;
            var result = Parameter(tape, values, 0);
            for (var i = 0; i < result.Length; i++)
            {
                var excess = Math.Max(Softplus(result[i]), LeastExcess);
                result[i] = scale[i] * MathF.Sqrt((excess + 2) / excess);
            }
            return result;
        }
    }

    protected override Decoded<string> Decode(OnnxGraphBuilder graph, OnnxNetworkOutput output)
    {
        var values = output.Values;
        var mean = Parameter(graph, values, Location.First);
        var scale = graph.Node("Softplus", [Parameter(graph, values, Location.First + 1)]);
        return new(mean, mean, mean, scale, AskedQuantiles(graph, output), HasDeviation ? Deviation() : null);

        string Deviation()
        {
            if (!IsStudent) return scale;
            var excess = graph.Node("Max", [graph.Node("Softplus", [Parameter(graph, values, 0)]), graph.Scalar(LeastExcess)]);
            return graph.Multiply(scale, graph.Node("Sqrt", [graph.Divide(graph.Add(excess, graph.Scalar(2f)), excess)]));
        }
    }

    protected override ScoreQuantile Quantiles(Tape tape, in NetworkOutput output)
    {
        var (values, distribution) = (output.Values, Distribution);
        return (row, step, score) => StepQuantile.At(distribution, values.Span, row * Outputs + step, Steps, 1, score);
    }

    protected override string Quantile(OnnxGraphBuilder graph, OnnxNetworkOutput output, string score, string? rows)
    {
        var values = rows is null ? output.Values : graph.Gather(output.Values, rows, 0);
        return QuantileExporter.At(graph, Distribution, [.. Enumerable.Range(0, ParametersPerStep).Select(parameter => Parameter(graph, values, parameter))], null, score);
    }

    private StepDistribution Distribution => IsStudent ? StepDistribution.StudentT : StepDistribution.Gaussian;

    private static float Softplus(float x) => (float)SpecialFunctions.Softplus(x, out _);
}
