using Microsoft.ML.Recurrent.Networks.Decoding;
using Microsoft.ML.Recurrent.Networks.Inputs;

namespace Microsoft.ML.Recurrent.Onnx.Layers;

/// <summary>Writes what <see cref="CountScale"/> and <see cref="WindowSpace"/> compute.</summary>
internal static class CountScaleExporter
{
    /// <summary>Each target's unit of counts, [batch, targets].</summary>
    public static string Unit(OnnxGraphBuilder graph, OnnxNetworkOutput space, int targets) =>
        graph.Add(graph.Relu(ToData(graph, space, graph.ReduceMean(graph.Slice(space.Window!, 0, targets, 2), 0), targets)), graph.Scalar(1f));

    /// <summary>Numbers of the window's space [batch, targets] in the data's own unit.</summary>
    public static string ToData(OnnxGraphBuilder graph, OnnxNetworkOutput space, string x, int targets)
    {
        if (space.WindowScale is { } scale) x = graph.Multiply(x, graph.Slice(scale, 0, targets, 1));
        if (space.WindowLevel is { } level) x = graph.Add(x, graph.Slice(level, 0, targets, 1));
        if (space.InputScale is { } deviation) x = graph.Multiply(x, graph.Slice(deviation, 0, targets, 0));
        return space.InputMean is { } mean ? graph.Add(x, graph.Slice(mean, 0, targets, 0)) : x;
    }

    /// <summary>Numbers of the data [batch, targets] in the window's space.</summary>
    public static string FromData(OnnxGraphBuilder graph, OnnxNetworkOutput space, string x, int targets)
    {
        if (space.InputMean is { } mean) x = graph.Subtract(x, graph.Slice(mean, 0, targets, 0));
        if (space.InputScale is { } deviation) x = graph.Divide(x, graph.Slice(deviation, 0, targets, 0));
        if (space.WindowLevel is { } level) x = graph.Subtract(x, graph.Slice(level, 0, targets, 1));
        return space.WindowScale is { } scale ? graph.Divide(x, graph.Slice(scale, 0, targets, 1)) : x;
    }
}
