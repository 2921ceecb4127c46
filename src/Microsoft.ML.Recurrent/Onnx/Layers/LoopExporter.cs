using Microsoft.ML.Recurrent.Autograd.Operations;
using Microsoft.ML.Recurrent.Networks;

namespace Microsoft.ML.Recurrent.Onnx.Layers;

/// <summary>
/// A recurrent layer as loops (Scan), one a direction: for cells that no LSTM, GRU or RNN node can say, which are those with zoneout and with normalization inside. What does not depend on the state
/// is computed before the loop, for all steps at once. Gates are in ONNX's order, and the tensors that come out have the shapes of such a node's.
/// </summary>
internal sealed class LoopExporter
{
    private readonly OnnxGraphBuilder _graph;
    private readonly RecurrentDescription _layer;
    private readonly WeightWriter _weights;
    private readonly int[] _gates;
    private readonly string _suffix;

    private LoopExporter(OnnxGraphBuilder graph, RecurrentDescription layer, WeightWriter weights, bool reverse)
    {
        (_graph, _layer, _weights, _suffix) = (graph, layer, weights, reverse ? "_reverse" : "");
        _gates = GateOrder.Of(layer.Cell);
    }

    public static bool IsNeeded(RecurrentDescription layer) => layer.LayerNormalization || layer.ZoneoutHidden > 0 || layer.ZoneoutCell > 0;

    /// <summary>Writes the layer.</summary>
    /// <returns>All states [time, directions, batch, state], and the last ones [directions, batch, state].</returns>
    public static (string Y, string Last) Write(OnnxGraphBuilder graph, RecurrentDescription layer, WeightWriter weights, string x, string lengths)
    {
        string? active = lengths.Length > 0 ? new Flow(graph, x, features: 0, lengths).Mask : null;
        var (y, last) = new LoopExporter(graph, layer, weights, reverse: false).Direction(x, active, backward: false);
        if (layer.Bidirectional)
        {
            var (yReverse, lastReverse) = new LoopExporter(graph, layer, weights, reverse: true).Direction(x, active, backward: true);
            (y, last) = (graph.Concat(1, y, yReverse), graph.Concat(0, last, lastReverse));
        }
        // Steps past a row's length are zeros.
        return (active is null ? y : graph.Where(graph.Unsqueeze(active, 1), y, graph.Scalar(0f)), last);
    }

