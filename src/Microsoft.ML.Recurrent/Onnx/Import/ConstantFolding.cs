using System.Numerics.Tensors;
using Microsoft.ML.Recurrent.Onnx.Format;

namespace Microsoft.ML.Recurrent.Onnx.Import;

/// <summary>Folds nodes with constant inputs: exporters slice and concatenate weights by such nodes.</summary>
internal static class ConstantFolding
{
    /// <summary>The only result, or null if the operator is not supported or has several.</summary>
    public static TensorData? Fold(NodeProto node, TensorData?[] inputs) => FoldAll(node, inputs) is [var result] ? result : null;

    /// <summary>The results, or null if the operator is not supported.</summary>
    /// <param name="node">The node.</param>
    /// <param name="inputs">Its inputs; null where an optional one is omitted.</param>
    public static TensorData[]? FoldAll(NodeProto node, TensorData?[] inputs)
    {
        if (node.OpType is "Constant") return Constant(node) is { } constant ? [constant] : null;
        if (inputs.Length == 0 || inputs[0] is not { } x) return null;
        if (node.OpType is "Split") return Split(node, x, inputs.ElementAtOrDefault(1)?.IntegerValues ?? node.Integers("split"));
        var result = ElementwiseFolding.Fold(node, inputs) ?? Rearranged(node, x, inputs);
        return result is null ? null : [result];
    }

    private static TensorData? Rearranged(NodeProto node, TensorData x, TensorData?[] inputs) => node.OpType switch
    {
        "Identity" or "Cast" or "Dropout" => Cast(node, x),
        "Transpose" => Transpose(x, node.Integers("perm") ?? [.. Enumerable.Range(0, x.Rank).Select(i => (long)(x.Rank - 1 - i))]),
        "Reshape" when inputs is [_, { IntegerValues: { } shape }] => Reshape(x, shape),
        "Unsqueeze" when Axes(node, inputs) is { } axes => Unsqueeze(x, axes),
        "Squeeze" => Squeeze(x, Axes(node, inputs)),
        "Concat" when inputs.All(input => input is not null && input.FloatValues is null == x.FloatValues is null) =>
            Concat([.. inputs.Select(input => input!)], Axis(node.Integer("axis") ?? 0, x.Rank)),
        "Slice" when x.Rank > 0 => Slice(node, x, inputs),
        "Gather" when inputs is [_, { IntegerValues: not null } indices] => Gather(x, Axis(node.Integer("axis") ?? 0, x.Rank), indices),
        "Expand" when inputs is [_, { IntegerValues: { } to }] => ElementwiseFolding.Broadcast(x.Shape, to) is { } shape
            ? ElementwiseFolding.Expand(x, shape)
            : null,
        "ConstantOfShape" when x.IntegerValues is { } shape => ConstantOfShape(node, shape),
        "Range" when inputs is [{ IntegerValues: [var start] }, { IntegerValues: [var limit] }, { IntegerValues: [var delta] }] && delta != 0 =>
            TensorData.Create([Math.Max(0, (limit - start + delta - Math.Sign(delta)) / delta)],
                [.. Enumerable.Range(0, (int)Math.Max(0, (limit - start + delta - Math.Sign(delta)) / delta)).Select(i => start + i * delta)]),
        "MatMul" when inputs is [{ Rank: >= 2, FloatValues: not null }, { Rank: >= 2, FloatValues: not null } right]
            && (right.Rank == x.Rank || right.Rank == 2) && x.Shape[^1] == right.Shape[^2] => MatMul(x, right),
        "Gemm" when inputs is [{ Rank: 2, FloatValues: not null }, { Rank: 2, FloatValues: not null } right, ..] => Gemm(node, x, right,
            inputs.ElementAtOrDefault(2)),
        "ReduceMax" or "ReduceMin" or "ReduceSum" or "ReduceProd" when x.IntegerValues is { Length: > 0 } values && Axes(node, inputs) is null or { Length: 0 }
            && x.Rank <= 1 => Reduce(node, x, values),
        "Shape" => ShapeOf(node, x.Shape),
        "Size" => TensorData.Create([], [(long)x.Length]),
        _ => null,
    };

