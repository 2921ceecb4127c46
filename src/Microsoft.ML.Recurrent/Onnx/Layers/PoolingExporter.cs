using Microsoft.ML.Recurrent.Layers;

namespace Microsoft.ML.Recurrent.Onnx.Layers;

/// <summary>Pools all steps to one vector.</summary>
internal static class PoolingExporter
{
    public static void Export(Flow flow, PoolingDescription layer) => flow.Vector(layer.Pooling switch
    {
        SequencePooling.Last => layer.ReverseAtLastStep ? flow.LastStep() : Last(flow),
        SequencePooling.Mean => flow.MeanOfSteps(flow.Tensor),
        SequencePooling.Max =>
            flow.Graph.ReduceMax(flow.HasLengths ? flow.Graph.Where(flow.Mask, flow.Tensor, float.MinValue) : flow.Tensor, 0),
        _ => throw new NotSupportedException($"The pooling {layer.Pooling} of the layer '{layer.Name}' cannot be exported to ONNX."),
    }, flow.Features);

    /// <summary>The last state of each row, of all directions, [batch, features].</summary>
    public static string Last(Flow flow) =>
        flow.LastState is { } state ? flow.Graph.Reshape(flow.Graph.Transpose(state, 1, 0, 2), -1, flow.Features) : flow.LastVector ?? flow.LastStep();
}
