namespace Microsoft.ML.Recurrent.Onnx.Layers;

/// <summary>All steps to one vector.</summary>
internal static class PoolingExporter
{
    public static void Export(Flow flow, SequencePooling pooling) => flow.Vector(pooling switch
    {
        SequencePooling.Last => flow.LastState is { } state ? flow.Graph.Reshape(flow.Graph.Transpose(state, 1, 0, 2), -1, flow.Features) : flow.LastStep(),
        SequencePooling.Mean => flow.MeanOfSteps(flow.Tensor),
        SequencePooling.Max => flow.Graph.ReduceMax(flow.HasLengths ? flow.Graph.Where(flow.Mask, flow.Tensor, flow.Graph.Scalar(float.MinValue)) : flow.Tensor, 0),
        _ => throw new NotSupportedException($"The pooling {pooling} has no ONNX form."),
    }, flow.Features);
}
