using Microsoft.ML.Recurrent.Autograd.Operations;
using Microsoft.ML.Recurrent.Onnx.Layers;

namespace Microsoft.ML.Recurrent.Onnx.Cells;

/// <summary>
/// Long short-term memory as an LSTM node: the network's gates are i, f, g, o, the node's i, o, f, c. With coupled gates the file has no block f; the node's
/// is the negated block i, since 1 - sigmoid(a) = sigmoid(-a). So runtimes need not know the attribute input_forget, with which ONNX Runtime would not run the
/// node on a GPU.
/// </summary>
internal sealed class OnnxLstm(bool coupled = false, bool peepholes = false) : OnnxCell("LSTM", ["sigmoid", "tanh", "tanh"])
{
    protected override bool IsRead => !coupled && !peepholes;

    public override RecurrentCell Variant(RecurrentCell kind, bool isCoupled, bool hasPeepholes) => (isCoupled, hasPeepholes) switch
    {
        (false, false) => kind,
        (false, true) => RecurrentCell.PeepholeLstm,
        (true, false) => RecurrentCell.CoupledLstm,
        (true, true) => RecurrentCell.CoupledPeepholeLstm,
    };

    // i, o, c become i, o, -i, c.
    public override string ForNode(OnnxGraphBuilder graph, string parameter, int hiddenSize) => !coupled ? parameter
        : graph.Concat(1, graph.Slice(parameter, 0, 2 * hiddenSize, 1), Negated(graph, parameter, hiddenSize),
            graph.Slice(parameter, 2 * hiddenSize, 3 * hiddenSize, 1));

    // i, o, f; i, o become i, o, -i.
    public override string Peepholes(OnnxGraphBuilder graph, string parameter, int hiddenSize) =>
        coupled ? graph.Concat(1, parameter, Negated(graph, parameter, hiddenSize)) : parameter;

    public override string[] Step(CellExporter cell, OnnxGraphBuilder body, string product, string[] before)
    {
        var layer = cell.Layer;
        var n = layer.HiddenSize;
        var recurrent = body.MatMul(before[0], cell.Transposed("weight_hh"));
        if (layer.LayerNormalization) recurrent = Normalized(recurrent, cell.Vector("gain_hh"), cell.Vector("bias_hh"));
        // i, o, f, c or i, o, c.
        var gates = body.Split(body.Add(product, recurrent), -1, coupled ? [n, n, n] : [n, n, n, n]);
        var (input, candidate) = (body.Sigmoid(Peeped(gates[0], 0, before[1])), body.Tanh(gates[^1]));
        var fresh = coupled ? body.Add(before[1], body.Multiply(input, body.Subtract(candidate, before[1])))
            : body.Add(body.Multiply(body.Sigmoid(Peeped(gates[2], 2, before[1])), before[1]), body.Multiply(input, candidate));
        var shown = layer.LayerNormalization ? Normalized(fresh, cell.Own("gain_c"), cell.Own("bias_c")) : fresh;
        var next = body.Multiply(body.Sigmoid(Peeped(gates[1], 1, fresh)), body.Tanh(shown));
        return [layer.Projection > 0 ? body.MatMul(next, cell.Once("weight_hr", () => cell.Graph.Transpose(cell.Own("weight_hr"), 1, 0))) : next, fresh];

        string Normalized(string x, string gain, string bias) => NormalizationExporter.LayerNorm(body, x, gain, bias, LayerNormOperation.DefaultEpsilon);

        // The weights of the gate's block times the memory that it reads.
        string Peeped(string gate, int block, string memory) => !peepholes ? gate : body.Add(gate, body.Multiply(memory,
            cell.Once($"weight_peephole_{block}", () => cell.Graph.Slice(cell.Own("weight_peephole"), block * n, (block + 1) * n, 0))));
    }

    private static string Negated(OnnxGraphBuilder graph, string parameter, int hiddenSize) =>
        graph.Node("Neg", [graph.Slice(parameter, 0, hiddenSize, 1)]);
}