    /// <summary>The value of a node that holds a constant; null if that is not numbers.</summary>
    public static TensorData? Constant(NodeProto node) => node.Attribute.FirstOrDefault() switch
    {
        { Name: "value", T: { } tensor } => TensorData.Read(tensor),
        { Name: "value_float" } number => TensorData.Create([], [number.F]),
        { Name: "value_int" } number => TensorData.Create([], [number.I]),
        { Name: "value_floats" } numbers => TensorData.Create([numbers.Floats.Count], [.. numbers.Floats]),
        { Name: "value_ints" } numbers => TensorData.Create([numbers.Ints.Count], [.. numbers.Ints]),
        _ => null,
    };

    /// <summary>What a Shape node gives for a shape: all of it, or from opset 15 on a part.</summary>
    public static TensorData ShapeOf(NodeProto node, long[] shape)
    {
        int Bound(string name, long missing) => (int)Math.Clamp((node.Integer(name) ?? missing) is var at && at < 0 ? at + shape.Length : at, 0, shape.Length);
        var (start, end) = (Bound("start", 0), Bound("end", long.MaxValue));
        return TensorData.Create([Math.Max(0, end - start)], start < end ? shape[start..end] : []);
    }

    private static int Axis(long axis, int rank) => checked((int)(axis < 0 ? axis + rank : axis));

    private static long[]? Axes(NodeProto node, TensorData?[] inputs) => node.Integers("axes") ?? inputs.ElementAtOrDefault(1)?.IntegerValues;

    private static TensorData With(TensorData x, long[] shape) =>
        x.FloatValues is { } floats ? TensorData.Create(shape, floats) : TensorData.Create(shape, x.IntegerValues!);

    private static TensorData Cast(NodeProto node, TensorData x)
    {
        if (node.OpType is not "Cast") return x;
        var floats = node.Integer("to") is (long)OnnxType.Single or (long)OnnxType.Half or (long)TensorProto.Types.DataType.Double
            or (long)TensorProto.Types.DataType.Bfloat16;
        if (floats) return x.FloatValues is not null ? x : TensorData.Create(x.Shape, Array.ConvertAll(x.IntegerValues!, value => (float)value));
        var toBoolean = node.Integer("to") is (long)OnnxType.Boolean;
        if (x.FloatValues is null) return toBoolean ? TensorData.Create(x.Shape, Array.ConvertAll(x.IntegerValues!, value => value == 0 ? 0L : 1)) : x;
        return TensorData.Create(x.Shape, Array.ConvertAll(x.FloatValues, value => toBoolean ? value == 0 ? 0L : 1 : (long)value));
    }

    private static TensorData Reshape(TensorData x, long[] shape)
    {
        long[] result = [.. shape.Select((size, i) => size == 0 ? x.Shape[i] : size)];
        var rest = result.Where(size => size > 0).Aggregate(1L, (product, size) => product * size);
        return With(x, [.. result.Select(size => size < 0 ? x.Length / rest : size)]);
    }

    private static TensorData Unsqueeze(TensorData x, long[] axes)
    {
        var shape = x.Shape.ToList();
        foreach (var axis in axes.Select(axis => Axis(axis, x.Rank + axes.Length)).Order()) shape.Insert(axis, 1);
        return With(x, [.. shape]);
    }

    private static TensorData Squeeze(TensorData x, long[]? axes)
    {
        var gone = axes?.Select(axis => Axis(axis, x.Rank)).ToHashSet();
        return With(x, [.. x.Shape.Where((size, i) => gone is null ? size != 1 : !gone.Contains(i))]);
    }

    private static TensorData Transpose(TensorData x, long[] permutation) => Pick(x, [.. permutation.Select(axis => x.Shape[axis])], index =>
    {
        var source = new long[index.Length];
        for (var i = 0; i < index.Length; i++) source[permutation[i]] = index[i];
        return source;
    });

