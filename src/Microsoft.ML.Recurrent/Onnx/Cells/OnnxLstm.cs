using Microsoft.ML.Recurrent.Autograd.Operations;
using Microsoft.ML.Recurrent.Onnx.Layers;

namespace Microsoft.ML.Recurrent.Onnx.Cells;

/// <summary>Long short-term memory as an LSTM node: the network's gates are i, f, g, o, the node's i, o, f, c.</summary>
internal sealed class OnnxLstm() : OnnxCell("LSTM", ["sigmoid", "tanh", "tanh"])
{
    public override string[] Step(CellExporter cell, OnnxGraphBuilder body, string product, string[] before)
    {
        var layer = cell.Layer;
        var n = layer.HiddenSize;
        var recurrent = body.MatMul(before[0], cell.Transposed("weight_hh"));
        if (layer.LayerNormalization) recurrent = Normalized(recurrent, cell.Vector("gain_hh"), cell.Vector("bias_hh"));
        var parts = body.Split(body.Add(product, recurrent), -1, 3 * n, n);
        var gates = body.Split(body.Sigmoid(parts[0]), -1, n, n, n);
        var fresh = body.Add(body.Multiply(gates[2], before[1]), body.Multiply(gates[0], body.Tanh(parts[1])));
        var shown = layer.LayerNormalization ? Normalized(fresh, cell.Own("gain_c"), cell.Own("bias_c")) : fresh;
        var next = body.Multiply(gates[1], body.Tanh(shown));
        return [layer.Projection > 0 ? body.MatMul(next, cell.Once("weight_hr", () => cell.Graph.Transpose(cell.Own("weight_hr"), 1, 0))) : next, fresh];

        string Normalized(string x, string gain, string bias) => NormalizationExporter.LayerNorm(body, x, gain, bias, LayerNormOperation.DefaultEpsilon);
    }
}
