using Microsoft.ML.Recurrent.Data;
using Microsoft.ML.Recurrent.Networks;
using Microsoft.ML.Recurrent.Training;

namespace Microsoft.ML.Recurrent.Forecasting;

/// <summary>
/// Shrinks the forecasts of a trained forecaster toward the naive forecast (the last value, or the one a season before). The weight of each step, from 0 (as
/// trained) to 1 (naive), minimizes the squared error on held-out windows: forecast combination by regression (Granger and Ramanathan 1984, with weights that
/// sum to one). A random walk is thus forecast no worse than by its last value, as far as the validation windows can show. Only the weights of the head change,
/// not the graph.
/// </summary>
internal static class ShrinkTowardNaive
{
    // Windows with larger targets, in network units, are ignored, as in the initialization of the linear skip.
    private const float Outlier = 10;

    /// <summary>
    /// Whether the head and the network can represent the shrinkage (all steps at once, a numeric location), and the weights of the head may change.
    /// </summary>
    public static bool Applies(Network network, ForecastHead head) =>
        network.Description is { Decoder: null, DynamicRegression: null } && network["head.weight"].Trainable && head.Likelihood.ShrinksTowardNaive;

    /// <summary>Sets the weights; returns the share of the forecast that is kept at each step (1 if shrinkage does not help).</summary>
    public static float[] Apply(Network network, ForecastHead head, ExampleSet validation)
    {
        var shape = head.Shape;
        var (horizon, targets) = (shape.Horizon, shape.Targets);
        var path = network.Description.LinearSkip is null ? null : network[LinearSkip.WeightName].Value;
        var zero = NaiveIsZero(network.Description, shape);
        var kept = new float[horizon];
        Array.Fill(kept, 1);
        // The naive forecast is reachable only if it is zero, or if the linear skip can represent it.
        if (!zero && path is null) return kept;
        var (products, squares) = Sums(network, head, shape, validation, zero);
        var (weight, bias) = (network["head.weight"].Value, network["head.bias"].Value);
        var inputs = weight.Shape[1];
        for (var step = 0; step < horizon; step++)
        {
            if (!(squares[step] > 0)) continue;
            kept[step] = (float)Math.Clamp(products[step] / squares[step], 0, 1);
            for (var target = 0; target < targets; target++)
            {
                var output = head.Likelihood.LocationParameters.First * head.Steps + step * targets + target;
                foreach (ref var value in weight.Span.Slice(output * inputs, inputs)) value *= kept[step];
                bias[output] *= kept[step];
            }
            if (path is null) continue;
            var own = path.Span.Slice(step * shape.WindowSize, shape.WindowSize);
            foreach (ref var value in own) value *= kept[step];
            if (!zero) own[^1] += 1 - kept[step];
        }
        return kept;
    }

    // The target is the difference from one season before, or from the last value.
    private static bool NaiveIsZero(NetworkDescription description, ForecastHeadOptions shape) =>
        shape.SeasonLength > 0 || description.WindowNormalization is WindowNormalization.LastValue or WindowNormalization.Difference;

    // By step, over all targets and windows: (forecast - naive) x (actual - naive), and (forecast - naive) squared.
    private static (double[] Products, double[] Squares) Sums(Network network, ForecastHead head, ForecastHeadOptions shape, ExampleSet validation, bool zero)
    {
        var (products, squares) = (new double[shape.Horizon], new double[shape.Horizon]);
        foreach (var (tape, batch) in validation.Batches(256).ForInference())
        {
            var output = network.Forward(tape, batch);
            var forecasts = head.Centers(tape, output);
            var truths = head.Normalized(tape, output, batch.Targets!);
            var window = output.Window!;
            for (var i = 0; i < truths.Length; i++)
            {
                var (row, step, target) = (i / head.Steps, i % head.Steps / shape.Targets, i % shape.Targets);
                var naive = zero ? 0 : window[((window.Shape[0] - 1) * window.Shape[1] + row) * window.Shape[2] + target];
                var (forecast, truth) = (forecasts[i] - naive, truths[i] - naive);
                if (!(Math.Abs(truth) <= Outlier) || !float.IsFinite(forecast)) continue;
                products[step] += (double)forecast * truth;
                squares[step] += (double)forecast * forecast;
            }
        }
        return (products, squares);
    }
}