    /// <summary>One place of an axis, which goes away.</summary>
    public static TensorData Take(TensorData x, long axis, long at) => Gather(x, Axis(axis, x.Rank), TensorData.Create([], [at]));

    /// <summary>Joins equal tensors along a new first axis.</summary>
    public static TensorData Stack(IReadOnlyList<TensorData> parts) => Concat([.. parts.Select(part => Unsqueeze(part, [0]))], 0);

    private static TensorData Gather(TensorData x, int axis, TensorData indices)
    {
        var rank = indices.Rank;
        return Pick(x, [.. x.Shape[..axis], .. indices.Shape, .. x.Shape[(axis + 1)..]], index =>
        {
            long place = 0;
            for (var i = 0; i < rank; i++) place = place * indices.Shape[i] + index[axis + i];
            var at = indices.IntegerValues![place];
            return [.. index[..axis], at < 0 ? at + x.Shape[axis] : at, .. index[(axis + rank)..]];
        });
    }

    // Opsets below 10 have the places as attributes.
    private static TensorData? Slice(NodeProto node, TensorData x, TensorData?[] inputs)
    {
        if ((inputs.ElementAtOrDefault(1)?.IntegerValues ?? node.Integers("starts")) is not { } starts
            || (inputs.ElementAtOrDefault(2)?.IntegerValues ?? node.Integers("ends")) is not { } ends)
            return null;
        long[] axes = inputs.ElementAtOrDefault(3)?.IntegerValues ?? node.Integers("axes") ?? [.. Enumerable.Range(0, starts.Length).Select(i => (long)i)],
            steps = inputs.ElementAtOrDefault(4)?.IntegerValues ?? [.. starts.Select(_ => 1L)];
        long[] from = new long[x.Rank], step = [.. x.Shape.Select(_ => 1L)], shape = [.. x.Shape];
        for (var i = 0; i < axes.Length; i++)
        {
            var axis = Axis(axes[i], x.Rank);
            long size = x.Shape[axis], stride = steps[i];
            long Clamp(long at, long low, long high) => Math.Clamp(at < 0 ? at + size : at, low, high);
            from[axis] = stride > 0 ? Clamp(starts[i], 0, size) : Clamp(starts[i], 0, size - 1);
            var to = stride > 0 ? Clamp(ends[i], 0, size) : ends[i] < -size ? -1 : Clamp(ends[i], -1, size - 1);
            (step[axis], shape[axis]) = (stride, Math.Max(0, stride > 0 ? (to - from[axis] + stride - 1) / stride : (to - from[axis] + stride + 1) / stride));
        }
        return Pick(x, shape, index => [.. index.Select((at, i) => from[i] + at * step[i])]);
    }

    private static TensorData[]? Split(NodeProto node, TensorData x, long[]? sizes)
    {
        var axis = Axis(node.Integer("axis") ?? 0, x.Rank);
        sizes ??= Parts(x.Shape[axis], node.Output.Count);
        long from = 0;
        var parts = new TensorData[sizes.Length];
        for (var i = 0; i < parts.Length; i++)
        {
            var start = from;
            parts[i] = Pick(x, [.. x.Shape.Select((size, at) => at == axis ? sizes[i] : size)],
                index => [.. index.Select((place, at) => at == axis ? place + start : place)]);
            from += sizes[i];
        }
        return from == x.Shape[axis] ? parts : null;
    }

    /// <summary>The sizes of the parts of an axis that is split evenly; the last may be smaller.</summary>
    public static long[] Parts(long size, int count)
    {
        var part = (size + count - 1) / count;
        return [.. Enumerable.Range(0, count).Select(i => Math.Clamp(size - i * part, 0, part))];
    }

    private static TensorData ConstantOfShape(NodeProto node, long[] shape)
    {
        var length = checked((int)shape.Aggregate(1L, (product, size) => product * size));
        if (node.Find("value") is not { T: { } tensor }) return TensorData.Create(shape, new float[length]);
        var value = TensorData.Read(tensor);
        return value.FloatValues is { } floats
            ? TensorData.Create(shape, [.. Enumerable.Repeat(floats[0], length)])
            : TensorData.Create(shape, [.. Enumerable.Repeat(value.IntegerValues![0], length)]);
    }

