using System.Numerics;
using Microsoft.ML.Recurrent.Onnx.Format;

namespace Microsoft.ML.Recurrent.Onnx.Import;

/// <summary>Folds elementwise nodes with constant inputs, with NumPy's broadcasting. A truth value is 0 or 1.</summary>
internal static class ElementwiseFolding
{
    /// <summary>The result, or null if the operator is not elementwise or not supported.</summary>
    public static TensorData? Fold(NodeProto node, TensorData?[] inputs) => inputs switch
    {
        [{ } x] => Unary(node, x),
        [{ } a, { } b] when Comparison(node.OpType) is { } compare => Compare(a, b, compare),
        [{ } a, { } b] when node.OpType is "Clip" => Clip(a, b, null),
        [{ } a, { } b] => Binary(node.OpType, a, b),
        [{ } x, { } low, { } high] when node.OpType is "Clip" => Clip(x, low, high),
        [{ } x, null, { } high] when node.OpType is "Clip" => Clip(x, null, high),
        [{ } x, { } low, null] when node.OpType is "Clip" => Clip(x, low, null),
        [{ } condition, { } a, { } b] when node.OpType is "Where" => Where(condition, a, b),
        [{ } first, { } second, .. { Length: > 0 } rest] when node.OpType is "Sum" or "Max" or "Min" && !rest.Contains(null) =>
            rest.Aggregate(Binary(node.OpType, first, second), (sum, next) => sum is null ? null : Binary(node.OpType, sum, next!)),
        _ => null,
    };

    /// <summary>The shape to which two shapes broadcast; null if they do not.</summary>
    public static long[]? Broadcast(ReadOnlySpan<long> a, ReadOnlySpan<long> b)
    {
        var shape = new long[Math.Max(a.Length, b.Length)];
        for (var i = 1; i <= shape.Length; i++)
        {
            long left = i <= a.Length ? a[^i] : 1, right = i <= b.Length ? b[^i] : 1;
            if (left != right && left != 1 && right != 1) return null;
            shape[^i] = left == 1 ? right : left;
        }
        return shape;
    }

    /// <summary>Repeats a tensor to a shape.</summary>
    public static TensorData Expand(TensorData x, long[] shape)
    {
        var source = Sources(x, shape);
        return x.FloatValues is { } floats
            ? TensorData.Create(shape, Array.ConvertAll(source, at => floats[at]))
            : TensorData.Create(shape, Array.ConvertAll(source, at => x.IntegerValues![at]));
    }

    /// <summary>The function of one number that an operator computes; null for any other operator.</summary>
    public static Func<float, float>? Function(NodeProto node)
    {
        float alpha = node.Number("alpha") ?? node.OpType switch { "LeakyRelu" => 0.01f, "HardSigmoid" => 0.2f, "Selu" => 1.67326319f, _ => 1 },
            beta = node.Number("beta") ?? 0.5f;
        return node.OpType switch
        {
            "Sigmoid" => x => 1 / (1 + MathF.Exp(-x)),
            "Tanh" => MathF.Tanh,
            "Relu" => x => x < 0 ? 0 : x,
            "LeakyRelu" => x => x < 0 ? alpha * x : x,
            "Elu" => x => x < 0 ? alpha * (MathF.Exp(x) - 1) : x,
            "HardSigmoid" => x => Math.Clamp(alpha * x + beta, 0, 1),
            "Softplus" => x => MathF.Log(1 + MathF.Exp(x)),
            "Softsign" => x => x / (1 + MathF.Abs(x)),
            "Exp" => MathF.Exp,
            "Log" => MathF.Log,
            "Sqrt" => MathF.Sqrt,
            "Reciprocal" => x => 1 / x,
            "Floor" => MathF.Floor,
            "Ceil" => MathF.Ceiling,
            _ => null,
        };
    }

    private static TensorData? Unary(NodeProto node, TensorData x)
    {
        if (x.IntegerValues is { } integers)
            return node.OpType switch
            {
                "Not" => TensorData.Create(x.Shape, Array.ConvertAll(integers, value => value == 0 ? 1L : 0)),
                "Neg" => TensorData.Create(x.Shape, Array.ConvertAll(integers, value => -value)),
                "Abs" => TensorData.Create(x.Shape, Array.ConvertAll(integers, Math.Abs)),
                _ => null,
            };
        var function = node.OpType switch { "Neg" => value => -value, "Abs" => Math.Abs, _ => Function(node) };
        return function is null ? null : TensorData.Create(x.Shape, Array.ConvertAll(x.FloatValues!, value => function(value)));
    }

