using Microsoft.ML.Recurrent.Networks.Decoding;
using Microsoft.ML.Recurrent.Networks.Inputs;

namespace Microsoft.ML.Recurrent.Onnx.Layers;

/// <summary>Exports <see cref="CountScale"/>.</summary>
internal static class CountScaleExporter
{
    /// <summary>The count scale of each target, [batch, targets].</summary>
    public static string Unit(OnnxGraphBuilder graph, OnnxNetworkOutput space, int targets)
    {
        var mean = graph.ReduceMean(graph.Slice(space.Window!, 0, targets, 2), 0);
        return graph.Add(graph.Relu(TargetSpace.ToData(new TargetSpaceExporter(graph, space, targets), mean)), 1f);
    }
}
