namespace Microsoft.ML.Recurrent.Onnx.Layers;

/// <summary>An element-wise activation.</summary>
internal static class ActivationExporter
{
    public static string Apply(OnnxGraphBuilder graph, string x, DenseActivation activation, string layer) => activation switch
    {
        DenseActivation.Identity => x,
        DenseActivation.Relu => graph.Relu(x),
        DenseActivation.Tanh => graph.Tanh(x),
        DenseActivation.Sigmoid => graph.Sigmoid(x),
        DenseActivation.LeakyRelu => graph.Node("LeakyRelu", [x], ("alpha", 0.01f)),
        DenseActivation.Elu => graph.Node("Elu", [x], ("alpha", 1f)),
        // Gelu is an operator from opset 20 on only; its parts are older.
        DenseActivation.Gelu => graph.Multiply(graph.Multiply(x, 0.5f),
            graph.Add(graph.Node("Erf", [graph.Multiply(x, 0.70710678f)]), 1f)),
        DenseActivation.Silu => graph.Multiply(x, graph.Sigmoid(x)),
        DenseActivation.Softplus => graph.Node("Softplus", [x]),
        _ => throw new NotSupportedException($"The activation {activation} of the layer '{layer}' cannot be exported to ONNX."),
    };
}
