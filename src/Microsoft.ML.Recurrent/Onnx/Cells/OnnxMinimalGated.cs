using Microsoft.ML.Recurrent.Layers;
using Microsoft.ML.Recurrent.Onnx.Layers;

namespace Microsoft.ML.Recurrent.Onnx.Cells;

/// <summary>
/// A minimal gated unit as a GRU node that resets before the recurrent product, with tied gates: r = f, and z = 1 - f = sigmoid(-a) where f = sigmoid(a). The
/// file holds the network's blocks f, n; nodes convert them to the GRU's -f, f, n, which a runtime folds at load.
/// </summary>
internal sealed class OnnxMinimalGated() : OnnxCell("GRU", ["sigmoid", "tanh"])
{
    protected override bool IsRead => false;

    public override IEnumerable<OnnxAttribute> Attributes(RecurrentDescription layer) => [("linear_before_reset", 0L)];

    public override string ForNode(OnnxGraphBuilder graph, string parameter, int hiddenSize) =>
        graph.Concat(1, graph.Node("Neg", [graph.Slice(parameter, 0, hiddenSize, 1)]), parameter);

    public override string[] Step(CellExporter cell, OnnxGraphBuilder body, string product, string[] before)
    {
        var n = cell.Layer.HiddenSize;
        var h = before[0];
        string[] x = body.Split(product, -1, n, n), turned = cell.Graph.Split(cell.Transposed("weight_hh"), 1, n, n);
        var f = body.Sigmoid(body.Add(x[0], body.MatMul(h, turned[0])));
        var candidate = body.Tanh(body.Add(x[1], body.MatMul(body.Multiply(f, h), turned[1])));
        return [body.Add(h, body.Multiply(f, body.Subtract(candidate, h)))];
    }
}
