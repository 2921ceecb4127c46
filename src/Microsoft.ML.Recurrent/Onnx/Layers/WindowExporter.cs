using Microsoft.ML.Recurrent.Autograd.Operations;

namespace Microsoft.ML.Recurrent.Onnx.Layers;

/// <summary>Takes each window's level and scale out of its features, the last ones left out where that is asked for.</summary>
internal static class WindowExporter
{
    public static (string? Level, string? Scale) Normalize(Flow flow, WindowNormalization normalization, int unscaled)
    {
        var graph = flow.Graph;
        switch (normalization)
        {
            case WindowNormalization.None:
                return (null, null);
            case WindowNormalization.LastValue:
                string last = Scaled(flow.LastStep(), 0);
                Replace(graph.Subtract(flow.Tensor, last));
                return (last, null);
            case WindowNormalization.Standard:
                string mean = Scaled(flow.MeanOfSteps(flow.Tensor), 0);
                string centered = graph.Subtract(flow.Tensor, mean);
                string scale = graph.Add(graph.Node("Sqrt", [flow.MeanOfSteps(graph.Multiply(centered, centered))]), graph.Scalar(InputNormalization.Epsilon));
                scale = Scaled(scale, 1);
                Replace(graph.Divide(centered, scale));
                return (mean, scale);
            default:
                throw new NotSupportedException($"The window normalization {normalization} has no ONNX form.");
        }

        // The features that stay as they are have a level of 0 and a scale of 1.
        string Scaled(string figure, float neutral)
        {
            if (unscaled == 0) return figure;
            string kept = graph.Slice(figure, 0, flow.Features - unscaled, 1);
            string others = graph.Multiply(graph.Slice(figure, flow.Features - unscaled, flow.Features, 1), graph.Scalar(0f));
            return graph.Concat(1, kept, neutral == 0 ? others : graph.Add(others, graph.Scalar(neutral)));
        }

        // Steps past a row's length become 0, as in the network.
        void Replace(string x) => flow.Sequence(flow.HasLengths ? graph.Where(flow.Mask, x, graph.Scalar(0f)) : x, flow.Features);
    }
}