    private (string Y, string Last) Direction(string x, string? active, bool backward)
    {
        string products = InputProducts(x);
        var (states, sizes) = States(x);
        var body = new OnnxBodyBuilder(_graph, $"{_layer.Name}{_suffix}_step");
        string[] before = [.. sizes.Select((size, i) => body.Input(i == 0 ? "h" : "c", OnnxType.Single, 1, null, size))];
        string product = body.Input("product", OnnxType.Single, null, _gates.Length * _layer.HiddenSize);
        string? isStep = active is null ? null : body.Input("is_step", OnnxType.Boolean, null, 1);

        string[] after = Cell(body, product, before);
        for (var i = 0; i < after.Length; i++)
        {
            after[i] = Mix(body, before[i], after[i], i == 0 ? _layer.ZoneoutHidden : _layer.ZoneoutCell);
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
        string[] outputs = _graph.Nodes("Scan", [.. states, .. sequences], states.Length + 1, [.. attributes]);
        return (outputs[^1], outputs[0]);
    }

    // x W + b for all steps, [time, batch, gates x hidden].
    private string InputProducts(string x)
    {
        string y = _graph.MatMul(x, Transposed("weight_ih"));
        if (_layer.LayerNormalization) return NormalizationExporter.LayerNorm(_graph, y, Vector("gain_ih"), Vector("bias_ih"), LayerNormOperation.DefaultEpsilon);
        y = _graph.Add(y, Vector("bias_ih"));
        // A GRU that resets after the product keeps the other bias inside it.
        return IsResetAfter ? y : _graph.Add(y, Vector("bias_hh"));
    }

    private bool IsResetAfter => _layer is { Cell: RecurrentCell.Gru, ResetAfter: true };

    // The states before the first step: zeros [1, batch, size].
    private (string[] Names, int[] Sizes) States(string x)
    {
        int[] sizes = _layer.Cell is RecurrentCell.Lstm ? [_layer.StateSize, _layer.HiddenSize] : [_layer.StateSize];
        string batch = _graph.Unsqueeze(_graph.Size(x, 1), 0);
        return ([.. sizes.Select(size => _graph.Node("Expand", [_graph.Scalar(0f), _graph.Concat(0, _graph.Constant(1L), batch, _graph.Constant((long)size))]))], sizes);
    }

    private string[] Cell(OnnxBodyBuilder body, string product, string[] before) => _layer.Cell switch
    {
        RecurrentCell.Lstm => Lstm(body, product, before[0], before[1]),
        RecurrentCell.Gru => [Gru(body, product, before[0])],
        _ => [Activate(body, body.Add(product, body.MatMul(before[0], Transposed("weight_hh"))))],
    };

    // Gates i, o, f, c.
    private string[] Lstm(OnnxBodyBuilder body, string product, string h, string c)
    {
        int n = _layer.HiddenSize;
        string recurrent = body.MatMul(h, Transposed("weight_hh"));
        if (_layer.LayerNormalization) recurrent = NormalizationExporter.LayerNorm(body, recurrent, Vector("gain_hh"), Vector("bias_hh"), LayerNormOperation.DefaultEpsilon);
        string[] parts = body.Split(body.Add(product, recurrent), -1, 3 * n, n);
        string[] gates = body.Split(body.Sigmoid(parts[0]), -1, n, n, n);
        string fresh = body.Add(body.Multiply(gates[2], c), body.Multiply(gates[0], body.Tanh(parts[1])));
        string shown = _layer.LayerNormalization ? NormalizationExporter.LayerNorm(body, fresh, Own("gain_c"), Own("bias_c"), LayerNormOperation.DefaultEpsilon) : fresh;
        string next = body.Multiply(gates[1], body.Tanh(shown));
        return [_layer.Projection > 0 ? body.MatMul(next, _graph.Transpose(Own("weight_hr"), 1, 0)) : next, fresh];
    }

    // Gates z, r, h.
    private string Gru(OnnxBodyBuilder body, string product, string h)
    {
        int n = _layer.HiddenSize;
        string[] x = body.Split(product, -1, 2 * n, n);
        string candidate;
        string[] gates;
        if (_layer.ResetAfter)
        {
            string[] recurrent = body.Split(body.Add(body.MatMul(h, Transposed("weight_hh")), Vector("bias_hh")), -1, 2 * n, n);
            gates = body.Split(body.Sigmoid(body.Add(x[0], recurrent[0])), -1, n, n);
            candidate = body.Add(x[1], body.Multiply(gates[1], recurrent[1]));
        }
        else
        {
            string[] weights = _graph.Split(Transposed("weight_hh"), 1, 2 * n, n);
            gates = body.Split(body.Sigmoid(body.Add(x[0], body.MatMul(h, weights[0]))), -1, n, n);
            candidate = body.Add(x[1], body.MatMul(body.Multiply(gates[1], h), weights[1]));
        }
        candidate = body.Tanh(candidate);
        return body.Add(candidate, body.Multiply(gates[0], body.Subtract(h, candidate)));
    }

    private string Activate(OnnxBodyBuilder body, string x) => _layer.Activation switch
    {
        RecurrentActivation.Tanh => body.Tanh(x),
        RecurrentActivation.Relu => body.Relu(x),
        RecurrentActivation.Sigmoid => body.Sigmoid(x),
        RecurrentActivation.LeakyRelu => body.Node("LeakyRelu", [x], ("alpha", 0.01f)),
        RecurrentActivation.Elu => body.Node("Elu", [x], ("alpha", 1f)),
        _ => throw new NotSupportedException($"The activation {_layer.Activation} of the layer '{_layer.Name}' has no ONNX form."),
    };

    // At inference zoneout takes the mean of what it would draw.
    private static string Mix(OnnxBodyBuilder body, string before, string after, float zoneout) =>
        zoneout > 0 ? body.Add(after, body.Multiply(body.Subtract(before, after), body.Scalar(zoneout))) : after;

    // Weights are written, turned and flattened outside the loop.
    private string Transposed(string parameter)
    {
        int columns = parameter == "weight_hh" ? _layer.StateSize : -1;
        return _graph.Transpose(_graph.Reshape(Gates(parameter), _gates.Length * _layer.HiddenSize, columns), 1, 0);
    }

    private string Vector(string parameter) => _graph.Reshape(Gates(parameter), -1);

    private string Gates(string parameter) => _weights.Gates($"{_layer.Name}.{parameter}{_suffix}", _gates);

    private string Own(string parameter) => _weights.Write($"{_layer.Name}.{parameter}{_suffix}");
}
