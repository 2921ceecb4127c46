using Microsoft.ML.Recurrent.Layers;

namespace Microsoft.ML.Recurrent.Onnx.Layers;

/// <summary>
/// One LSTM, GRU or RNN node per layer, including both directions; loops if no such node represents the cell (<see cref="LoopExporter"/>). A projected LSTM
/// runs unprojected with the recurrent weights R P, and its states are projected afterwards. A dilated layer treats every dilation-th step as a separate row.
/// </summary>
internal static class RecurrentExporter
{
    public static void Export(Flow flow, RecurrentDescription layer, WeightWriter weights)
    {
        var graph = flow.Graph;
        var directions = layer.Bidirectional ? 2 : 1;
        var (x, lengths) = layer.Dilation > 1 ? Dilate(flow, layer.Dilation) : (flow.Tensor, flow.Lengths);
        var node = LoopExporter.IsNeeded(layer) ? null : RecurrentNode.Write(graph, layer, weights);
        var begin = flow.Begins?.Invoke(layer);
        var end = node?.Run(graph, x, lengths, begin, keepsMemory: flow.Ends is not null)
            ?? LoopExporter.Write(graph, layer, weights, x, lengths, begin);
        flow.Ends?.Add(layer.Name, (node, end));
        (var y, var last) = (end.Y, end.H);

        // [time, directions, batch, state] to [time, batch, directions x state], and the last states [batch, directions x state].
        var merges = layer.Bidirectional && layer.Merge is not BidirectionalMerge.Concat;
        var states = !layer.Bidirectional
            ? graph.Reshape(y, 0, -1, layer.StateSize)
            : graph.Reshape(graph.Transpose(y, 0, 2, 1, 3), 0, 0, 2 * layer.StateSize);
        if (layer.Dilation > 1)
        {
            states = Undilate(flow, states, directions * layer.StateSize);
            last = null;
        }

        var lastVector = last is null ? LastOf(flow, states, layer) : null;
        if (merges)
        {
            lastVector ??= graph.Reshape(graph.Transpose(last!, 1, 0, 2), -1, 2 * layer.StateSize);
            (states, lastVector, last) = (Merge(graph, states, layer, 2), Merge(graph, lastVector, layer, 1), null);
        }

        if (layer.Residual)
        {
            states = graph.Add(states, flow.Tensor);
            (last, lastVector) = (null, layer.Bidirectional && !merges ? LastOf(flow, states, layer) : null);
        }

        flow.Sequence(states, layer.OutputSize, last, lastVector);
    }

    // Every dilation-th step as a separate row: [time, batch, features] to [time / dilation, dilation x batch, features], padded to whole multiples, and the
    // lengths of the rows.
    private static (string X, string Lengths) Dilate(Flow flow, int dilation)
    {
        var graph = flow.Graph;
        string d = graph.Scalar((long)dilation), time = graph.Size(flow.Tensor, 0), batch = graph.Unsqueeze(graph.Size(flow.Tensor, 1), 0);
        // (dilation - time % dilation) % dilation steps of zeros.
        var padding = graph.Node("Mod", [graph.Subtract(d, graph.Node("Mod", [time, d])), d]);
        var pads = graph.Concat(0, graph.Constant(0L, 0L, 0L), graph.Unsqueeze(padding, 0), graph.Constant(0L, 0L));
        var padded = graph.Node("Pad", [flow.Tensor, pads]);
        var x = graph.Node("Reshape",
            [padded, graph.Concat(0, graph.Constant(-1L), graph.Multiply(batch, graph.Constant((long)dilation)), graph.Constant((long)flow.Features))]);

        // Row r x batch + i has (length of i - r + dilation - 1) / dilation steps.
        var own = flow.HasLengths
            ? graph.Reshape(graph.Cast(flow.Lengths, OnnxType.Int64), 1, -1)
            : graph.Reshape(graph.Node("Expand", [graph.Unsqueeze(time, 0), batch]), 1, -1);
        long[] offsets = [.. Enumerable.Range(0, dilation).Select(r => (long)(dilation - 1 - r))];
        var lengths = graph.Divide(graph.Add(own, graph.Reshape(graph.Constant(offsets), -1, 1)), d);
        return (x, graph.Cast(graph.Reshape(lengths, -1), OnnxType.Int32));
    }

    private static string Undilate(Flow flow, string states, int features)
    {
        var graph = flow.Graph;
        string batch = graph.Unsqueeze(graph.Size(flow.Tensor, 1), 0), time = graph.Unsqueeze(graph.Size(flow.Tensor, 0), 0);
        var all = graph.Node("Reshape", [states, graph.Concat(0, graph.Constant(-1L), batch, graph.Constant((long)features))]);
        return graph.Node("Slice", [all, graph.Constant(0L), time, graph.Constant(0L)]);
    }

    // The last valid step of a row; the first for the reverse direction.
    private static string LastOf(Flow flow, string states, RecurrentDescription layer)
    {
        var graph = flow.Graph;
        var last = flow.LastStep(states);
        return layer.Bidirectional ? graph.Concat(1, graph.Slice(last, 0, layer.StateSize, 1),
            graph.Slice(graph.Gather(states, 0, 0), layer.StateSize, long.MaxValue, 1)) : last;
    }

    private static string Merge(OnnxGraphBuilder graph, string states, RecurrentDescription layer, int axis)
    {
        string left = graph.Slice(states, 0, layer.StateSize, axis), right = graph.Slice(states, layer.StateSize, long.MaxValue, axis);
        return layer.Merge switch
        {
            BidirectionalMerge.Sum => graph.Add(left, right),
            BidirectionalMerge.Product => graph.Multiply(left, right),
            _ => graph.Multiply(graph.Add(left, right), 0.5f),
        };
    }
}
