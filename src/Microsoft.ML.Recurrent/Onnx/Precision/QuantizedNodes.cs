using System.Runtime.InteropServices;
using Microsoft.ML.Recurrent.Onnx.Format;
using Microsoft.ML.Recurrent.Onnx.Import;
using DataType = Microsoft.ML.Recurrent.Onnx.Format.TensorProto.Types.DataType;

namespace Microsoft.ML.Recurrent.Onnx.Precision;

/// <summary>
/// Quantization to 8 bits: LSTM nodes become <c>com.microsoft.DynamicQuantizeLSTM</c>, large dense layers QuantizeLinear and MatMulInteger. Weights are
/// symmetric 8-bit integers with a scale per unit. Inputs are quantized within calibrated ranges (<see cref="QuantizationRange"/>): those of dense layers over
/// the whole range, those of LSTM nodes, whose operator computes the scale in every run over all rows, over a part of it. Numbers outside are clipped, so that
/// an outlier in one row does not cost the other rows their precision. There is no such operator for GRU and RNN.
/// </summary>
internal sealed class QuantizedNodes
{
    private const string Microsoft = "com.microsoft";

    // For smaller products, quantizing the inputs costs more than it saves.
    private const int LeastDenseNumbers = 4096;

    private readonly GraphProto _graph;
    private readonly Dictionary<string, TensorData> _known = [];
    private readonly Dictionary<string, string> _transposed = [], _masks = [];
    private readonly List<NodeProto> _nodes = [];
    private readonly List<TensorProto> _weights = [];
    private bool _usesMicrosoft;

    private readonly IReadOnlyDictionary<string, QuantizationRange> _ranges;
    private readonly HashSet<string> _clipped = [];

    private QuantizedNodes(GraphProto graph, IReadOnlyDictionary<string, QuantizationRange> ranges)
    {
        (_graph, _ranges) = (graph, ranges);
        foreach (var tensor in _graph.Initializer) _known[tensor.Name] = TensorData.Read(tensor);
    }

    /// <summary>Converts the nodes.</summary>
    /// <param name="model">The model.</param>
    /// <param name="ranges">The ranges of the tensors that <see cref="Inputs"/> names.</param>
    public static void Convert(ModelProto model, IReadOnlyDictionary<string, QuantizationRange> ranges)
    {
        var converter = new QuantizedNodes(model.Graph, ranges);
        converter.Convert();
        if (converter._usesMicrosoft && model.OpsetImport.All(opset => opset.Domain != Microsoft))
            model.OpsetImport.Add(new OperatorSetIdProto { Domain = Microsoft, Version = 1 });
    }

    /// <summary>The tensors that nodes take which can be converted, each once.</summary>
    public static IReadOnlyCollection<string> Inputs(ModelProto model)
    {
        var reader = new QuantizedNodes(model.Graph, new Dictionary<string, QuantizationRange>());
        HashSet<string> inputs = [];
        foreach (var node in model.Graph.Node)
        {
            reader.Follow(node);
            if (node.OpType switch { "LSTM" => reader.IsLarge(node), "Gemm" or "MatMul" => reader.DenseWeight(node) is not null, _ => false })
                inputs.Add(node.Input[0]);
        }
        return inputs;
    }

    private void Convert()
    {
        foreach (var node in _graph.Node)
        {
            Follow(node);
            var done = node.OpType switch { "LSTM" => Lstm(node), "Gemm" or "MatMul" => Dense(node), _ => false };
            if (!done) _nodes.Add(node);
        }
        _graph.Node.Clear();
        _graph.Node.Add(_nodes);
        _graph.Initializer.Add(_weights);
        DropUnused();
    }

    // Weights that are computed by nodes: concatenated directions, projections multiplied in, blocks that are other blocks negated.
    private void Follow(NodeProto node)
    {
        if (node.OpType is "Transpose" && _graph.Initializer.Any(tensor => tensor.Name == node.Input[0]) && node.Integers("perm") is [1, 0])
            _transposed[node.Output[0]] = node.Input[0];
        else if (node.OpType is "Concat" or "MatMul" or "Unsqueeze" or "Slice" or "Neg" && node.Input.All(_known.ContainsKey)
            && ConstantFolding.Fold(node, [.. node.Input.Select(input => _known[input])]) is { } folded) _known[node.Output[0]] = folded;
    }

