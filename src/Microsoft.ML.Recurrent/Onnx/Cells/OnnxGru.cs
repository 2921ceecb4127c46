using Microsoft.ML.Recurrent.Layers;
using Microsoft.ML.Recurrent.Onnx.Layers;

namespace Microsoft.ML.Recurrent.Onnx.Cells;

/// <summary>A gated recurrent unit as a GRU node: the network's gates are r, z, n, the node's z, r, h.</summary>
internal sealed class OnnxGru() : OnnxCell("GRU", ["sigmoid", "tanh"])
{
    public override IEnumerable<OnnxAttribute> Attributes(RecurrentDescription layer) => [("linear_before_reset", layer.ResetAfter ? 1L : 0L)];

    public override string[] Step(CellExporter cell, OnnxGraphBuilder body, string product, string[] before)
    {
        var n = cell.Layer.HiddenSize;
        string h = before[0], candidate;
        string[] x = body.Split(product, -1, 2 * n, n), gates;
        if (cell.Layer.ResetAfter)
        {
            var recurrent = body.Split(body.Add(body.MatMul(h, cell.Transposed("weight_hh")), cell.Vector("bias_hh")), -1, 2 * n, n);
            gates = body.Split(body.Sigmoid(body.Add(x[0], recurrent[0])), -1, n, n);
            candidate = body.Add(x[1], body.Multiply(gates[1], recurrent[1]));
        }
        else
        {
            var turned = cell.Graph.Split(cell.Transposed("weight_hh"), 1, 2 * n, n);
            gates = body.Split(body.Sigmoid(body.Add(x[0], body.MatMul(h, turned[0]))), -1, n, n);
            candidate = body.Add(x[1], body.MatMul(body.Multiply(gates[1], h), turned[1]));
        }
        candidate = body.Tanh(candidate);
        return [body.Add(candidate, body.Multiply(gates[0], body.Subtract(h, candidate)))];
    }
}
