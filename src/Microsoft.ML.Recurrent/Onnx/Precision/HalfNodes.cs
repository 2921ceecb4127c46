using Microsoft.ML.Recurrent.Onnx.Cells;
using Microsoft.ML.Recurrent.Onnx.Format;

namespace Microsoft.ML.Recurrent.Onnx.Precision;

/// <summary>
/// Makes recurrent layers and products with weights compute in 16-bit floats. Conversions surround each such node, so that the rest (raw columns,
/// standardization, masks, softmax) keeps its range. Runtimes fold the conversions of weights at load.
/// </summary>
internal static class HalfNodes
{
    // The sequence lengths of an LSTM, GRU or RNN node are integers.
    private const int Lengths = 4;

    public static void Convert(GraphProto graph)
    {
        var constant = graph.Initializer.Select(tensor => tensor.Name).ToHashSet();
        Dictionary<string, string> halves = [];
        List<NodeProto> nodes = [];
        foreach (var node in graph.Node)
        {
            var isRecurrent = OnnxCell.IsNode(node.OpType);
            if (node.Input.Count > 0 && node.Input.All(input => input.Length == 0 || constant.Contains(input))) constant.UnionWith(node.Output);
            else if (isRecurrent || node.OpType is "MatMul" or "Gemm" or "Conv" && node.Input.Skip(1).All(constant.Contains))
            {
                for (var i = 0; i < node.Input.Count; i++)
                    if (node.Input[i].Length > 0 && !(isRecurrent && i == Lengths)) node.Input[i] = ToHalf(node.Input[i]);
                nodes.Add(node);
                for (var i = 0; i < node.Output.Count; i++)
                {
                    var name = node.Output[i];
                    if (name.Length == 0) continue;
                    node.Output[i] = name + ".in_half";
                    var widen = WeightCompression.Node("Cast", [node.Output[i]], name, ("to", (long)OnnxType.Single));
                    widen.Name += ".single"; // The node itself is named after this output.
                    nodes.Add(widen);
                }
                continue;
            }
            nodes.Add(node);
        }
        graph.Node.Clear();
        graph.Node.Add(nodes);

        string ToHalf(string name)
        {
            if (halves.TryGetValue(name, out var half)) return half;
            halves.Add(name, half = name + ".to_half");
            nodes.Add(WeightCompression.Node("Cast", [name], half, ("to", (long)OnnxType.Half)));
            return half;
        }
    }
}
