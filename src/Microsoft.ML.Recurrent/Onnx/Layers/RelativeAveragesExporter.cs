using Microsoft.ML.Recurrent.Networks;
using Microsoft.ML.Recurrent.Networks.Inputs;

namespace Microsoft.ML.Recurrent.Onnx.Layers;

/// <summary>Exports <see cref="RelativeAverages"/>.</summary>
internal static class RelativeAveragesExporter
{
    /// <summary>The distances, [time, batch, features], length by length.</summary>
    /// <param name="graph">The target graph.</param>
    /// <param name="network">The network.</param>
    /// <param name="window">The normalized window, [time, batch, all features]; NaN is missing.</param>
    /// <param name="lastOnly">Whether only the distance of the last step is needed, [1, batch, features].</param>
    public static string[] Export(OnnxGraphBuilder graph, NetworkDescription network, string window, bool lastOnly = false)
    {
        if (network.RelativeAverages is not { } averages) return [];
        var (time, features) = (network.Time!.Value, network.Features - network.UnscaledFeatures);
        var values = network.UnscaledFeatures == 0 ? window : graph.Slice(window, 0, features, 2);
        var missing = network.AllowsMissing ? graph.Node("IsNaN", [values]) : null;
        var there = missing is null ? null : graph.Cast(graph.Node("Not", [missing]), OnnxType.Single);
        var known = missing is null ? values : graph.Where(missing, graph.Scalar(0f), values);
        var measured = lastOnly ? graph.Slice(values, -1, long.MaxValue, 0) : values;
        return [.. averages.Lengths.Select(length => graph.Subtract(measured, lastOnly ? LastAverage(1 - 1.0 / length) : Average(1 - 1.0 / length)))];

        string LastAverage(double decay)
        {
            float[] shares = [.. Enumerable.Range(1 - time, time).Select(step => (float)Math.Pow(decay, -step))];
            var kernel = graph.Reshape(graph.Constant(shares), time, 1, 1);
            var sum = graph.ReduceSum(graph.Multiply(known, kernel), 0, keep: true);
            return there is not null ? graph.Divide(sum, graph.ReduceSum(graph.Multiply(there, kernel), 0, keep: true))
                : graph.Divide(sum, graph.Scalar((float)((1 - Math.Pow(decay, time)) / (1 - decay))));
        }

        string Average(double decay)
        {
            var kernel = graph.Reshape(graph.Constant([.. Enumerable.Range(1 - time, time).Select(step => (float)Math.Pow(decay, -step))]), 1, 1, -1);
            // Without missing values the sums of the weights are those of a geometric series.
            var weights = there is not null ? Sums(there)
                : graph.Reshape(graph.Constant([.. Enumerable.Range(1, time).Select(step => (float)((1 - Math.Pow(decay, step)) / (1 - decay)))]), time, 1, 1);
            return graph.Divide(Sums(known), weights);

            // A convolution of each feature with the weights, zeros before the first step.
            string Sums(string x)
            {
                x = graph.Node("Pad", [graph.Reshape(graph.Transpose(x, 1, 2, 0), -1, 1, time), graph.Constant(0L, 0L, time - 1, 0L, 0L, 0L)]);
                return graph.Transpose(graph.Reshape(graph.Node("Conv", [x, kernel]), -1, features, time), 2, 0, 1);
            }
        }
    }
}
