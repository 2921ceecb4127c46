using System.Collections.Immutable;
using Microsoft.ML.Recurrent.Onnx.Format;
using Microsoft.ML.Recurrent.Onnx.Import.Equations;

namespace Microsoft.ML.Recurrent.Onnx.Import;

/// <summary>Computes the nodes of one step of a cell that is written out, on normal forms.</summary>
internal sealed class StepAlgebra
{
    public EquationSystem System { get; } = new();

    /// <summary>The results; null if the node is none of a cell.</summary>
    /// <param name="node">The node.</param>
    /// <param name="inputs">Its inputs, of which at least one is a <see cref="StepVector"/>; null where one is omitted.</param>
    public StepVector[]? Compute(NodeProto node, GraphValue?[] inputs)
    {
        if (node.OpType is "Concat") return Concat(node, inputs);
        if (inputs is [var a, var b] && Operate(node, a, b) is { } sum) return [sum];
        if (node.OpType is "Gemm" && Gemm(node, inputs) is { } affine) return [affine];
        if (inputs[0] is not StepVector x) return null;
        return node.OpType switch
        {
            "Identity" or "Dropout" or "Cast" => [x],
            "Neg" => [Map(x, System.Negate)],
            "Squeeze" when inputs.ElementAtOrDefault(1) is null or KnownValue => Squeezed(x, AxesOf(node, inputs, x.Axes.Length)),
            "Unsqueeze" => Unsqueezed(x, AxesOf(node, inputs, 0)),
            "Reshape" when inputs is [_, var shape] => Reshaped(x, shape),
            "Transpose" when node.Integers("perm") is { } order && order[^1] == order.Length - 1 =>
                [x with { Axes = [.. order.Select(axis => x.Axes[(int)axis])] }],
            "Split" => Split(node, x, inputs),
            "Slice" => Sliced(node, x, inputs),
            "Gather" => Gathered(node, x, inputs),
            _ when ElementwiseFolding.Function(node) is not null => [Map(x, form => System.Apply(NameOf(node), form))],
            _ => null,
        };
    }

    /// <summary>Constant numbers that are the same for all rows, as a vector; null for others.</summary>
    public StepVector? Constant(GraphValue? value, int width)
    {
        if (value is not KnownValue { Data: { FloatValues: { } numbers, Shape: var shape } }) return null;
        var size = shape.Length == 0 ? 1 : (int)shape[^1];
        if (size != width && size != 1 || numbers.Length == 0) return null;
        for (var i = size; i < numbers.Length; i++)
            if (numbers[i] != numbers[i - size])
                return null;
        var row = size == width ? numbers[..size] : [.. Enumerable.Repeat(numbers[0], width)];
        return new([System.Constant(row)], [.. Enumerable.Repeat(AxisRole.One, Math.Max(0, shape.Length - 1)), AxisRole.Features]);
    }

    // A function with its parameters: LeakyRelu with another slope is another function.
    private static string NameOf(NodeProto node) =>
        node.OpType + (node.Number("alpha") is { } alpha ? $" alpha {alpha}" : "") + (node.Number("beta") is { } beta ? $" beta {beta}" : "");

    private static StepVector Map(StepVector x, Func<LinearForm, LinearForm> map) => new([.. x.Parts.Select(map)], x.Axes);