    private static TensorData? Gemm(NodeProto node, TensorData left, TensorData right, TensorData? bias)
    {
        if (node.Integer("transA") == 1) left = Transpose(left, [1, 0]);
        if (node.Integer("transB") == 1) right = Transpose(right, [1, 0]);
        if (left.Shape[1] != right.Shape[0]) return null;
        float alpha = node.Number("alpha") ?? 1, beta = node.Number("beta") ?? 1;
        var product = MatMul(left, right);
        for (var i = 0; alpha != 1 && i < product.Length; i++) product.FloatValues![i] *= alpha;
        if (bias is null) return product;
        if (bias.FloatValues is null || ElementwiseFolding.Broadcast(bias.Shape, product.Shape) is not { } shape) return null;
        var added = ElementwiseFolding.Expand(bias, shape).FloatValues!;
        for (var i = 0; i < product.Length; i++) product.FloatValues![i] += beta * added[i];
        return product;
    }

    private static TensorData Reduce(NodeProto node, TensorData x, long[] values) =>
        TensorData.Create(node.Integer("keepdims") == 0 ? [] : [.. x.Shape.Select(_ => 1L)],
        [node.OpType switch
        {
            "ReduceMax" => values.Max(),
            "ReduceMin" => values.Min(),
            "ReduceSum" => values.Sum(),
            _ => values.Aggregate(1L, (product, value) => product * value),
        }]);

    private static TensorData Concat(TensorData[] inputs, int axis)
    {
        long[] shape = [.. inputs[0].Shape];
        shape[axis] = inputs.Sum(input => input.Shape[axis]);
        var outer = shape[..axis].Aggregate(1L, (product, size) => product * size);
        T[] Join<T>(Func<TensorData, T[]> values)
        {
            List<T> joined = [];
            for (long i = 0; i < outer; i++)
                foreach (var input in inputs)
                {
                    var block = (int)(input.Length / outer);
                    joined.AddRange(values(input).AsSpan((int)i * block, block));
                }
            return [.. joined];
        }
        return inputs[0].FloatValues is null
            ? TensorData.Create(shape, Join(input => input.IntegerValues!))
            : TensorData.Create(shape, Join(input => input.FloatValues!));
    }

    // The same number of matrices on both sides, or one matrix on the right.
    private static TensorData MatMul(TensorData left, TensorData right)
    {
        int rows = (int)left.Shape[^2], inner = (int)left.Shape[^1], columns = (int)right.Shape[^1], matrices = left.Length / (rows * inner);
        var product = new float[matrices * rows * columns];
        for (var row = 0; row < matrices * rows; row++)
        {
            var sums = product.AsSpan(row * columns, columns);
            var matrix = right.Rank == 2 ? 0 : row / rows * inner;
            for (var i = 0; i < inner; i++)
                TensorPrimitives.MultiplyAdd(right.FloatValues.AsSpan((matrix + i) * columns, columns), left.FloatValues![row * inner + i], sums, sums);
        }
        return TensorData.Create([.. left.Shape[..^1], columns], product);
    }

    // Maps each element of the result to the index of its source element.
    private static TensorData Pick(TensorData x, long[] shape, Func<long[], long[]> sourceOf)
    {
        var length = shape.Aggregate(1L, (product, size) => product * size);
        T[] Gather<T>(T[] values)
        {
            var result = new T[length];
            var index = new long[shape.Length];
            for (long i = 0; i < length; i++)
            {
                long at = 0;
                var source = sourceOf(index);
                for (var axis = 0; axis < x.Rank; axis++) at = at * x.Shape[axis] + source[axis];
                result[i] = values[at];
                for (var axis = shape.Length - 1; axis >= 0 && ++index[axis] == shape[axis]; axis--) index[axis] = 0;
            }
            return result;
        }
        return x.FloatValues is { } floats ? TensorData.Create(shape, Gather(floats)) : TensorData.Create(shape, Gather(x.IntegerValues!));
    }
}