    private bool IsLarge(NodeProto node) => _known.TryGetValue(node.Input[1], out var w) && _known.TryGetValue(node.Input[2], out var r)
        && w.Length + r.Length >= WeightCompression.MinimumNumbers;

    private bool Lstm(NodeProto node)
    {
        if (!IsLarge(node)) return false;
        var (w, r) = (_known[node.Input[1]], _known[node.Input[2]]);
        if (Write(node.Input[1], w) is not { } input || Write(node.Input[2], r) is not { } recurrent) return false;
        var inputs = node.Input.ToList();
        while (inputs.Count < 8) inputs.Add("");
        var x = inputs[0];
        if (inputs[4].Length > 0) inputs[0] = Masked(inputs[0], inputs[4], node.Output[0]);
        if (_ranges.TryGetValue(x, out var range)) inputs[0] = Clipped(inputs[0], range);
        (inputs[1], inputs[2]) = (input.Weight, recurrent.Weight);
        inputs.AddRange([input.Scale, input.Zero, recurrent.Scale, recurrent.Zero]);
        node.Input.Clear();
        node.Input.Add(inputs);
        (node.OpType, node.Domain) = ("DynamicQuantizeLSTM", Microsoft);
        _usesMicrosoft = true;
        return false; // The node stays as it is.
    }

    // The scale covers all numbers, so padding must not affect it: zeros past the lengths [batch] of x [time, batch, features].
    private string Masked(string x, string lengths, string output)
    {
        if (!_masks.TryGetValue(lengths, out var mask))
        {
            string Name(string part) => $"{lengths}.{part}";
            void Node(string operation, string[] inputs, string part, params ReadOnlySpan<OnnxAttribute> attributes) =>
                _nodes.Add(WeightCompression.Node(operation, inputs, Name(part), attributes));
            string Integers(string part, long[] values, params long[] shape) => Add(Name(part), DataType.Int64, MemoryMarshal.AsBytes<long>(values), shape);
            Node("Shape", [x], "shape");
            Node("Gather", [Name("shape"), Integers("first", [0])], "time", ("axis", 0L));
            Node("Range", [Integers("zero", [0]), Name("time"), Integers("one", [1])], "range");
            Node("Reshape", [Name("range"), Integers("column", [-1, 1], 2)], "steps");
            Node("Cast", [lengths], "wide", ("to", (long)OnnxType.Int64));
            Node("Reshape", [Name("wide"), Integers("row", [1, -1], 2)], "ends");
            Node("Less", [Name("steps"), Name("ends")], "less");
            Node("Reshape", [Name("less"), Integers("cube", [0, 0, 1], 3)], "mask");
            Add(Name("none"), DataType.Float, new byte[sizeof(float)], []);
            _masks.Add(lengths, mask = Name("mask"));
        }
        _nodes.Add(WeightCompression.Node("Where", [mask, x, lengths + ".none"], output + ".x"));
        return output + ".x";
    }

    // Within the range; what is no number is 0.
    private string Clipped(string x, QuantizationRange range)
    {
        var clipped = x + ".clipped";
        if (!_clipped.Add(clipped)) return clipped;
        var zero = Add("quantization.none", DataType.Float, new byte[sizeof(float)], []);
        _nodes.AddRange([
            WeightCompression.Node("IsNaN", [x], x + ".is_nan"),
            WeightCompression.Node("Where", [x + ".is_nan", zero, x], x + ".numbers"),
            WeightCompression.Node("Clip", [x + ".numbers", Scalar(x + ".low", range.Low), Scalar(x + ".high", range.High)], clipped),
        ]);
        return clipped;
    }

    private string Scalar(string name, float value) => Add(name, DataType.Float, MemoryMarshal.AsBytes<float>([value]), []);

    // [directions, units, features] as [directions, features, units], with a scale and a zero point per unit.
    private (string Weight, string Scale, string Zero)? Write(string name, TensorData weight)
    {
        int directions = (int)weight.Shape[0], units = (int)weight.Shape[1], features = (int)weight.Shape[2];
        var (integers, scales) = WeightCompression.Quantize(weight.FloatValues, directions * units);
        if (integers is null) return null;
        return (Add(name + ".int8", DataType.Int8, Turn(integers, directions, units, features), [directions, features, units]), Add(name + ".scale",
            DataType.Float, MemoryMarshal.AsBytes<float>(scales), [directions, units]),
            Add(name + ".zero", DataType.Int8, new byte[directions * units], [directions, units]));
    }

