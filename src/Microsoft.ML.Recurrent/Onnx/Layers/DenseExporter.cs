using Microsoft.ML.Recurrent.Layers;

namespace Microsoft.ML.Recurrent.Onnx.Layers;

/// <summary>A dense layer: Gemm over rows, MatMul and Add over the steps of a sequence, then the activation.</summary>
internal static class DenseExporter
{
    public static void Export(Flow flow, DenseDescription layer, WeightWriter weights)
    {
        var graph = flow.Graph;
        var (weight, bias) = (weights.Write(layer.Name + ".weight"), weights.Write(layer.Name + ".bias"));
        var y = flow.IsSequence ? graph.Add(graph.MatMul(flow.Tensor, graph.Transpose(weight, 1, 0)), bias) : graph.Gemm(flow.Tensor, weight, bias);
        flow.Continue(ActivationExporter.Apply(graph, y, layer.Activation, layer.Name), layer.Units);
    }
}
