using Microsoft.ML.Recurrent.Layers;

namespace Microsoft.ML.Recurrent.Onnx.Layers;

/// <summary>A convolution over time.</summary>
internal static class ConvolutionExporter
{
    public static void Export(Flow flow, ConvolutionDescription layer, WeightWriter weights)
    {
        var graph = flow.Graph;
        var x = graph.Transpose(flow.HasLengths ? graph.Where(flow.Mask, flow.Tensor, 0f) : flow.Tensor, 1, 2, 0);
        var outside = layer.KernelSize - 1;
        List<OnnxAttribute> attributes = [("kernel_shape", new[] { (long)layer.KernelSize }), ("strides", new[] { (long)layer.Stride })];
        if (layer.Padding is ConvolutionPadding.Causal) attributes.Add(("pads", new[] { outside, 0L }));
        // With a stride, the padding depends on the length, which is then fixed.
        else if (layer.Padding is ConvolutionPadding.Same)
            attributes.Add(layer.Stride > 1 ? ("auto_pad", "SAME_UPPER") : ("pads", new[] { outside / 2, (long)(outside - outside / 2) }));
        var y = graph.Node("Conv", [x, weights.Write(layer.Name + ".weight"), weights.Write(layer.Name + ".bias")], [.. attributes]);
        y = ActivationExporter.Apply(graph, graph.Transpose(y, 2, 0, 1), layer.Activation, layer.Name);
        if (flow.HasLengths && layer.Stride > 1)
            flow.Shorten(graph.Node("Div", [graph.Add(flow.Lengths, graph.Cast(graph.Scalar((long)layer.Stride - 1), OnnxType.Int32)),
                graph.Cast(graph.Scalar((long)layer.Stride), OnnxType.Int32)]));
        flow.Sequence(y, layer.Filters);
    }
}