    private StepVector? Operate(NodeProto node, GraphValue? a, GraphValue? b)
    {
        if (node.OpType is "MatMul")
            return a is StepVector left && b is KnownValue { Data: { Rank: 2, FloatValues: not null } matrix }
                ? Product(left, matrix, transposed: false)
                : null;
        if (node.OpType is not ("Add" or "Sub" or "Mul" or "Div")) return null;
        var width = ((a as StepVector) ?? (StepVector)b!).Width;
        if ((a as StepVector ?? Constant(a, width)) is not { } x || (b as StepVector ?? Constant(b, width)) is not { } y || x.Width != y.Width) return null;
        if (node.OpType is "Div")
        {
            if (b is not KnownValue) return null;
            y = Map(y, form => System.Constant([.. form.Terms[0].Factor.Values.Select(value => 1 / value)]));
        }
        var parts = ImmutableArray.CreateBuilder<LinearForm>();
        foreach (var (first, second) in StepVector.Aligned(System, x, y))
        {
            var part = node.OpType switch
            {
                "Add" => System.Add(first, second),
                "Sub" => System.Subtract(first, second),
                _ => System.Multiply(first, second),
            };
            if (part is null) return null;
            parts.Add(part);
        }
        return Broadcast(x.Axes, y.Axes) is { } axes ? new(parts.ToImmutable(), axes) : null;
    }

    private static ImmutableArray<AxisRole>? Broadcast(ImmutableArray<AxisRole> a, ImmutableArray<AxisRole> b)
    {
        if (a.Length < b.Length) (a, b) = (b, a);
        var axes = a.ToBuilder();
        for (var i = 1; i <= b.Length; i++)
            if (axes[^i] != b[^i])
            {
                if (b[^i] is AxisRole.One) continue;
                if (axes[^i] is not AxisRole.One) return null;
                axes[^i] = b[^i];
            }
        return axes.ToImmutable();
    }

    // [inputs, outputs], or transposed.
    private StepVector? Product(StepVector x, TensorData matrix, bool transposed)
    {
        int inputs = (int)matrix.Shape[transposed ? 1 : 0], outputs = (int)matrix.Shape[transposed ? 0 : 1], from = 0;
        if (inputs != x.Width) return null;
        LinearForm? sum = null;
        foreach (var part in x.Parts)
        {
            var rows = new float[outputs * part.Width];
            for (var output = 0; output < outputs; output++)
                for (var i = 0; i < part.Width; i++)
                    rows[output * part.Width + i] = matrix.FloatValues![transposed ? output * inputs + from + i : (from + i) * outputs + output];
            var product = System.Multiply(rows, part);
            sum = sum is null ? product : System.Add(sum, product);
            from += part.Width;
        }
        return new([sum!], x.Axes);
    }

    private StepVector? Gemm(NodeProto node, GraphValue?[] inputs)
    {
        if (node.Integer("transA") == 1 || (node.Number("alpha") ?? 1) != 1 || (node.Number("beta") ?? 1) != 1
            || inputs is not [StepVector x, KnownValue { Data: { Rank: 2, FloatValues: not null } matrix }, ..]) return null;
        var product = Product(x, matrix, node.Integer("transB") == 1);
        if (product is null || inputs.ElementAtOrDefault(2) is not { } bias) return product;
        return (bias as StepVector ?? Constant(bias, product.Width)) is { Parts: [var added] }
            ? product with { Parts = [System.Add(product.Parts[0], added)] }
            : null;
    }

    private StepVector[]? Concat(NodeProto node, GraphValue?[] inputs)
    {
        if (inputs.OfType<StepVector>().FirstOrDefault() is not { } first) return null;
        var axis = node.Integer("axis") ?? 0;
        if (axis != -1 && axis != first.Axes.Length - 1) return null;
        StepVector?[] all = [.. inputs.Select(value => value as StepVector
            ?? (value is KnownValue { Data.Shape: [.., var width] } ? Constant(value, (int)width) : null))];
        return all.All(value => value is { } given && (given.Axes.Length == first.Axes.Length))
            ? [new([.. all.SelectMany(value => value!.Parts)], first.Axes)]
            : null;
    }

    private static StepVector[]? Squeezed(StepVector x, long[]? axes)
    {
        var gone = axes ?? [.. Enumerable.Range(0, x.Axes.Length).Where(i => x.Axes[i] is AxisRole.One).Select(i => (long)i)];
        return gone.All(axis => x.Axes[(int)axis] is AxisRole.One) ? [x with { Axes = [.. x.Axes.Where((_, i) => !gone.Contains(i))] }] : null;
    }

