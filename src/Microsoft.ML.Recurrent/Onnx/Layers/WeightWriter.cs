using Microsoft.ML.Recurrent.Networks;

namespace Microsoft.ML.Recurrent.Onnx.Layers;

/// <summary>
/// Writes a network's parameters, each as one initializer of the parameter's own name, so that the network can be read back (<see cref="NetworkReader"/>). Recurrent ones have ONNX's gate order
/// and a first dimension for the direction.
/// </summary>
internal sealed class WeightWriter(OnnxGraphBuilder graph, Network network)
{
    private readonly Dictionary<string, string> _written = [];

    /// <summary>A parameter as it is.</summary>
    public string Write(string name)
    {
        var value = network[name].Value;
        return graph.Parameter(name, value.Span, Array.ConvertAll(value.Shape.ToArray(), size => (long)size));
    }

    /// <summary>A parameter that several nodes may use: a fixed one, or a table that a head is tied to.</summary>
    public string Fixed(string name)
    {
        if (!_written.TryGetValue(name, out var written)) _written.Add(name, written = Write(name));
        return written;
    }

    /// <summary>A recurrent layer's parameter [gates x hidden, ...] as [1, gates x hidden, ...].</summary>
    public string Gates(string name, int[] order)
    {
        var value = network[name].Value;
        float[] values = new float[value.Length];
        GateOrder.ToOnnx(value.Span, values, order);
        return graph.Parameter(name, values, [1, .. value.Shape.ToArray().Select(size => (long)size)]);
    }
}
