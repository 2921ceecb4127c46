using Microsoft.ML.Recurrent.Layers;
using Microsoft.ML.Recurrent.Networks;

namespace Microsoft.ML.Recurrent.Onnx.Layers;

/// <summary>Exports a <see cref="DynamicRegression"/>.</summary>
internal static class DynamicRegressionExporter
{
    /// <summary>
    /// The parameters of the horizon, [batch, outputs], and the forecasts of the window, [batch, targets, time]; null if the regression does not explain it.
    /// </summary>
    /// <param name="graph">The target graph.</param>
    /// <param name="network">The network.</param>
    /// <param name="weights">Writes its parameters.</param>
    /// <param name="body">The body's vector, [batch, n].</param>
    /// <param name="covariates">[batch, steps, n], the last ones those of the horizon.</param>
    public static (string Horizon, string? Window) Export(OnnxGraphBuilder graph, Network network, WeightWriter weights, string body, string covariates)
    {
        var (description, regression) = (network.Description, network.Description.DynamicRegression!);
        var (time, read) = (description.Horizon + (description.Time ?? 0), covariates);
        covariates = graph.Concat(2, [read, .. regression.Averages.Select(length => Average(Enumerable.Repeat(1f / length, length))),
            .. regression.ExponentialAverages.Select(length => Average(Enumerable.Range(1 - time, time)
                .Select(step => (float)(Math.Pow(1 - 1.0 / length, -step) * (step == 1 - time ? 1 : 1.0 / length)))))]);
        var layers = network.Regression!;
        var hidden = graph.Relu(graph.Add(Dense(layers.First, covariates), graph.Unsqueeze(Dense(layers.Context, body), 1)));
        var answers = Dense(layers.Last, graph.Relu(Dense(layers.Second, hidden)));
        int horizon = description.Horizon, targets = regression.Targets, parameters = description.Outputs / (horizon * targets);
        var ahead = graph.Slice(answers, -horizon, long.MaxValue, 1);
        if (parameters > 1) ahead = graph.Transpose(graph.Reshape(ahead, -1, horizon, parameters, targets), 0, 2, 1, 3);
        ahead = graph.Reshape(ahead, -1, description.Outputs);
        if (!regression.ReadsWindow) return (ahead, null);
        var past = graph.Slice(answers, 0, -horizon, 1);
        if (parameters > 1) past = graph.Slice(past, regression.Location * targets, (regression.Location + 1) * targets, 2);
        return (ahead, graph.Transpose(past, 0, 2, 1));

        string Dense(DenseLayer layer, string x) => graph.Add(graph.MatMul(x, graph.Transpose(weights.Write(layer.Weight.Name), 1, 0)),
            weights.Write(layer.Bias.Name));

        // A convolution of each covariate. Steps before the first one count as the first, which has their weight too where the weights are those of all steps.
        string Average(IEnumerable<float> kernel)
        {
            float[] values = [.. kernel];
            var (before, steps) = (values.Length - 1, time + values.Length - 1);
            var x = graph.Concat(1, graph.Node("Tile", [graph.Slice(read, 0, 1, 1), graph.Constant(1L, before, 1)]), read);
            x = graph.Node("Conv", [graph.Reshape(graph.Transpose(x, 0, 2, 1), -1, 1, steps), graph.Reshape(graph.Constant(values), 1, 1, -1)]);
            return graph.Transpose(graph.Reshape(x, -1, description.CovariateWidth, time), 0, 2, 1);
        }
    }
}