    private static StepVector[]? Unsqueezed(StepVector x, long[]? axes)
    {
        if (axes is null) return null;
        var result = x.Axes.ToBuilder();
        var rank = x.Axes.Length + axes.Length;
        foreach (var axis in axes.Select(axis => (int)(axis < 0 ? axis + rank : axis)).Order()) result.Insert(axis, AxisRole.One);
        return result[^1] is AxisRole.Features ? [x with { Axes = result.ToImmutable() }] : null;
    }

    // Axes of size one come and go; the features stay.
    private static StepVector[]? Reshaped(StepVector x, GraphValue? shape)
    {
        var sizes = shape switch
        {
            KnownValue known => known.Data.IntegerValues,
            SizedValue sized => sized.Compute(new(3, 5, [1, 3, 5])).IntegerValues,
            _ => null,
        };
        if (sizes is null || sizes[^1] != x.Width && sizes[^1] != -1 && sizes[^1] != 0) return null;
        var others = x.Axes.Where(axis => axis is not AxisRole.One and not AxisRole.Features).ToArray();
        if (others.Length > 1 || sizes.Length < others.Length + 1) return null;
        AxisRole[] axes = [.. Enumerable.Repeat(AxisRole.One, sizes.Length - 1), AxisRole.Features];
        if (others is [var batch])
        {
            var place = Array.FindIndex(sizes, 0, sizes.Length - 1, size => size != 1);
            axes[place < 0 ? sizes.Length - 2 : place] = batch;
        }
        return [x with { Axes = [.. axes] }];
    }

    private StepVector[]? Split(NodeProto node, StepVector x, GraphValue?[] inputs)
    {
        var axis = node.Integer("axis") ?? 0;
        if (axis != -1 && axis != x.Axes.Length - 1) return null;
        var sizes = (inputs.ElementAtOrDefault(1) as KnownValue)?.Data.IntegerValues ?? node.Integers("split")
            ?? ConstantFolding.Parts(x.Width, node.Output.Count);
        if (sizes.Sum() != x.Width) return null;
        var parts = new StepVector[sizes.Length];
        for (int i = 0, from = 0; i < parts.Length; from += (int)sizes[i++]) parts[i] = new(x.Slice(System, from, (int)sizes[i]), x.Axes);
        return parts;
    }

    private StepVector[]? Sliced(NodeProto node, StepVector x, GraphValue?[] inputs)
    {
        if (SliceRange.Read(node, inputs) is not { } ranges) return null;
        foreach (var range in ranges)
        {
            var axis = (int)(range.Axis < 0 ? range.Axis + x.Axes.Length : range.Axis);
            if (range.Step != 1) return null;
            var size = x.Axes[axis] switch { AxisRole.Features => x.Width, AxisRole.One => 1, _ => -1 };
            if (size < 0)
            {
                if (range is { Start: 0, End: >= int.MaxValue }) continue;
                return null;
            }
            var (from, to) = range.Within(size);
            if (to <= from) return null;
            if (axis == x.Axes.Length - 1) x = new(x.Slice(System, (int)from, (int)(to - from)), x.Axes);
        }
        return [x with { Answer = null }];
    }

    private static StepVector[]? Gathered(NodeProto node, StepVector x, GraphValue?[] inputs)
    {
        var axis = (int)(node.Integer("axis") ?? 0);
        if (axis < 0) axis += x.Axes.Length;
        return x.Axes[axis] is AxisRole.One && inputs is [_, KnownValue { Data: { Rank: 0, IntegerValues: [0 or -1] } }]
            ? [x with { Axes = x.Axes.RemoveAt(axis) }]
            : null;
    }

    private static long[]? AxesOf(NodeProto node, GraphValue?[] inputs, int rank) =>
        (node.Integers("axes") ?? (inputs.ElementAtOrDefault(1) as KnownValue)?.Data.IntegerValues)?.Select(axis => axis < 0 ? axis + rank : axis).ToArray();
}
