using Microsoft.ML.Recurrent.Networks;

namespace Microsoft.ML.Recurrent.Onnx.Layers;

/// <summary>
/// Writes the parameters of a network, each as an initializer of the same name, so that the network can be loaded again (<see cref="NetworkReader"/>).
/// Recurrent parameters have ONNX's gate order and a first dimension for the direction.
/// </summary>
internal sealed class WeightWriter(OnnxGraphBuilder graph, Network network)
{
    private readonly Dictionary<string, string> _written = [], _transposed = [];

    /// <summary>Writes a parameter once for all nodes that use it.</summary>
    public string Write(string name)
    {
        if (_written.TryGetValue(name, out var written)) return written;
        var value = network[name].Value;
        _written.Add(name, written = graph.Parameter(name, value.Span, Array.ConvertAll(value.Shape.ToArray(), size => (long)size)));
        return written;
    }

    /// <summary>Writes a parameter [units, features] as the right operand of a product, [features, units]; once.</summary>
    public string Transposed(string name)
    {
        if (!_transposed.TryGetValue(name, out var written)) _transposed.Add(name, written = graph.Transpose(Write(name), 1, 0));
        return written;
    }

    /// <summary>x [n, inputs] times the weight of a layer, plus its bias.</summary>
    public string Gemm(string x, string layer) => graph.Gemm(x, Write(layer + ".weight"), Write(layer + ".bias"));

    /// <summary>The number of rows of a parameter [units, ...].</summary>
    public int Units(string name) => network[name].Value.Shape[0];

    /// <summary>Whether the network has a parameter.</summary>
    public bool Has(string name) => network.Parameters.Any(parameter => parameter.Name == name);

    /// <summary>Writes a recurrent parameter [gates x hidden, ...] as [1, gates x hidden, ...]; once.</summary>
    public string Gates(string name, int[] order)
    {
        if (_written.TryGetValue(name, out var written)) return written;
        var value = network[name].Value;
        var values = new float[value.Length];
        GateOrder.ToOnnx(value.Span, values, order);
        _written.Add(name, written = graph.Parameter(name, values, [1, .. value.Shape.ToArray().Select(size => (long)size)]));
        return written;
    }
}
