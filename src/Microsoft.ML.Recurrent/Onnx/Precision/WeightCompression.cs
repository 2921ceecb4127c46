using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using Google.Protobuf;
using Microsoft.ML.Recurrent.Networks.Inputs;
using Microsoft.ML.Recurrent.Onnx.Format;
using DataType = Microsoft.ML.Recurrent.Onnx.Format.TensorProto.Types.DataType;

namespace Microsoft.ML.Recurrent.Onnx.Precision;

/// <summary>
/// Compresses the weights of a graph. The initializer <c>w</c> becomes <c>w.half</c>, or <c>w.int8</c> and <c>w.scale</c>, and nodes at the start of the graph
/// restore <c>w</c>, so its users stay unchanged, also in inner graphs. The nodes are Cast and Mul, which runtimes fold at load; ONNX Runtime would keep a
/// DequantizeLinear node and compute it in every run.
/// </summary>
internal static class WeightCompression
{
    /// <summary>Smaller weights are not quantized: the saving is not worth the error.</summary>
    public const int MinimumNumbers = 1024;

    private const string HalfSuffix = ".half", Int8Suffix = ".int8", ScaleSuffix = ".scale", WideSuffix = ".int8.wide";

    /// <summary>Converts matrices to 16-bit floats, except those with a magnitude above 65504.</summary>
    public static void ToHalf(GraphProto graph) => Replace(graph, 2, (tensor, added) =>
    {
        var values = TensorData.Read(tensor).FloatValues!;
        if (TensorPrimitives.MaxMagnitude<float>(values) is not (< 65504 and > -65504)) return [tensor];
        var half = new Half[values.Length];
        TensorPrimitives.ConvertToHalf(values, half);
        added.Add(Node("Cast", [tensor.Name + HalfSuffix], tensor.Name, ("to", (long)OnnxType.Single)));
        return [Tensor(tensor.Name + HalfSuffix, DataType.Float16, MemoryMarshal.AsBytes<Half>(half), tensor.Dims)];
    });

    /// <summary>Converts large matrices to 8-bit integers with a scale per index of the first axis longer than one (a unit, or a row of a table).</summary>
    public static void ToInt8(GraphProto graph) => Replace(graph, MinimumNumbers, (tensor, added) =>
    {
        var values = TensorData.Read(tensor).FloatValues!;
        int axis = tensor.Dims.IndexOf(tensor.Dims.First(size => size > 1)), rows = (int)tensor.Dims[axis];
        var (integers, scales) = Quantize(values, rows);
        if (integers is null) return [tensor];
        added.Add(Node("Cast", [tensor.Name + Int8Suffix], tensor.Name + WideSuffix, ("to", (long)OnnxType.Single)));
        added.Add(Node("Mul", [tensor.Name + WideSuffix, tensor.Name + ScaleSuffix], tensor.Name));
        long[] scaleShape = [.. tensor.Dims.Select((_, i) => i == axis ? (long)rows : 1)];
        return [Tensor(tensor.Name + Int8Suffix, DataType.Int8, MemoryMarshal.AsBytes<sbyte>(integers), tensor.Dims),
            Tensor(tensor.Name + ScaleSuffix, DataType.Float, MemoryMarshal.AsBytes<float>(scales), scaleShape)];
    });

    /// <summary>
    /// Quantizes to symmetric 8-bit integers with a scale per row: the largest magnitude of the row is 127. Returns none if a number is not finite.
    /// </summary>
    public static (sbyte[]? Integers, float[] Scales) Quantize(ReadOnlySpan<float> values, int rows)
    {
        var integers = new sbyte[values.Length];
        var scales = new float[rows];
        var size = values.Length / rows;
        for (var row = 0; row < rows; row++)
        {
            var numbers = values.Slice(row * size, size);
            var greatest = Math.Abs(TensorPrimitives.MaxMagnitude(numbers));
            if (!float.IsFinite(greatest)) return (null, []);
            // A row of zeros gets a nonzero scale.
            scales[row] = greatest > 0 ? greatest / 127 : 1;
            for (var i = 0; i < size; i++) integers[row * size + i] = (sbyte)MathF.Round(numbers[i] / scales[row]);
        }
        return (integers, scales);
    }

