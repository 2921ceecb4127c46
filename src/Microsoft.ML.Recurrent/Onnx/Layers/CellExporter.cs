using Microsoft.ML.Recurrent.Autograd.Operations;
using Microsoft.ML.Recurrent.Layers;

namespace Microsoft.ML.Recurrent.Onnx.Layers;

/// <summary>
/// One step of one direction of a recurrent layer as ordinary nodes: for the body of a loop, or for the steps of a decoder, and for what no LSTM, GRU or RNN node can say. Gates are in ONNX's order. Weights are
/// written, turned and flattened once, in the graph around the steps.
/// </summary>
internal sealed class CellExporter(OnnxGraphBuilder graph, RecurrentDescription layer, WeightWriter weights, string suffix = "")
{
    private readonly int[] _gates = GateOrder.Of(layer.Cell);
    private readonly Dictionary<string, string> _written = [];

    /// <summary>Numbers of a step's products, all gates together.</summary>
    public int ProductSize => _gates.Length * layer.HiddenSize;

    /// <summary>Sizes of the states: h, and c of an LSTM.</summary>
    public int[] StateSizes => layer.Cell is RecurrentCell.Lstm ? [layer.StateSize, layer.HiddenSize] : [layer.StateSize];

    /// <summary>What of a step does not depend on the state, x W + b, for as many steps as there are: [..., features] to [..., gates x hidden].</summary>
    public string InputProducts(string x)
    {
        string y = graph.MatMul(x, Transposed("weight_ih"));
        if (layer.LayerNormalization) return NormalizationExporter.LayerNorm(graph, y, Vector("gain_ih"), Vector("bias_ih"), LayerNormOperation.DefaultEpsilon);
        y = graph.Add(y, Vector("bias_ih"));
        // A GRU that resets after the product keeps the other bias inside it.
        return layer is { Cell: RecurrentCell.Gru, ResetAfter: true } ? y : graph.Add(y, Vector("bias_hh"));
    }

    /// <summary>The states after a step.</summary>
    /// <param name="body">Where the step's nodes go.</param>
    /// <param name="product">What <see cref="InputProducts"/> gives of the step.</param>
    /// <param name="before">The states before.</param>
    public string[] Step(OnnxGraphBuilder body, string product, string[] before)
    {
        string[] after = layer.Cell switch
        {
            RecurrentCell.Lstm => Lstm(body, product, before[0], before[1]),
            RecurrentCell.Gru => [Gru(body, product, before[0])],
            _ => [Activate(body, body.Add(product, body.MatMul(before[0], Transposed("weight_hh"))))],
        };
        for (var i = 0; i < after.Length; i++) after[i] = Mix(body, before[i], after[i], i == 0 ? layer.ZoneoutHidden : layer.ZoneoutCell);
        return after;
    }

    /// <summary>A whole step of a decoder, [1, batch, features]; it has one direction.</summary>
    public RecurrentEnd Step(string x, RecurrentEnd state)
    {
        string[] after = Step(graph, InputProducts(x), state.C is { } memory ? [state.H, memory] : [state.H]);
        return new("", after[0], after.Length > 1 ? after[1] : null);
    }

    // Gates i, o, f, c.
    private string[] Lstm(OnnxGraphBuilder body, string product, string h, string c)
    {
        int n = layer.HiddenSize;
        string recurrent = body.MatMul(h, Transposed("weight_hh"));
        if (layer.LayerNormalization) recurrent = NormalizationExporter.LayerNorm(body, recurrent, Vector("gain_hh"), Vector("bias_hh"), LayerNormOperation.DefaultEpsilon);
        string[] parts = body.Split(body.Add(product, recurrent), -1, 3 * n, n);
        string[] gates = body.Split(body.Sigmoid(parts[0]), -1, n, n, n);
        string fresh = body.Add(body.Multiply(gates[2], c), body.Multiply(gates[0], body.Tanh(parts[1])));
        string shown = layer.LayerNormalization ? NormalizationExporter.LayerNorm(body, fresh, Own("gain_c"), Own("bias_c"), LayerNormOperation.DefaultEpsilon) : fresh;
        string next = body.Multiply(gates[1], body.Tanh(shown));
        return [layer.Projection > 0 ? body.MatMul(next, Once("weight_hr", () => graph.Transpose(Own("weight_hr"), 1, 0))) : next, fresh];
    }

    // Gates z, r, h.
    private string Gru(OnnxGraphBuilder body, string product, string h)
    {
        int n = layer.HiddenSize;
        string[] x = body.Split(product, -1, 2 * n, n);
        string candidate;
        string[] gates;
        if (layer.ResetAfter)
        {
            string[] recurrent = body.Split(body.Add(body.MatMul(h, Transposed("weight_hh")), Vector("bias_hh")), -1, 2 * n, n);
            gates = body.Split(body.Sigmoid(body.Add(x[0], recurrent[0])), -1, n, n);
            candidate = body.Add(x[1], body.Multiply(gates[1], recurrent[1]));
        }
        else
        {
            string[] turned = graph.Split(Transposed("weight_hh"), 1, 2 * n, n);
            gates = body.Split(body.Sigmoid(body.Add(x[0], body.MatMul(h, turned[0]))), -1, n, n);
            candidate = body.Add(x[1], body.MatMul(body.Multiply(gates[1], h), turned[1]));
        }
        candidate = body.Tanh(candidate);
        return body.Add(candidate, body.Multiply(gates[0], body.Subtract(h, candidate)));
    }

    private string Activate(OnnxGraphBuilder body, string x) => layer.Activation switch
    {
        RecurrentActivation.Tanh => body.Tanh(x),
        RecurrentActivation.Relu => body.Relu(x),
        RecurrentActivation.Sigmoid => body.Sigmoid(x),
        RecurrentActivation.LeakyRelu => body.Node("LeakyRelu", [x], ("alpha", 0.01f)),
        RecurrentActivation.Elu => body.Node("Elu", [x], ("alpha", 1f)),
        _ => throw new NotSupportedException($"The activation {layer.Activation} of the layer '{layer.Name}' has no ONNX form."),
    };

    // At inference zoneout takes the mean of what it would draw.
    private static string Mix(OnnxGraphBuilder body, string before, string after, float zoneout) =>
        zoneout > 0 ? body.Add(after, body.Multiply(body.Subtract(before, after), body.Scalar(zoneout))) : after;

    private string Transposed(string parameter) => Once(parameter, () =>
    {
        int columns = parameter == "weight_hh" ? layer.StateSize : -1;
        return graph.Transpose(graph.Reshape(Gates(parameter), ProductSize, columns), 1, 0);
    });

    private string Vector(string parameter) => Once(parameter, () => graph.Reshape(Gates(parameter), -1));

    private string Gates(string parameter) => weights.Gates($"{layer.Name}.{parameter}{suffix}", _gates);

    private string Own(string parameter) => weights.Write($"{layer.Name}.{parameter}{suffix}");

    private string Once(string key, Func<string> write)
    {
        if (!_written.TryGetValue(key, out string? written)) _written.Add(key, written = write());
        return written;
    }
}
