namespace Microsoft.ML.Recurrent.Onnx.Layers;

/// <summary>
/// The quantile of a negative binomial distribution as nodes: the smallest count whose cumulative probability reaches that of a normal score. For a mean below
/// 16, or a dispersion above 1, the probabilities of 0, 1, 2, ... are summed, up to <see cref="MostCounted"/>. Otherwise, and beyond, it solves for the count
/// where the saddlepoint approximation r* = w + log(u / w) / w of the normal score (Lugannani and Rice 1980; Daniels 1987 for counts), half a count above,
/// equals the score. Accurate to 0.002 of probability for dispersions up to 0.5, to 0.005 up to 1.
/// </summary>
internal static class CountQuantileExporter
{
    /// <summary>Maximum number of counts that are summed one by one.</summary>
    public const int MostCounted = 512;

    private const float LeastSmoothMean = 16, GreatestSmoothDispersion = 1;

    // Tolerances: a cumulative probability treated as 1, and a probability treated as 0.
    private const float AllBut = 1e-6f, Nothing = 1e-9f;

    private const long NewtonSteps = 3;

    /// <summary>Writes the nodes.</summary>
    /// <param name="graph">The target graph.</param>
    /// <param name="mean">The mean, greater than 0.</param>
    /// <param name="dispersion">The dispersion, greater than 0, of the shape of the mean: the variance is mean + dispersion mean^2.</param>
    /// <param name="score">Normal scores of a broadcastable shape.</param>
    public static string At(OnnxGraphBuilder graph, string mean, string dispersion, string score)
    {
        score = graph.Add(score, graph.Multiply(mean, 0f));
        var isSmooth = graph.Node("And",
            [graph.Greater(mean, LeastSmoothMean), graph.Less(dispersion, GreatestSmoothDispersion)]);
        var counted = Counted(graph, mean, dispersion, score, isSmooth);
        var beyond = graph.Greater(counted, MostCounted - 0.5f);
        var smooth = graph.Node("Ceil", [graph.Subtract(Smooth(graph, mean, dispersion, score), 0.5f)]);
        smooth = graph.Maximum(smooth, graph.Where(beyond, graph.Scalar((float)MostCounted), 0f));
        return graph.Where(graph.Node("Or", [isSmooth, beyond]), smooth, counted);
    }

    // P(k + 1) = P(k) (r + k) / (k + 1) q, with r = 1 / dispersion and q = dispersion mean / (1 + dispersion mean).
    private static string Counted(OnnxGraphBuilder graph, string mean, string dispersion, string score, string isSmooth)
    {
        var level = graph.Multiply(graph.Add(graph.Node("Erf", [graph.Multiply(score, MathF.Sqrt(0.5f))]), 1f), 0.5f);
        level = graph.Minimum(level, 1 - AllBut);
        string excess = graph.Multiply(dispersion, mean), r = graph.Divide(graph.Scalar(1f), dispersion);
        var q = graph.Divide(excess, graph.Add(excess, 1f));
        var first = graph.Node("Exp", [graph.Node("Neg", [graph.Multiply(r, Log1p(graph, excess))])]);
        // Elements that use the approximation are not summed.
        first = graph.Where(isSmooth, graph.Scalar(2f), first);

        var body = new OnnxBodyBuilder(graph, "count_step");
        var k = body.Cast(body.Input("k", OnnxType.Int64), OnnxType.Single);
        body.Input("goes_on", OnnxType.Boolean);
        string probability = body.Input("probability", OnnxType.Single, null, null), sum = body.Input("sum", OnnxType.Single, null, null),
            count = body.Input("count", OnnxType.Single, null, null);
        var active = IsActive(body, sum, probability);
        var next = body.Multiply(body.Multiply(probability, q), body.Divide(body.Add(r, k), body.Add(k, 1f)));
        var after = body.Add(sum, next);
        body.Output("goes_on_after", Any(body, IsActive(body, after, next)), OnnxType.Boolean);
        body.Output("probability_after", next, OnnxType.Single, null, null);
        body.Output("sum_after", after, OnnxType.Single, null, null);
        body.Output("count_after", body.Add(count, body.Cast(active, OnnxType.Single)), OnnxType.Single, null, null);
        var none = graph.Multiply(mean, 0f);
        return graph.Nodes("Loop", [graph.Scalar((long)MostCounted), Any(graph, IsActive(graph, first, first)), first, first, none], 3,
            ("body", body.Graph))[2];

        string IsActive(OnnxGraphBuilder at, string total, string last) => at.Node("And", [at.Less(total, level), at.Greater(last, Nothing)]);

        static string Any(OnnxGraphBuilder at, string flags) =>
            at.Greater(at.Node("ReduceMax", [at.Reshape(at.Cast(flags, OnnxType.Single), -1)], ("keepdims", 0L)), 0.5f);
    }

