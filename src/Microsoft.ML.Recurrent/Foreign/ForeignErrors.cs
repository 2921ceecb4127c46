using System.Text.RegularExpressions;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.Recurrent.Onnx.Cells;
using Microsoft.ML.Recurrent.Onnx.Format;
using Microsoft.ML.Recurrent.Onnx.Import;

namespace Microsoft.ML.Recurrent.Foreign;

/// <summary>What stands in the way of a graph that ONNX Runtime does not load, and how to get past it.</summary>
internal static class ForeignErrors
{
    /// <summary>The error of a graph that the runtime does not load.</summary>
    public static NotSupportedException NotLoaded(ForeignGraph graph, OnnxRuntimeException error)
    {
        var file = $"The model '{graph.Path}' cannot be scored: ";
        if (Nodes(graph.Model.Graph).FirstOrDefault(node => OnnxCell.IsNode(node.OpType) && node.Integer("layout") == 1) is { } node)
            return new(file
                + $"its node '{node.Name}' ({node.OpType}) has layout 1, batch first, which ONNX Runtime does not run. Export it with layout 0 and a "
                + "Transpose before and after it, or read it with mlContext.Model.LoadRecurrentOnnx, which takes both.", error);
        if (TillOpset(error.Message) is { Success: true } opset)
            return new(file
                + $"it has opset {graph.Opset}, but this ONNX Runtime ({OrtEnv.Instance().GetVersionString()}) runs up to {opset.Groups[1].Value}. Export it "
                + "with a lower opset, or use a later runtime.", error);
        if (UnknownOperator(error.Message) is { Success: true } unknown)
            return new(file
                + $"ONNX Runtime does not know its operator {unknown.Groups[1].Value} at opset {graph.Opset}. Export the model with operators of ONNX alone, "
                + "or with a lower opset.", error);
        return new(file + $"ONNX Runtime does not load it. It says: {error.Message}", error);
    }

    private static IEnumerable<NodeProto> Nodes(GraphProto graph) =>
        graph.Node.SelectMany(node => KnownTensors.Graphs(node).SelectMany(Nodes).Prepend(node));

    private static Match TillOpset(string message) => Regex.Match(message, @"is till opset (\d+)");

    private static Match UnknownOperator(string message) => Regex.Match(message, @"(?:No Op registered for|Could not find an implementation for) ([\w.]+)");
}
