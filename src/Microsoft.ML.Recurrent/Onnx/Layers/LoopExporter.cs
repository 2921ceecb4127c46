using Microsoft.ML.Recurrent.Layers;

namespace Microsoft.ML.Recurrent.Onnx.Layers;

/// <summary>
/// A recurrent layer as loops (Scan), one per direction: for cells that no LSTM, GRU or RNN node represents, those with zoneout or inner normalization.
/// State-independent parts are computed before the loop, for all steps at once. The outputs have the shapes of such a node's outputs.
/// </summary>
internal sealed class LoopExporter
{
    private readonly OnnxGraphBuilder _graph;
    private readonly RecurrentDescription _layer;
    private readonly CellExporter _cell;
    private readonly string _suffix;

    private LoopExporter(OnnxGraphBuilder graph, RecurrentDescription layer, WeightWriter weights, bool reverse)
    {
        (_graph, _layer, _suffix) = (graph, layer, reverse ? "_reverse" : "");
        _cell = new(graph, layer, weights, _suffix);
    }

    public static bool IsNeeded(RecurrentDescription layer) => layer.LayerNormalization || layer.ZoneoutHidden > 0 || layer.ZoneoutCell > 0;

    /// <summary>Writes the layer, of one direction if it begins with given states.</summary>
    public static RecurrentEnd Write(OnnxGraphBuilder graph, RecurrentDescription layer, WeightWriter weights, string x, string lengths,
        RecurrentEnd? begin = null)
    {
        var active = lengths.Length > 0 ? new Flow(graph, x, features: 0, lengths).Mask : null;
        var end = new LoopExporter(graph, layer, weights, reverse: false).Direction(x, active, backward: false, begin);
        if (layer.Bidirectional)
        {
            var reverse = new LoopExporter(graph, layer, weights, reverse: true).Direction(x, active, backward: true);
            end = new(graph.Concat(1, end.Y, reverse.Y), graph.Concat(0, end.H, reverse.H), end.C is null ? null : graph.Concat(0, end.C, reverse.C!));
        }
        // Steps past the length of a row are zeros.
        return active is null ? end : end with { Y = graph.Where(graph.Unsqueeze(active, 1), end.Y, 0f) };
    }

    private RecurrentEnd Direction(string x, string? active, bool backward, RecurrentEnd? begin = null)
    {
        var products = _cell.InputProducts(x);
        var (states, sizes) = States(x);
        if (begin is not null) states = [begin.H, .. begin.C is { } c ? new[] { c } : []];
        var body = new OnnxBodyBuilder(_graph, $"{_layer.Name}{_suffix}_step");
        string[] before = [.. sizes.Select((size, i) => body.Input(i == 0 ? "h" : "c", OnnxType.Single, 1, null, size))];
        var product = body.Input("product", OnnxType.Single, null, _cell.ProductSize);
        var isStep = active is null ? null : body.Input("is_step", OnnxType.Boolean, null, 1);

        var after = _cell.Step(body, product, before);
        for (var i = 0; i < after.Length; i++)
        {
            if (isStep is not null) after[i] = body.Where(isStep, after[i], before[i]);
            body.Output(i == 0 ? "h_next" : "c_next", after[i], OnnxType.Single, 1, null, sizes[i]);
        }
        body.Output("y", after[0], OnnxType.Single, 1, null, sizes[0]);

        string[] sequences = active is null ? [products] : [products, active];
        List<OnnxAttribute> attributes = [("body", body.Graph), ("num_scan_inputs", (long)sequences.Length)];
        if (backward)
        {
            attributes.Add(("scan_input_directions", sequences.Select(_ => 1L).ToArray()));
            attributes.Add(("scan_output_directions", new[] { 1L }));
        }
        var outputs = _graph.Nodes("Scan", [.. states, .. sequences], states.Length + 1, [.. attributes]);
        return new(outputs[^1], outputs[0], states.Length > 1 ? outputs[1] : null);
    }

    // The states before the first step: zeros [1, batch, size].
    private (string[] Names, int[] Sizes) States(string x)
    {
        var sizes = _cell.StateSizes;
        var batch = _graph.Unsqueeze(_graph.Size(x, 1), 0);
        return ([.. sizes.Select(
            size => _graph.Node("Expand", [_graph.Scalar(0f), _graph.Concat(0, _graph.Constant(1L), batch, _graph.Constant((long)size))]))], sizes);
    }
}
