using Microsoft.ML.Recurrent.Autograd.Operations;

namespace Microsoft.ML.Recurrent.Onnx.Layers;

/// <summary>Takes each window's level and scale out of its features.</summary>
internal static class WindowExporter
{
    public static (string? Level, string? Scale) Normalize(Flow flow, WindowNormalization normalization)
    {
        var graph = flow.Graph;
        switch (normalization)
        {
            case WindowNormalization.None:
                return (null, null);
            case WindowNormalization.LastValue:
                string last = flow.LastStep();
                Replace(graph.Subtract(flow.Tensor, last));
                return (last, null);
            case WindowNormalization.Standard:
                string mean = flow.MeanOfSteps(flow.Tensor);
                string centered = graph.Subtract(flow.Tensor, mean);
                string scale = graph.Add(graph.Node("Sqrt", [flow.MeanOfSteps(graph.Multiply(centered, centered))]), graph.Scalar(InputNormalization.Epsilon));
                Replace(graph.Divide(centered, scale));
                return (mean, scale);
            default:
                throw new NotSupportedException($"The window normalization {normalization} has no ONNX form.");
        }

        // Steps past a row's length become 0, as in the network.
        void Replace(string x) => flow.Sequence(flow.HasLengths ? graph.Where(flow.Mask, x, graph.Scalar(0f)) : x, flow.Features);
    }
}
