using Google.Protobuf;
using Microsoft.ML.Recurrent.Onnx;

namespace Microsoft.ML.Recurrent.Tests.Foreign;

/// <summary>Small graphs with states, whose answers can be told by heart.</summary>
internal static class SmallGraphs
{
    private const int Opset = 17;

    /// <summary>Writes a graph to a file of its own while it is looked at.</summary>
    public static void With(OnnxModelBuilder graph, Action<string> check)
    {
        var path = Path.GetTempFileName();
        try
        {
            File.WriteAllBytes(path, graph.Model.ToByteArray());
            check(path);
        }
        finally
        {
            File.Delete(path);
        }
    }

    /// <summary>Sums of 3 numbers (double, [2, batch, 3], each half of it) and counts of steps (int64, [batch]); the answer is [batch, 4].</summary>
    public static OnnxModelBuilder Counter(object batch)
    {
        if (batch is int number) batch = (long)number;
        var graph = new OnnxModelBuilder(Opset, "counter", ["x", "total", "steps", "y", "total_next", "steps_next"]);
        graph.Input("x", OnnxType.Single, batch, 3L);
        graph.Input("total", OnnxType.Double, 2L, batch, 3L);
        graph.Input("steps", OnnxType.Int64, batch);
        var half = graph.Cast(graph.Unsqueeze(graph.Multiply("x", 0.5f), 0), OnnxType.Double);
        var total = graph.Add("total", graph.Concat(0, half, half));
        var steps = graph.Add("steps", graph.Constant(1L));
        var sum = graph.Cast(graph.ReduceSum(total, 0), OnnxType.Single);
        graph.Output("steps_next", steps, OnnxType.Int64, batch);
        graph.Output("y", graph.Concat(1, sum, graph.Cast(graph.Reshape(steps, -1, 1), OnnxType.Single)), OnnxType.Single, batch, 4L);
        graph.Output("total_next", total, OnnxType.Double, 2L, batch, 3L);
        return graph;
    }

    /// <summary>Sums of 3 numbers, no axis for the batch.</summary>
    public static OnnxModelBuilder WithoutBatch()
    {
        var graph = new OnnxModelBuilder(Opset, "sums", ["x", "hidden", "y", "hidden_out"]);
        graph.Input("x", OnnxType.Single, 3L);
        graph.Input("hidden", OnnxType.Single, 3L);
        var sum = graph.Add("x", "hidden");
        graph.Output("y", graph.Node("Identity", [sum]), OnnxType.Single, 3L);
        graph.Output("hidden_out", sum, OnnxType.Single, 3L);
        return graph;
    }

    /// <summary>Sums of gain times x, and of tokens: <c>first</c> [N, 2, 3] and <c>second</c> int64 [N, 1].</summary>
    public static OnnxModelBuilder Several()
    {
        var graph = new OnnxModelBuilder(Opset, "several", ["gain", "token", "x", "h", "c", "first", "second", "hn", "cn"]);
        graph.Input("gain", OnnxType.Single, "N", 1L);
        graph.Input("token", OnnxType.Int64, "N", 1L);
        graph.Input("x", OnnxType.Single, "N", 2L, 3L);
        graph.Input("h", OnnxType.Single, "N", 2L, 3L);
        graph.Input("c", OnnxType.Int64, "N", 1L);
        var (first, second) = (graph.Add("h", graph.Multiply("x", graph.Reshape("gain", -1, 1, 1))), graph.Add("c", "token"));
        graph.Output("first", graph.Node("Identity", [first]), OnnxType.Single, "N", 2L, 3L);
        graph.Output("second", graph.Node("Identity", [second]), OnnxType.Int64, "N", 1L);
        graph.Output("hn", first, OnnxType.Single, "N", 2L, 3L);
        graph.Output("cn", second, OnnxType.Int64, "N", 1L);
        return graph;
    }

    /// <summary>A cell whose state is its answer.</summary>
    public static OnnxModelBuilder Cell(object batch)
    {
        var graph = new OnnxModelBuilder(Opset, "cell", ["x", "h", "hn"]);
        graph.Input("x", OnnxType.Single, batch, 3L);
        graph.Input("h", OnnxType.Single, batch, 3L);
        graph.Output("hn", graph.Add("x", "h"), OnnxType.Single, batch, 3L);
        return graph;
    }

    /// <summary>Sums of gain times x; the gain has no axes.</summary>
    public static OnnxModelBuilder Gain()
    {
        var graph = new OnnxModelBuilder(Opset, "gain", ["x", "gain", "h", "y", "hn"]);
        graph.Input("x", OnnxType.Single, "N", 1L);
        graph.Input("gain", OnnxType.Single);
        graph.Input("h", OnnxType.Single, "N", 1L);
        var sum = graph.Add("h", graph.Multiply("x", "gain"));
        graph.Output("y", graph.Node("Identity", [sum]), OnnxType.Single, "N", 1L);
        graph.Output("hn", sum, OnnxType.Single, "N", 1L);
        return graph;
    }

    /// <summary>The number of the step times x; the state is a number without axes.</summary>
    public static OnnxModelBuilder StepNumber()
    {
        var graph = new OnnxModelBuilder(Opset, "number", ["x", "step_in", "y", "step_out"]);
        graph.Input("x", OnnxType.Single, 1L, 2L);
        graph.Input("step_in", OnnxType.Int64);
        var step = graph.Add("step_in", graph.Scalar(1L));
        graph.Output("y", graph.Multiply("x", graph.Cast(step, OnnxType.Single)), OnnxType.Single, 1L, 2L);
        graph.Output("step_out", step, OnnxType.Int64);
        return graph;
    }

    /// <summary>A graph without states.</summary>
    public static OnnxModelBuilder Stateless()
    {
        var graph = new OnnxModelBuilder(Opset, "stateless", ["x", "y"]);
        graph.Input("x", OnnxType.Single, "N", 3L);
        graph.Output("y", graph.Tanh("x"), OnnxType.Single, "N", 3L);
        return graph;
    }

    /// <summary>The sum of any number of samples, and of those before.</summary>
    public static OnnxModelBuilder Free()
    {
        var graph = new OnnxModelBuilder(Opset, "free", ["x", "h", "y", "hn"]);
        graph.Input("x", OnnxType.Single, "N", "samples");
        graph.Input("h", OnnxType.Single, "N", 1L);
        var sum = graph.Add("h", graph.ReduceSum("x", 1, keep: true));
        graph.Output("y", graph.Node("Identity", [sum]), OnnxType.Single, "N", 1L);
        graph.Output("hn", sum, OnnxType.Single, "N", 1L);
        return graph;
    }

    /// <summary>A state that grows with each step, as the keys and values of attention do.</summary>
    public static OnnxModelBuilder Growing()
    {
        var graph = new OnnxModelBuilder(Opset, "growing", ["x", "cache", "y", "cache_out"]);
        graph.Input("x", OnnxType.Single, "N", 3L);
        graph.Input("cache", OnnxType.Single, "N", "past", 3L);
        var cache = graph.Concat(1, "cache", graph.Unsqueeze("x", 1));
        graph.Output("y", graph.ReduceSum(cache, 1), OnnxType.Single, "N", 3L);
        graph.Output("cache_out", cache, OnnxType.Single, "N", "all", 3L);
        return graph;
    }
}
