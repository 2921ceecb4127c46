using Microsoft.ML.Recurrent.Distributions;

namespace Microsoft.ML.Recurrent.Onnx.Layers;

/// <summary>Writes what <see cref="StepQuantile"/> computes: the value at a normal score of the distribution that a network's numbers make up.</summary>
internal static class QuantileExporter
{
    /// <summary>The quantile: in the window's space; of counts in the data's own unit.</summary>
    /// <param name="graph">Where to.</param>
    /// <param name="distribution">Which distribution.</param>
    /// <param name="parameters">Its parameters as the network gives them, of one shape.</param>
    /// <param name="unit">Of counts, their unit, which fits that shape; else null.</param>
    /// <param name="score">The normal scores: of that shape, or one that fits it.</param>
    public static string At(OnnxGraphBuilder graph, StepDistribution distribution, string[] parameters, string? unit, string score) => distribution switch
    {
        StepDistribution.Gaussian => graph.Add(parameters[0], graph.Multiply(graph.Node("Softplus", [parameters[1]]), score)),
        StepDistribution.StudentT => graph.Add(parameters[1], graph.Multiply(graph.Node("Softplus", [parameters[2]]), StudentT(graph, graph.Node("Softplus", [parameters[0]]), score))),
        StepDistribution.NegativeBinomial => CountQuantileExporter.At(graph, graph.Multiply(unit!, CountScaleExporter.AtLeast(graph, parameters[0])),
            graph.Divide(CountScaleExporter.AtLeast(graph, parameters[1]), graph.Node("Sqrt", [unit!])), score),
        _ => throw new NotSupportedException($"Nothing can be drawn from {distribution}."),
    };

    // StudentTQuantile, of the freedom's excess over 2.
    private static string StudentT(OnnxGraphBuilder graph, string excess, string score)
    {
        string clipped = Clip(graph, score, StudentTQuantile.GreatestScore);
        string freedom = graph.Add(excess, graph.Scalar(StudentTQuantile.LeastFreedom));
        string ofScore = Polynomials(graph, graph.Multiply(graph.Node("Abs", [clipped]), graph.Scalar(2 / StudentTQuantile.GreatestScore)), StudentTQuantile.ScoreTerms);
        string ofFreedom = Polynomials(graph, graph.Divide(graph.Scalar(2 * StudentTQuantile.LeastFreedom), freedom), StudentTQuantile.FreedomTerms);
        string coefficients = graph.Reshape(graph.Constant(StudentTQuantile.Coefficients), StudentTQuantile.ScoreTerms, StudentTQuantile.FreedomTerms);
        string scaled = graph.Multiply(clipped, graph.ReduceSum(graph.Multiply(graph.MatMul(ofScore, coefficients), ofFreedom), -1));
        string y = graph.Divide(graph.Multiply(scaled, scaled), graph.Multiply(freedom, graph.Scalar(2f)));
        // What is 0 is no divisor.
        y = graph.Node("Max", [y, graph.Scalar(1e-30f)]);
        return graph.Multiply(scaled, graph.Node("Sqrt", [graph.Multiply(graph.Node("Exp", [y]), graph.Divide(graph.Node("Sinh", [y]), y))]));
    }

    // Chebyshev's polynomials in x - 1, along a new last axis.
    private static string Polynomials(OnnxGraphBuilder graph, string x, int terms)
    {
        string angle = graph.Node("Acos", [Clip(graph, graph.Subtract(x, graph.Scalar(1f)), 1)]);
        return graph.Node("Cos", [graph.Multiply(graph.Unsqueeze(angle, -1), graph.Constant([.. Enumerable.Range(0, terms).Select(i => (float)i)]))]);
    }

    private static string Clip(OnnxGraphBuilder graph, string x, float limit) => graph.Node("Max", [graph.Node("Min", [x, graph.Scalar(limit)]), graph.Scalar(-limit)]);
}