    // Newton steps on the variance-stabilizing scale t = 2 asinh(sqrt(dispersion x)) / sqrt(dispersion), where scores are nearly linear.
    private static string Smooth(OnnxGraphBuilder graph, string mean, string dispersion, string score)
    {
        string root = graph.Sqrt(dispersion), half = graph.Multiply(root, 0.5f), r = graph.Divide(graph.Scalar(1f), dispersion);
        string begin = graph.Add(Stable(mean), score),
            least = Stable(graph.Multiply(graph.Add(graph.Multiply(mean, 0f), 1f), 0.25f));

        var body = new OnnxBodyBuilder(graph, "count_newton");
        body.Input("k", OnnxType.Int64);
        string goesOn = body.Input("goes_on", OnnxType.Boolean), t = body.Input("t", OnnxType.Single, null, null);
        var x = FromStable(body, body.Maximum(t, least));
        var (value, slope) = Score(body, x, mean, dispersion, r);
        body.Output("goes_on_after", goesOn, OnnxType.Boolean);
        body.Output("t_after", body.Subtract(body.Maximum(t, least), body.Divide(body.Subtract(value, score), slope)), OnnxType.Single, null, null);
        var end = graph.Nodes("Loop", [graph.Scalar(NewtonSteps), "", begin], 1, ("body", body.Graph))[0];
        return FromStable(graph, graph.Maximum(end, least));

        string Stable(string count) => graph.Divide(graph.Node("Asinh", [graph.Sqrt(graph.Multiply(dispersion, count))]), half);

        string FromStable(OnnxGraphBuilder at, string stable)
        {
            var sinh = at.Node("Sinh", [at.Multiply(stable, half)]);
            return at.Divide(at.Multiply(sinh, sinh), dispersion);
        }
    }

    // r* at a count x, and its derivative on the stabilized scale.
    private static (string Value, string Slope) Score(OnnxGraphBuilder graph, string x, string mean, string dispersion, string r)
    {
        const float Near = 0.04f;
        string distance = graph.Subtract(x, mean), whole = graph.Add(mean, r), ofMean = graph.Divide(distance, mean), ofWhole = graph.Divide(distance, whole);
        string share = graph.Divide(graph.Multiply(r, distance), graph.Multiply(x, whole)), s = graph.Node("Neg", [Log1p(graph, graph.Node("Neg", [share]))]);
        // Half of w^2 is x log(x / mean) - (x + r) log((x + r) / (mean + r)): two forms, each precise where the other cancels.
        var ofCounts = graph.Subtract(graph.Multiply(mean, Entropy(graph, ofMean)), graph.Multiply(whole, Entropy(graph, ofWhole)));
        var ofGamma = graph.Subtract(graph.Multiply(graph.Add(x, r), s), graph.Multiply(r, Log1p(graph, ofMean)));
        var deviance = graph.Where(graph.Less(r, mean), ofGamma, ofCounts);
        var size = graph.Sqrt(graph.Relu(graph.Multiply(deviance, 2f)));
        var w = graph.Multiply(size, graph.Node("Sign", [distance]));
        var deviation = graph.Sqrt(graph.Multiply(x, graph.Add(graph.Multiply(dispersion, x), 1f)));
        var u = graph.Multiply(graph.Multiply(graph.Node("Sinh", [graph.Multiply(s, 0.5f)]), 2f), deviation);
        // Near the mean, both tend to 0, and the difference to a sixth of the skewness.
        var skewness = graph.Divide(graph.Add(graph.Multiply(graph.Multiply(dispersion, x), 2f), 1f), deviation);
        var isNear = graph.Less(size, Near);
        var safe = graph.Where(isNear, graph.Scalar(1f), w);
        var correction = graph.Where(isNear, graph.Multiply(skewness, 1 / 6f),
            graph.Divide(graph.Node("Log", [graph.Where(isNear, graph.Scalar(1f), graph.Divide(u, safe))]), safe));
        var slope = graph.Where(isNear, graph.Scalar(1f), graph.Divide(graph.Multiply(s, deviation), safe));
        return (graph.Add(w, correction), slope);
    }

    // (1 + y) log(1 + y) - y, by its series near 0.
    private static string Entropy(OnnxGraphBuilder graph, string y)
    {
        var series = graph.Scalar(1 / 42f);
        foreach (var divisor in new[] { 30f, 20f, 12f, 6f, 2f }) series = graph.Subtract(graph.Scalar(1 / divisor), graph.Multiply(y, series));
        var whole = graph.Maximum(graph.Add(y, 1f), 1e-30f);
        return graph.Where(graph.Less(graph.Node("Abs", [y]), 0.1f), graph.Multiply(graph.Multiply(y, y), series),
            graph.Subtract(graph.Multiply(whole, graph.Node("Log", [whole])), y));
    }

    // log(1 + y), by its series near 0.
    private static string Log1p(OnnxGraphBuilder graph, string y)
    {
        var series = graph.Scalar(1 / 6f);
        foreach (var divisor in new[] { 5f, 4f, 3f, 2f, 1f }) series = graph.Subtract(graph.Scalar(1 / divisor), graph.Multiply(y, series));
        var whole = graph.Maximum(graph.Add(y, 1f), 1e-30f);
        return graph.Where(graph.Less(graph.Node("Abs", [y]), 0.05f), graph.Multiply(y, series), graph.Node("Log", [whole]));
    }
}
