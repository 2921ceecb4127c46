using Microsoft.ML.Recurrent.Layers;
using Microsoft.ML.Recurrent.Onnx.Cells;

namespace Microsoft.ML.Recurrent.Onnx.Layers;

/// <summary>An LSTM, GRU or RNN node of one layer; its weights are written once and shared by several nodes.</summary>
internal sealed class RecurrentNode
{
    // The index of the peephole weights among the inputs of an LSTM node.
    private const int PeepholeInput = 7;

    private readonly RecurrentDescription _layer;
    private readonly string _operation, _w, _r, _b;
    private readonly string? _projection, _peepholes;
    private readonly OnnxAttribute[] _attributes;

    private RecurrentNode(OnnxGraphBuilder graph, RecurrentDescription layer, WeightWriter weights)
    {
        _layer = layer;
        var cell = OnnxCell.For(layer.Cell);
        string[] suffixes = layer.Bidirectional ? ["", "_reverse"] : [""];
        string Join(Func<string, string> write) => graph.Concat(0, suffixes.Select(write).ToArray());
        string Gates(string parameter) => cell.ForNode(graph, weights.Gates($"{layer.Name}.{parameter}", layer.Descriptor.FileOrder), layer.HiddenSize);

        _w = Join(suffix => Gates($"weight_ih{suffix}"));
        _r = Join(suffix => Gates($"weight_hh{suffix}"));
        // The bias is always written: with it, ONNX Runtime never chose the wrong path for a GRU that resets after the product.
        _b = Join(suffix => graph.Concat(1, Gates($"bias_ih{suffix}"), Gates($"bias_hh{suffix}")));
        _projection = layer.Projection > 0 ? Join(suffix => graph.Unsqueeze(weights.Write($"{layer.Name}.weight_hr{suffix}"), 0)) : null;
        if (layer.Descriptor.Peepholes.Length > 0)
            _peepholes = Join(suffix => cell.Peepholes(graph, graph.Unsqueeze(weights.Write($"{layer.Name}.weight_peephole{suffix}"), 0), layer.HiddenSize));
        if (_projection is not null) _r = graph.MatMul(_r, _projection);

        _operation = cell.Operation;
        _attributes = [("hidden_size", (long)layer.HiddenSize), ("direction", layer.Bidirectional ? "bidirectional" : "forward"), .. cell.Attributes(layer)];
    }

    public static RecurrentNode Write(OnnxGraphBuilder graph, RecurrentDescription layer, WeightWriter weights) => new(graph, layer, weights);

    /// <summary>Adds a node.</summary>
    /// <param name="graph">The target graph.</param>
    /// <param name="x">[time, batch, features].</param>
    /// <param name="lengths">The length of each row; empty if all rows have all steps.</param>
    /// <param name="begin">The initial states; null for zeros. That of a projected layer is not projected.</param>
    /// <param name="keepsMemory">Whether to output the last memory, for a cell that has one.</param>
    public RecurrentEnd Run(OnnxGraphBuilder graph, string x, string lengths, RecurrentEnd? begin = null, bool keepsMemory = false)
    {
        var hasMemory = keepsMemory && _layer.Descriptor.HasMemory;
        string[] inputs = [x, _w, _r, _b,
            .. begin is { H: var h, C: var memory } ? new[] { lengths, h }.Concat(memory is null ? [] : [memory]) : lengths.Length > 0 ? [lengths] : []];
        if (_peepholes is not null) inputs = [.. inputs, .. Enumerable.Repeat("", PeepholeInput - inputs.Length), _peepholes];
        var outputs = graph.Nodes(_operation, inputs, hasMemory ? 3 : 2, _attributes);
        var c = hasMemory ? outputs[2] : null;
        if (_projection is null) return new(outputs[0], outputs[1], c);
        var transposed = graph.Transpose(_projection, 0, 2, 1);
        return new(graph.MatMul(outputs[0], transposed), graph.MatMul(outputs[1], transposed), c) { Unprojected = outputs[1] };
    }
}

/// <summary>
/// The outputs of a recurrent node: all states [time, directions, batch, state], the last states [directions, batch, state] and, for a cell with a memory, the
/// last memory [directions, batch, hidden].
/// </summary>
internal sealed record RecurrentEnd(string Y, string H, string? C)
{
    /// <summary>The last states before they were projected, from which the layer goes on.</summary>
    public string Unprojected { get => field ?? H; init; }
}
