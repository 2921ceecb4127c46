using Microsoft.ML.Recurrent.Autograd.Operations;
using Microsoft.ML.Recurrent.Layers;
using Microsoft.ML.Recurrent.Onnx.Cells;

namespace Microsoft.ML.Recurrent.Onnx.Layers;

/// <summary>
/// One step of one direction of a recurrent layer as ordinary nodes: for the body of a loop or the steps of a decoder, where an LSTM, GRU or RNN node does not
/// suffice. Gates are in file order. Weights are written, transposed and flattened once, in the outer graph.
/// </summary>
internal sealed class CellExporter(OnnxGraphBuilder graph, RecurrentDescription layer, WeightWriter weights, string suffix = "")
{
    private readonly OnnxCell _cell = OnnxCell.For(layer.Cell);
    private readonly Dictionary<string, string> _written = [];

    /// <summary>Width of the products of a step: all gates.</summary>
    public int ProductSize => layer.Descriptor.Gates * layer.HiddenSize;

    /// <summary>The outer graph.</summary>
    public OnnxGraphBuilder Graph => graph;

    /// <summary>The layer.</summary>
    public RecurrentDescription Layer => layer;

    /// <summary>Sizes of the states: h, and c of a cell with a memory.</summary>
    public int[] StateSizes => layer.Descriptor.HasMemory ? [layer.StateSize, layer.HiddenSize] : [layer.StateSize];

    /// <summary>The state-independent part of the steps, x W + b: [..., features] to [..., gates x hidden].</summary>
    public string InputProducts(string x) => ProductsIn(graph, x);

    private string ProductsIn(OnnxGraphBuilder body, string x)
    {
        var y = body.MatMul(x, Transposed("weight_ih"));
        if (layer.LayerNormalization) return NormalizationExporter.LayerNorm(body, y, Vector("gain_ih"), Vector("bias_ih"), LayerNormOperation.DefaultEpsilon);
        y = body.Add(y, Vector("bias_ih"));
        // A cell that resets after the product applies the other bias inside the step.
        return layer.Descriptor.HasCandidate && !layer.ResetsBefore ? y : body.Add(y, Vector("bias_hh"));
    }

    /// <summary>The states after a step.</summary>
    /// <param name="body">The graph of the step.</param>
    /// <param name="product">The step of <see cref="InputProducts"/>.</param>
    /// <param name="before">The previous states.</param>
    public string[] Step(OnnxGraphBuilder body, string product, string[] before)
    {
        var after = _cell.Step(this, body, product, before);
        for (var i = 0; i < after.Length; i++) after[i] = Mix(body, before[i], after[i], i == 0 ? layer.ZoneoutHidden : layer.ZoneoutCell);
        return after;
    }

    /// <summary>A whole step of a unidirectional decoder layer, [1, batch, features].</summary>
    public RecurrentEnd Step(OnnxGraphBuilder body, string x, RecurrentEnd state)
    {
        var after = Step(body, ProductsIn(body, x), state.C is { } memory ? [state.H, memory] : [state.H]);
        return new("", after[0], after.Length > 1 ? after[1] : null);
    }

    // At inference, zoneout uses its expectation.
    private static string Mix(OnnxGraphBuilder body, string before, string after, float zoneout) =>
        zoneout > 0 ? body.Add(after, body.Multiply(body.Subtract(before, after), zoneout)) : after;

    /// <summary>A matrix of the gates as the right operand of a product, [..., gates x hidden].</summary>
    public string Transposed(string parameter) => Once(parameter, () =>
    {
        var columns = parameter == "weight_hh" ? layer.StateSize : -1;
        return graph.Transpose(graph.Reshape(Gates(parameter), ProductSize, columns), 1, 0);
    });

    /// <summary>A vector of the gates, [gates x hidden].</summary>
    public string Vector(string parameter) => Once(parameter, () => graph.Reshape(Gates(parameter), -1));

    private string Gates(string parameter) => weights.Gates($"{layer.Name}.{parameter}{suffix}", layer.Descriptor.FileOrder);

    /// <summary>A parameter without gates, unchanged.</summary>
    public string Own(string parameter) => weights.Write($"{layer.Name}.{parameter}{suffix}");

    /// <summary>A value shared by the steps.</summary>
    public string Once(string key, Func<string> write)
    {
        if (!_written.TryGetValue(key, out var written)) _written.Add(key, written = write());
        return written;
    }
}
