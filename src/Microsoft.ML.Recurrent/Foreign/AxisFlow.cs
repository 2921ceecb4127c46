using Microsoft.ML.Recurrent.Onnx.Format;
using Microsoft.ML.Recurrent.Onnx.Import;

namespace Microsoft.ML.Recurrent.Foreign;

/// <summary>How the axes of the inputs of ordinary nodes become those of their outputs.</summary>
internal sealed class AxisFlow(KnownTensors known)
{
    /// <summary>Whether an input of a node is a constant of the file.</summary>
    public bool IsKnown(NodeProto node, int input) => input < node.Input.Count && known.Rank(node.Input[input]) is not null;

    /// <summary>The axes of the first output; null where they cannot be followed.</summary>
    /// <param name="node">The node.</param>
    /// <param name="inputs">The axes of its inputs; null for those that do not come from the input that is followed.</param>
    /// <param name="inLoop">Whether the node is in the body of a loop.</param>
    public TracedAxis[]? Through(NodeProto node, TracedAxis[]?[] inputs, bool inLoop)
    {
        var x = inputs[0];
        switch (node.OpType)
        {
            case "Transpose" when x is not null:
                var order = node.Integers("perm") ?? [.. Enumerable.Range(0, x.Length).Select(i => (long)(x.Length - 1 - i))];
                return order.Length == x.Length ? [.. order.Select(axis => x[axis])] : null;
            case "Squeeze" when x is not null:
                return Axes(node) is { } gone ? Without(x, gone) : null;
            case "Unsqueeze" when x is not null:
                return Axes(node) is { } added ? With(x, added) : null;
            case "Reshape" when x is not null:
                return known.Integers(node, 1) is { } shape ? Reshape(x, shape) : null;
            case "Flatten" when x is { Length: > 0 } && node.Integer("axis") is null or 1:
                return [x[0], x is [_, var only] ? only : TracedAxis.None];
            case "Gather":
                return Gather(node, inputs, inLoop);
            case "MatMul" or "MatMulInteger" when x is { Length: > 0 }:
                return [.. x[..^1], TracedAxis.None];
            case "Gemm" when x is { Length: 2 }:
                return [x[node.Integer("transA") is 1 ? 1 : 0], TracedAxis.None];
            case "Conv" or "ConvTranspose" or "ConvInteger" when x is { Length: > 2 }:
                return [x[0], TracedAxis.None, .. x[2..].Select(Resized)];
            case "MaxPool" or "AveragePool" or "LpPool" or "GlobalAveragePool" or "GlobalMaxPool" when x is { Length: > 2 }:
                return [x[0], x[1], .. x[2..].Select(Resized)];
            case "Slice" or "Pad" or "Split" or "Concat" when inputs.FirstOrDefault(axes => axes is not null) is { } first:
                return [.. first.Select(Resized)];
            case "ReduceMean" or "ReduceSum" or "ReduceMax" or "ReduceMin" or "ReduceL2" or "ArgMax" when x is not null:
                return Reduce(node, x);
            default:
                return IsElementwise(node.OpType) ? Broadcast(node, inputs) : null;
        }
    }

    /// <summary>The axis and the place of the one step that a node takes; null where it takes anything else.</summary>
    public (int Axis, int At)? OneStep(NodeProto node, int rank)
    {
        if (node.OpType is "Gather")
            return known.Integers(node, 1) is [var at] && known.Rank(node.Input[1]) is 0 ? (At(node.Integer("axis") ?? 0, rank), (int)at) : null;
        return known.Integers(node, 1) is [var start] && known.Integers(node, 2) is [var end] && end - start == 1
            ? (At(known.Integers(node, 3) is [var along] ? along : 0, rank), (int)start)
            : null;
    }

    private static bool IsElementwise(string operation) => operation is "Identity" or "Cast" or "CastLike" or "Dropout" or "Relu" or "Tanh" or "Sigmoid"
        or "HardSigmoid" or "HardSwish" or "Softsign" or "Softplus" or "LeakyRelu" or "PRelu" or "Elu" or "Selu" or "Celu" or "Gelu" or "Mish" or "Erf"
        or "Exp" or "Log" or "Sqrt" or "Neg" or "Abs" or "Sign" or "Floor" or "Ceil" or "Round" or "Reciprocal" or "Clip" or "Not" or "Sin" or "Cos"
        or "Softmax" or "LogSoftmax" or "LayerNormalization" or "BatchNormalization" or "InstanceNormalization" or "IsNaN" or "IsInf" or "CumSum"
        or "ReverseSequence" or "QuantizeLinear" or "DequantizeLinear" or "DynamicQuantizeLinear" or "Add" or "Sub" or "Mul" or "Div" or "Pow" or "Mod"
        or "Max" or "Min" or "Sum" or "Mean" or "Equal" or "Less" or "Greater" or "LessOrEqual" or "GreaterOrEqual" or "And" or "Or" or "Xor" or "Where";

