using Microsoft.ML.Recurrent.Distributions;

namespace Microsoft.ML.Recurrent.Onnx.Layers;

/// <summary>Exports <see cref="StudentTQuantile"/>.</summary>
internal static class StudentTQuantileExporter
{
    /// <summary>The quantile at normal scores.</summary>
    /// <param name="graph">The target graph.</param>
    /// <param name="excess">The degrees of freedom minus 2.</param>
    /// <param name="score">The normal scores, of the same or a broadcastable shape.</param>
    public static string At(OnnxGraphBuilder graph, string excess, string score)
    {
        var clipped = Clip(graph, score, StudentTQuantile.GreatestScore);
        var freedom = graph.Add(excess, StudentTQuantile.MinimumFreedom);
        var ofScore = Polynomials(graph, graph.Multiply(graph.Node("Abs", [clipped]), 2 / StudentTQuantile.GreatestScore),
            StudentTQuantile.ScoreTerms);
        var ofFreedom = Polynomials(graph, graph.Divide(graph.Scalar(2 * StudentTQuantile.MinimumFreedom), freedom), StudentTQuantile.FreedomTerms);
        var coefficients = graph.Reshape(graph.Constant(StudentTQuantile.Coefficients), StudentTQuantile.ScoreTerms, StudentTQuantile.FreedomTerms);
        var scaled = graph.Multiply(clipped, graph.ReduceSum(graph.Multiply(graph.MatMul(ofScore, coefficients), ofFreedom), -1));
        var y = graph.Divide(graph.Multiply(scaled, scaled), graph.Multiply(freedom, 2f));
        // Avoids division by 0.
        y = graph.Maximum(y, 1e-30f);
        return graph.Multiply(scaled, graph.Sqrt(graph.Multiply(graph.Node("Exp", [y]), graph.Divide(graph.Node("Sinh", [y]), y))));
    }

    // Chebyshev polynomials in x - 1, along a new last axis.
    private static string Polynomials(OnnxGraphBuilder graph, string x, int terms)
    {
        var angle = graph.Node("Acos", [Clip(graph, graph.Subtract(x, 1f), 1)]);
        return graph.Node("Cos", [graph.Multiply(graph.Unsqueeze(angle, -1), graph.Constant([.. Enumerable.Range(0, terms).Select(i => (float)i)]))]);
    }

    private static string Clip(OnnxGraphBuilder graph, string x, float limit) =>
        graph.Maximum(graph.Minimum(x, limit), -limit);
}