    // The name of a dense layer's weight, where the layer is large.
    private string? DenseWeight(NodeProto node)
    {
        var weight = node.OpType is "MatMul" ? _transposed.GetValueOrDefault(node.Input[1])
            : node.Integer("transB") == 1 && node.Input.Count == 3 ? node.Input[1] : null;
        return weight is not null && _known.TryGetValue(weight, out var values) && values.Rank == 2 && values.Length >= LeastDenseNumbers ? weight : null;
    }

    private bool Dense(NodeProto node)
    {
        if (DenseWeight(node) is not { } weight) return false;
        var (x, bias, output, values) = (node.Input[0], node.OpType is "Gemm" ? node.Input[2] : null, node.Output[0], _known[weight]);
        int units = (int)values.Shape[0], features = (int)values.Shape[1];
        var (integers, scales) = WeightCompression.Quantize(values.FloatValues, units);
        if (integers is null) return false;
        string w = Add(weight + ".int8", DataType.Int8, Turn(integers, 1, units, features), [features, units]),
            s = Add(weight + ".scale", DataType.Float, MemoryMarshal.AsBytes<float>(scales), [units]);
        string Name(string part) => $"{output}.{part}";
        var (scale, zero) = _ranges.GetValueOrDefault(x, QuantizationRange.Unknown).Grid();
        string xScale = Scalar(Name("x_scale"), scale), xZero = Add(Name("x_zero"), DataType.Uint8, [zero], []);
        _nodes.AddRange([
            WeightCompression.Node("QuantizeLinear", [x, xScale, xZero], Name("x")),
            WeightCompression.Node("MatMulInteger", [Name("x"), w, xZero], Name("integers")),
            WeightCompression.Node("Cast", [Name("integers")], Name("wide"), ("to", (long)OnnxType.Single)),
            WeightCompression.Node("Mul", [xScale, s], Name("unit_scale")),
            WeightCompression.Node("Mul", [Name("wide"), Name("unit_scale")], bias is null ? output : Name("product")),
        ]);
        if (bias is not null) _nodes.Add(WeightCompression.Node("Add", [Name("product"), bias], output));
        return true;
    }

    private string Add(string name, DataType type, ReadOnlySpan<byte> data, long[] shape)
    {
        // A weight shared by two nodes is written once.
        if (_weights.All(tensor => tensor.Name != name)) _weights.Add(WeightCompression.Tensor(name, type, data, shape));
        return name;
    }

    private static byte[] Turn(sbyte[] values, int blocks, int rows, int columns)
    {
        var turned = new byte[values.Length];
        for (var block = 0; block < blocks; block++)
            for (var row = 0; row < rows; row++)
                for (var column = 0; column < columns; column++)
                    turned[(block * columns + column) * rows + row] = (byte)values[(block * rows + row) * columns + column];
        return turned;
    }

    // Removes unused weights and the nodes that computed them.
    private void DropUnused()
    {
        for (var dropped = true; dropped;)
        {
            var used = _graph.Output.Select(output => output.Name).ToHashSet();
            Collect(_graph, used);
            NodeProto[] nodes = [.. _graph.Node.Where(node => node.Output.Any(used.Contains))];
            TensorProto[] tensors = [.. _graph.Initializer.Where(tensor => used.Contains(tensor.Name))];
            dropped = nodes.Length < _graph.Node.Count || tensors.Length < _graph.Initializer.Count;
            _graph.Node.Clear();
            _graph.Node.Add(nodes);
            _graph.Initializer.Clear();
            _graph.Initializer.Add(tensors);
        }
    }

    private static void Collect(GraphProto graph, HashSet<string> used)
    {
        foreach (var node in graph.Node)
        {
            used.UnionWith(node.Input);
            foreach (var attribute in node.Attribute)
            {
                if (attribute.G is not { } inner) continue;
                Collect(inner, used);
                used.UnionWith(inner.Output.Select(output => output.Name));
            }
        }
    }
}
