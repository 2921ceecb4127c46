using Microsoft.ML.Recurrent.Onnx;
using Microsoft.ML.Recurrent.Tensors;

namespace Microsoft.ML.Recurrent.Forecasting;

/// <summary>The standard deviation over the steps of a window.</summary>
internal static class Volatility
{
    /// <summary>That of one target of a row, [time, rows, features], from a step on.</summary>
    public static double Measure(Tensor window, int row, int target, int from = 0)
    {
        var (time, stride) = (window.Shape[0], window.Shape[1] * window.Shape[2]);
        var values = window.Span[(row * window.Shape[2] + target)..];
        double sum = 0, squares = 0;
        for (var t = from; t < time; t++) sum += values[t * stride];
        var mean = sum / (time - from);
        for (var t = from; t < time; t++) squares += (values[t * stride] - mean) * (values[t * stride] - mean);
        return Math.Sqrt(squares / (time - from));
    }

    /// <summary>Exports it for all targets: [time, batch, targets] to [batch, targets].</summary>
    public static string Export(OnnxGraphBuilder graph, string window)
    {
        var centered = graph.Subtract(window, graph.ReduceMean(window, 0, keep: true));
        return graph.Node("Sqrt", [graph.ReduceMean(graph.Multiply(centered, centered), 0)]);
    }
}