    /// <summary>
    /// Converts the weights of <see cref="ToHalf"/> and <see cref="ToInt8"/> back to 32-bit floats, and 16-bit computation to 32 bits. Returns whether there
    /// were any.
    /// </summary>
    public static bool Restore(GraphProto graph)
    {
        var initializers = graph.Initializer.ToDictionary(tensor => tensor.Name);
        HashSet<NodeProto> gone = [];
        foreach (var node in graph.Node)
        {
            var name = node.Output[0];
            if (node.OpType is "Cast" && node.Input[0] == name + HalfSuffix && initializers.Remove(name + HalfSuffix, out var half))
            {
                initializers.Add(name, Single(name, half.Dims, TensorData.Read(half).FloatValues!));
                gone.Add(node);
            }
            else if (node.OpType is "Mul" && node.Input[0] == name + WideSuffix && initializers.Remove(name + Int8Suffix, out var integers)
                && initializers.Remove(name + ScaleSuffix, out var scale))
            {
                var numbers = TensorData.Read(integers).IntegerValues!;
                var scales = TensorData.Read(scale).FloatValues!;
                var size = numbers.Length / scales.Length;
                initializers.Add(name, Single(name, integers.Dims, [.. numbers.Select((number, i) => number * scales[i / size])]));
                gone.Add(node);
                gone.Add(graph.Node.Single(other => other.Output[0] == name + WideSuffix));
            }
            else if (node.OpType is "Cast" && node.Attribute.FirstOrDefault(attribute => attribute is { Name: "to", I: (long)OnnxType.Half }) is { } to)
                to.I = (long)OnnxType.Single;
        }
        if (gone.Count == 0) return false;
        NodeProto[] kept = [.. graph.Node.Where(node => !gone.Contains(node))];
        graph.Node.Clear();
        graph.Node.Add(kept);
        graph.Initializer.Clear();
        graph.Initializer.Add(initializers.Values);
        return true;
    }

    /// <summary>Creates a tensor.</summary>
    public static TensorProto Tensor(string name, DataType type, ReadOnlySpan<byte> data, IEnumerable<long> shape)
    {
        var tensor = new TensorProto { Name = name, DataType = (int)type, RawData = ByteString.CopyFrom(data) };
        tensor.Dims.Add(shape);
        return tensor;
    }

    /// <summary>Creates a node with one output, named after it.</summary>
    public static NodeProto Node(string operation, string[] inputs, string output, params ReadOnlySpan<OnnxAttribute> attributes)
    {
        var node = new NodeProto { OpType = operation, Name = "node_" + output, Input = { inputs }, Output = { output } };
        foreach (var attribute in attributes) node.Attribute.Add(OnnxModelBuilder.Attribute(attribute));
        return node;
    }

    private static TensorProto Single(string name, IEnumerable<long> shape, float[] values) =>
        Tensor(name, DataType.Float, MemoryMarshal.AsBytes<float>(values), shape);

    // Matrices: tensors with two axes longer than one. Vectors (biases, means, scales) and the levels and scales of series need full precision.
    private static void Replace(GraphProto graph, int leastNumbers, Func<TensorProto, List<NodeProto>, TensorProto[]> replace)
    {
        List<NodeProto> added = [];
        TensorProto[] initializers =
            [.. graph.Initializer.SelectMany(tensor => tensor.DataType == (int)DataType.Float && tensor.Dims.Count(size => size > 1) > 1
            && tensor.Name is not SeriesScaling.LevelName && !tensor.Name.EndsWith(ScaleSuffix, StringComparison.Ordinal)
            && tensor.Dims.Aggregate(1L, (product, size) => product * size) >= leastNumbers ? replace(tensor, added) : [tensor])];
        graph.Initializer.Clear();
        graph.Initializer.Add(initializers);
        NodeProto[] nodes = [.. added, .. graph.Node];
        graph.Node.Clear();
        graph.Node.Add(nodes);
    }
}