    private static TensorData? Binary(string operation, TensorData a, TensorData b)
    {
        if (a.FloatValues is not null && b.FloatValues is not null)
            return Arithmetic<float>(operation) is { } floats ? Zip(a, b, a.FloatValues, b.FloatValues, floats, TensorData.Create) : null;
        if (a.IntegerValues is null || b.IntegerValues is null) return null;
        var integers = operation switch
        {
            "And" => (x, y) => x != 0 && y != 0 ? 1 : 0,
            "Or" => (x, y) => x != 0 || y != 0 ? 1 : 0,
            "Xor" => (x, y) => x != 0 != (y != 0) ? 1 : 0,
            _ => Arithmetic<long>(operation),
        };
        if (integers is null || operation is "Div" && b.IntegerValues.Contains(0)) return null;
        return Zip(a, b, a.IntegerValues, b.IntegerValues, integers, TensorData.Create);
    }

    private static Func<T, T, T>? Arithmetic<T>(string operation)
        where T : INumber<T> => operation switch
        {
            "Add" or "Sum" => (x, y) => x + y,
            "Sub" => (x, y) => x - y,
            "Mul" => (x, y) => x * y,
            "Div" => (x, y) => x / y,
            "Max" => T.Max,
            "Min" => T.Min,
            _ => null,
        };

    private static Func<double, double, bool>? Comparison(string operation) => operation switch
    {
        "Less" => (x, y) => x < y,
        "LessOrEqual" => (x, y) => x <= y,
        "Greater" => (x, y) => x > y,
        "GreaterOrEqual" => (x, y) => x >= y,
        "Equal" => (x, y) => x == y,
        _ => null,
    };

    private static TensorData? Compare(TensorData a, TensorData b, Func<double, double, bool> compare) =>
        Zip(a, b, Doubles(a), Doubles(b), (x, y) => compare(x, y) ? 1 : 0, (shape, values) => TensorData.Create(shape, Array.ConvertAll(values, x => (long)x)));

    private static double[] Doubles(TensorData x) =>
        x.FloatValues is { } floats ? Array.ConvertAll(floats, value => (double)value) : Array.ConvertAll(x.IntegerValues!, value => (double)value);

    private static TensorData? Clip(TensorData x, TensorData? low, TensorData? high)
    {
        var bounded = low is null ? x : Binary("Max", x, low);
        return bounded is null || high is null ? bounded : Binary("Min", bounded, high);
    }

    private static TensorData? Where(TensorData condition, TensorData a, TensorData b)
    {
        if (condition.IntegerValues is null || a.FloatValues is null != b.FloatValues is null || Broadcast(a.Shape, b.Shape) is not { } both
            || Broadcast(condition.Shape, both) is not { } shape)
            return null;
        TensorData choice = Expand(condition, shape), yes = Expand(a, shape), no = Expand(b, shape);
        return yes.FloatValues is { } floats
            ? TensorData.Create(shape, [.. floats.Select((value, i) => choice.IntegerValues![i] != 0 ? value : no.FloatValues![i])])
            : TensorData.Create(shape, [.. yes.IntegerValues!.Select((value, i) => choice.IntegerValues![i] != 0 ? value : no.IntegerValues![i])]);
    }

    private static TensorData? Zip<T>(TensorData a, TensorData b, T[] left, T[] right, Func<T, T, T> combine, Func<long[], T[], TensorData> create)
    {
        if (Broadcast(a.Shape, b.Shape) is not { } shape) return null;
        int[] first = Sources(a, shape), second = Sources(b, shape);
        var values = new T[first.Length];
        for (var i = 0; i < values.Length; i++) values[i] = combine(left[first[i]], right[second[i]]);
        return create(shape, values);
    }

    // The place in x of each element of a shape to which x is broadcast.
    private static int[] Sources(TensorData x, long[] shape)
    {
        var places = new int[shape.Aggregate(1L, (product, size) => product * size)];
        if (x.Shape.AsSpan().SequenceEqual(shape))
        {
            for (var i = 0; i < places.Length; i++) places[i] = i;
            return places;
        }
        var index = new long[shape.Length];
        for (var i = 0; i < places.Length; i++)
        {
            long at = 0;
            for (var axis = 0; axis < x.Rank; axis++)
            {
                var place = index[shape.Length - x.Rank + axis];
                at = at * x.Shape[axis] + (x.Shape[axis] == 1 ? 0 : place);
            }
            places[i] = (int)at;
            for (var axis = shape.Length - 1; axis >= 0 && ++index[axis] == shape[axis]; axis--) index[axis] = 0;
        }
        return places;
    }
}
