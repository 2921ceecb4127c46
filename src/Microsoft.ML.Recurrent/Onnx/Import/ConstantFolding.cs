using System.Numerics.Tensors;
using Microsoft.ML.Recurrent.Onnx.Format;

namespace Microsoft.ML.Recurrent.Onnx.Import;

/// <summary>Folds nodes with constant inputs: exporters slice and concatenate weights by such nodes.</summary>
internal static class ConstantFolding
{
    /// <summary>The result, or null if the operator is not supported.</summary>
    public static TensorData? Fold(NodeProto node, TensorData[] inputs)
    {
        var x = inputs[0];
        return node.OpType switch
        {
            "Identity" or "Cast" or "Dropout" => Cast(node, x),
            "Transpose" => Transpose(x, node.Integers("perm") ?? [.. Enumerable.Range(0, x.Rank).Select(i => (long)(x.Rank - 1 - i))]),
            "Reshape" when inputs.Length == 2 => Reshape(x, inputs[1].IntegerValues!),
            "Unsqueeze" when Axes(node, inputs) is { } axes => Unsqueeze(x, axes),
            "Squeeze" => Squeeze(x, Axes(node, inputs)),
            "Concat" when inputs.All(input => input.FloatValues is null == x.FloatValues is null) => Concat(inputs, Axis(node.Integer("axis") ?? 0, x.Rank)),
            "Slice" when inputs.Length >= 3 && x.Rank > 0 => Slice(inputs),
            "Gather" when inputs[1] is { Rank: 0, IntegerValues: [var index] } => Take(x, Axis(node.Integer("axis") ?? 0, x.Rank), index),
            "MatMul" when inputs is [{ Rank: >= 2, FloatValues: not null }, { FloatValues: not null } right] && right.Rank == x.Rank => MatMul(x, right),
            "Neg" when x.FloatValues is { } values => TensorData.Create(x.Shape, Array.ConvertAll(values, value => -value)),
            "Shape" => TensorData.Create([x.Rank], [.. x.Shape]),
            _ => null,
        };
    }

    private static int Axis(long axis, int rank) => checked((int)(axis < 0 ? axis + rank : axis));

    private static long[]? Axes(NodeProto node, TensorData[] inputs) => node.Integers("axes") ?? (inputs.Length > 1 ? inputs[1].IntegerValues : null);

    private static TensorData With(TensorData x, long[] shape) =>
        x.FloatValues is { } floats ? TensorData.Create(shape, floats) : TensorData.Create(shape, x.IntegerValues!);

    private static TensorData Cast(NodeProto node, TensorData x)
    {
        if (node.OpType is not "Cast") return x;
        var floats = node.Integer("to") is (long)OnnxType.Single or (long)OnnxType.Half or (long)TensorProto.Types.DataType.Double
            or (long)TensorProto.Types.DataType.Bfloat16;
        if (floats) return x.FloatValues is not null ? x : TensorData.Create(x.Shape, Array.ConvertAll(x.IntegerValues!, value => (float)value));
        return x.FloatValues is null ? x : TensorData.Create(x.Shape, Array.ConvertAll(x.FloatValues, value => (long)value));
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

    private static TensorData Take(TensorData x, int axis, long at)
    {
        if (at < 0) at += x.Shape[axis];
        return Pick(x, [.. x.Shape.Where((_, i) => i != axis)], index => [.. index[..axis], at, .. index[axis..]]);
    }

    private static TensorData Slice(TensorData[] inputs)
    {
        var x = inputs[0];
        long[] starts = inputs[1].IntegerValues!, ends = inputs[2].IntegerValues!;
        long[] axes = inputs.Length > 3 ? inputs[3].IntegerValues! : [.. Enumerable.Range(0, starts.Length).Select(i => (long)i)],
            steps = inputs.Length > 4 ? inputs[4].IntegerValues! : [.. starts.Select(_ => 1L)];
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

    // The same number of matrices on both sides.
    private static TensorData MatMul(TensorData left, TensorData right)
    {
        int rows = (int)left.Shape[^2], inner = (int)left.Shape[^1], columns = (int)right.Shape[^1], matrices = left.Length / (rows * inner);
        var product = new float[matrices * rows * columns];
        for (var row = 0; row < matrices * rows; row++)
        {
            var sums = product.AsSpan(row * columns, columns);
            for (var i = 0; i < inner; i++)
                TensorPrimitives.MultiplyAdd(right.FloatValues.AsSpan((row / rows * inner + i) * columns, columns), left.FloatValues![row * inner + i], sums,
                    sums);
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