    private TracedAxis[] Broadcast(NodeProto node, TracedAxis[]?[] inputs)
    {
        var longest = inputs.OfType<TracedAxis[]>().MaxBy(axes => axes.Length)!;
        var rank = node.Input.Max(name => known.Rank(name) ?? 0);
        return [.. Enumerable.Repeat(TracedAxis.None, Math.Max(0, rank - longest.Length)), .. longest];
    }

    private TracedAxis[]? Gather(NodeProto node, TracedAxis[]?[] inputs, bool inLoop)
    {
        if (inputs[0] is { } x)
        {
            var axis = At(node.Integer("axis") ?? 0, x.Length);
            if (axis >= x.Length) return null;
            return known.Rank(node.Input[1]) switch
            {
                0 => Without(x, [axis]),
                1 => [.. x[..axis], Resized(x[axis]), .. x[(axis + 1)..]],
                null when inLoop => Without(x, [axis]),
                _ => null,
            };
        }
        // An embedding: the rows of a table.
        if (inputs[1] is not { } indices || known.Rank(node.Input[0]) is not { } rank) return null;
        var at = At(node.Integer("axis") ?? 0, rank);
        return [.. Enumerable.Repeat(TracedAxis.None, at), .. indices, .. Enumerable.Repeat(TracedAxis.None, Math.Max(0, rank - 1 - at))];
    }

    private TracedAxis[]? Reduce(NodeProto node, TracedAxis[] x)
    {
        var axes = node.OpType is "ArgMax" ? [node.Integer("axis") ?? 0] : Axes(node);
        if (axes is null) return null;
        var gone = axes.Select(axis => At(axis, x.Length)).ToHashSet();
        return node.Integer("keepdims") is 0
            ? [.. x.Where((_, axis) => !gone.Contains(axis))]
            : [.. x.Select((one, axis) => gone.Contains(axis) ? new(-1, 1) : one)];
    }

    // Equal sizes in front and at the end keep their axes; of those between, one alone on both sides, or the only one that is not of size 1.
    private static TracedAxis[] Reshape(TracedAxis[] x, long[] shape)
    {
        int front = 0, end = 0;
        while (front < Math.Min(x.Length, shape.Length) && (shape[front] == 0 || shape[front] > 0 && shape[front] == x[front].Size)) front++;
        while (end < Math.Min(x.Length, shape.Length) - front && shape[^(end + 1)] > 0 && shape[^(end + 1)] == x[^(end + 1)].Size) end++;
        var (from, to) = (x[front..^end], shape[front..^end]);
        TracedAxis[] large = [.. from.Where(axis => axis.Size != 1)];
        var places = to.Count(size => size != 1);
        return [.. x[..front],
            .. to.Select(size => size == 1 ? new TracedAxis(-1, 1) : large.Length == 1 && places == 1 ? large[0] : new(-1, Math.Max(0, size))),
            .. x[(x.Length - end)..]];
    }

    private long[]? Axes(NodeProto node) => node.Integers("axes") ?? known.Integers(node, 1);

    private static TracedAxis Resized(TracedAxis axis) => axis with { Size = 0 };

    private static TracedAxis[] Without(TracedAxis[] x, long[] axes)
    {
        var gone = axes.Select(axis => At(axis, x.Length)).ToHashSet();
        return [.. x.Where((_, axis) => !gone.Contains(axis))];
    }

    private static TracedAxis[] With(TracedAxis[] x, long[] axes)
    {
        var result = x.ToList();
        foreach (var axis in axes.Select(axis => At(axis, x.Length + axes.Length)).Order()) result.Insert(Math.Min(axis, result.Count), new(-1, 1));
        return [.. result];
    }

    private static int At(long axis, int rank) => (int)(axis < 0 ? axis + rank : axis);
}
