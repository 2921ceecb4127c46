using Microsoft.ML.Recurrent.Onnx.Format;

namespace Microsoft.ML.Recurrent.Onnx.Import;

/// <summary>
/// Computes the tensors of a graph from known ones, node by node, with the loops and branches inside: the numbers against which a cell that was recognised in
/// them is held.
/// </summary>
internal static class GraphEvaluator
{
    /// <summary>Computes all nodes whose inputs are known, and whose operator is supported; the others are left out.</summary>
    /// <param name="nodes">The nodes, in order.</param>
    /// <param name="values">The known tensors by name; receives the computed ones.</param>
    public static void Run(IEnumerable<NodeProto> nodes, Dictionary<string, TensorData> values)
    {
        foreach (var node in nodes)
        {
            if (node.Output.All(name => name.Length == 0 || values.ContainsKey(name)) || Compute(node, values) is not { } outputs) continue;
            for (var i = 0; i < outputs.Length && i < node.Output.Count; i++)
                if (node.Output[i].Length > 0 && outputs[i] is { } value)
                    values[node.Output[i]] = value;
        }
    }

    private static TensorData?[]? Compute(NodeProto node, Dictionary<string, TensorData> values)
    {
        var inputs = new TensorData?[node.Input.Count];
        for (var i = 0; i < inputs.Length; i++)
            if (node.Input[i].Length > 0 && !values.TryGetValue(node.Input[i], out inputs[i]))
                return null;
        return node.OpType switch
        {
            "Loop" => Loop(node, inputs, values),
            "Scan" => Scan(node, inputs, values),
            "If" when inputs is [{ IntegerValues: [var condition] }] =>
                Body(node.Find(condition != 0 ? "then_branch" : "else_branch")!.G, [], values)?.Outputs,
            _ => ConstantFolding.FoldAll(node, inputs),
        };
    }

    private static TensorData?[]? Loop(NodeProto node, TensorData?[] inputs, Dictionary<string, TensorData> outer)
    {
        var body = node.Find("body")!.G;
        var (limit, condition) = (inputs[0]?.IntegerValues![0] ?? long.MaxValue, inputs[1]?.IntegerValues![0] ?? 1);
        TensorData?[] carried = [.. inputs.Skip(2)];
        List<TensorData>[] scanned = [.. Enumerable.Range(0, body.Output.Count - 1 - carried.Length).Select(_ => new List<TensorData>())];
        for (long step = 0; step < limit && condition != 0; step++)
        {
            if (Body(body, [TensorData.Create([], [step]), TensorData.Create([], [condition]), .. carried], outer) is not { } after) return null;
            if (after.Outputs[0]?.IntegerValues is not [var next]) return null;
            condition = next;
            carried = after.Outputs[1..(carried.Length + 1)];
            if (!Collect(after.Outputs.AsSpan(carried.Length + 1), scanned)) return null;
        }
        return Stacked(carried, scanned);
    }

    // The sequences are read and written along their first axes, in either direction.
    private static TensorData?[]? Scan(NodeProto node, TensorData?[] inputs, Dictionary<string, TensorData> outer)
    {
        var body = node.Find("body")!.G;
        var count = (int)(node.Integer("num_scan_inputs") ?? 1);
        TensorData?[] carried = inputs[..^count], sequences = inputs[^count..];
        if (sequences.Contains(null)) return null;
        var axes = node.Integers("scan_input_axes") ?? new long[count];
        var backward = node.Integers("scan_input_directions") ?? new long[count];
        var outputs = body.Output.Count - carried.Length;
        if (node.Integers("scan_output_axes") is { } to && to.Any(axis => axis != 0)
            || node.Integers("scan_output_directions") is { } order && order.Any(direction => direction != 0)) return null;
        List<TensorData>[] scanned = [.. Enumerable.Range(0, outputs).Select(_ => new List<TensorData>())];
        var steps = sequences[0]!.Shape[axes[0] < 0 ? axes[0] + sequences[0]!.Rank : axes[0]];
        for (long step = 0; step < steps; step++)
        {
            TensorData?[] now = [.. sequences.Select((sequence, i) => ConstantFolding.Take(sequence!, axes[i], backward[i] == 1 ? steps - 1 - step : step))];
            if (Body(body, [.. carried, .. now], outer) is not { } after) return null;
            carried = after.Outputs[..carried.Length];
            if (!Collect(after.Outputs.AsSpan(carried.Length), scanned)) return null;
        }
        return Stacked(carried, scanned);
    }

    private static bool Collect(ReadOnlySpan<TensorData?> outputs, List<TensorData>[] scanned)
    {
        for (var i = 0; i < scanned.Length; i++)
        {
            if (outputs[i] is not { } value) return false;
            scanned[i].Add(value);
        }
        return true;
    }

    private static TensorData?[] Stacked(TensorData?[] carried, List<TensorData>[] scanned) =>
        [.. carried, .. scanned.Select(values => values.Count == 0 ? null : ConstantFolding.Stack(values))];

    /// <summary>Runs a body: its tensors, and its outputs; an output that cannot be computed is null.</summary>
    public static (Dictionary<string, TensorData> Values, TensorData?[] Outputs)? Body(GraphProto body, TensorData?[] inputs,
        Dictionary<string, TensorData> outer)
    {
        Dictionary<string, TensorData> values = new(outer, StringComparer.Ordinal);
        foreach (var tensor in body.Initializer) values[tensor.Name] = TensorData.Read(tensor);
        for (var i = 0; i < inputs.Length; i++)
            if (inputs[i] is { } value)
                values[body.Input[i].Name] = value;
            else
                values.Remove(body.Input[i].Name);
        Run(body.Node, values);
        return (values, [.. body.Output.Select(output => values.GetValueOrDefault(output.Name))]);
    }
}
