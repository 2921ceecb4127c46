using Microsoft.ML.Recurrent.Likelihoods;
using Microsoft.ML.Recurrent.Onnx.Layers;

namespace Microsoft.ML.Recurrent.Onnx;

/// <summary>
/// Writes a graph node by node. Tensors are referred to by name; every method returns the name of its output. Operators that changed between opsets 11 and 26
/// are written for <see cref="Opset"/>. Back ends: <see cref="OnnxModelBuilder"/> (a standalone model) and ML.NET's OnnxContext (a pipeline).
/// </summary>
internal abstract class OnnxGraphBuilder(int opset) : IQuantileArithmetic<string>
{
    private readonly Dictionary<string, string> _constants = [];

    /// <summary>The ONNX opset version of the graph.</summary>
    public int Opset { get; } = opset;

    /// <summary>Adds a parameter under its own name, so that it can be loaded again.</summary>
    public abstract string Parameter(string name, ReadOnlySpan<float> values, params ReadOnlySpan<long> shape);

    /// <summary>Returns an unused tensor name that begins with <paramref name="hint"/>.</summary>
    public abstract string NewName(string hint);

    protected abstract string AddConstant(string hint, float[] values, long[] shape);

    protected abstract string AddConstant(string hint, long[] values, long[] shape);

    protected abstract void AddNode(string operation, string[] inputs, string[] outputs, OnnxAttribute[] attributes);

    /// <summary>Adds a 1-D constant (0-D by <see cref="Scalar(float)"/>). Equal constants are stored once.</summary>
    public string Constant(params ReadOnlySpan<float> values)
    {
        var data = values.ToArray();
        return Once("f1:" + string.Join(',', data.Select(BitConverter.SingleToInt32Bits)), () => AddConstant("constant", data, [data.Length]));
    }

    /// <inheritdoc cref="Constant(ReadOnlySpan{float})"/>
    public string Constant(params ReadOnlySpan<long> values)
    {
        var data = values.ToArray();
        return Once("i1:" + string.Join(',', data), () => AddConstant("constant", data, [data.Length]));
    }

    public string Scalar(float value) => Once("f0:" + BitConverter.SingleToInt32Bits(value), () => AddConstant("scalar", [value], []));

    public string Scalar(long value) => Once("i0:" + value, () => AddConstant("scalar", [value], []));

    /// <summary>Adds a node with one output.</summary>
    public string Node(string operation, ReadOnlySpan<string> inputs, params ReadOnlySpan<OnnxAttribute> attributes) =>
        Nodes(operation, inputs, 1, attributes)[0];

    /// <summary>Adds a node with several outputs. An omitted optional input is an empty name.</summary>
    public string[] Nodes(string operation, ReadOnlySpan<string> inputs, int outputs, params ReadOnlySpan<OnnxAttribute> attributes)
    {
        var names = new string[outputs];
        for (var i = 0; i < outputs; i++) names[i] = NewName(operation.ToLowerInvariant());
        AddNode(operation, inputs.ToArray(), names, attributes.ToArray());
        return names;
    }

    /// <summary>Adds a node whose output has a given name (a graph output).</summary>
    public void NodeTo(string output, string operation, ReadOnlySpan<string> inputs, params ReadOnlySpan<OnnxAttribute> attributes) =>
        AddNode(operation, inputs.ToArray(), [output], attributes.ToArray());

    public string Add(string a, string b) => Node("Add", [a, b]);

    public string Add(string a, float b) => Add(a, Scalar(b));

    public string Subtract(string a, string b) => Node("Sub", [a, b]);

    public string Subtract(string a, float b) => Subtract(a, Scalar(b));

    public string Multiply(string a, string b) => Node("Mul", [a, b]);

    public string Multiply(string a, float b) => Multiply(a, Scalar(b));

    public string Divide(string a, string b) => Node("Div", [a, b]);

    public string ScaledSquare(string scale, string x) => Multiply(scale, Multiply(x, x));

    public string Maximum(string a, string b) => Node("Max", [a, b]);

    public string Maximum(string a, float b) => Maximum(a, Scalar(b));

    public string Minimum(string a, string b) => Node("Min", [a, b]);

    public string Minimum(string a, float b) => Minimum(a, Scalar(b));

    public string Sqrt(string x) => Node("Sqrt", [x]);

    public string Softplus(string x) => Node("Softplus", [x]);

    public string StudentTQuantile(string excess, string score) => StudentTQuantileExporter.At(this, excess, score);

    public string NegativeBinomialQuantile(string mean, string dispersion, string score) => CountQuantileExporter.At(this, mean, dispersion, score);

    public string MatMul(string a, string b) => Node("MatMul", [a, b]);

    /// <summary>x [n, features] times the transposed weight [units, features], plus bias [units].</summary>
    public string Gemm(string x, string weight, string bias) => Node("Gemm", [x, weight, bias], ("transB", 1L));

    public string Sigmoid(string x) => Node("Sigmoid", [x]);

    public string Tanh(string x) => Node("Tanh", [x]);

    public string Relu(string x) => Node("Relu", [x]);

    public string Softmax(string x, int axis) => Node("Softmax", [x], ("axis", (long)axis));

    public string Cast(string x, OnnxType type) => Node("Cast", [x], ("to", (long)type));

    public string Where(string condition, string a, string b) => Node("Where", [condition, a, b]);

    public string Where(string condition, string a, float b) => Where(condition, a, Scalar(b));

    public string Less(string a, string b) => Node("Less", [a, b]);

    public string Less(string a, float b) => Less(a, Scalar(b));

    public string Greater(string a, string b) => Node("Greater", [a, b]);

    public string Greater(string a, float b) => Greater(a, Scalar(b));

    public string Transpose(string x, params long[] permutation) => Node("Transpose", [x], ("perm", permutation));

    /// <summary>Reshapes; 0 keeps a dimension, -1 infers it.</summary>
    public string Reshape(string x, params ReadOnlySpan<long> shape) => Node("Reshape", [x, Constant(shape)]);

    public string Concat(int axis, params ReadOnlySpan<string> inputs) => inputs.Length == 1 ? inputs[0] : Node("Concat", inputs, ("axis", (long)axis));

    public string Gather(string data, string indices, int axis) => Node("Gather", [data, indices], ("axis", (long)axis));

    public string Gather(string data, long index, int axis) => Gather(data, Scalar(index), axis);

    /// <summary>
    /// x[.., start..end, ..] along one axis, with stride <paramref name="step"/>; a negative end counts from the end, <see cref="long.MaxValue"/> means all.
    /// </summary>
    public string Slice(string x, long start, long end, int axis, long step = 1) =>
        Node("Slice", [x, Constant(start), Constant(end), Constant((long)axis), Constant(step)]);

    /// <summary>Splits one axis into parts of the given sizes.</summary>
    public string[] Split(string x, int axis, params long[] sizes) => Opset < 13
        ? Nodes("Split", [x], sizes.Length, ("axis", (long)axis), ("split", sizes))
        : Nodes("Split", [x, Constant(sizes)], sizes.Length, ("axis", (long)axis));

    /// <summary>The size of one axis, int64 scalar.</summary>
    public string Size(string x, int axis) => Gather(Node("Shape", [x]), axis, 0);

    /// <summary>The 0-based places along one axis, int64 [size].</summary>
    public string Indices(string x, int axis) => Node("Range", [Scalar(0L), Size(x, axis), Scalar(1L)]);

    /// <summary>The index of the maximum along an axis, kept with size 1; int64.</summary>
    public string ArgMax(string x, int axis) => Node("ArgMax", [x], ("axis", (long)axis), ("keepdims", 1L));

    public string ReduceSum(string x, int axis, bool keep = false) => Reduce("ReduceSum", 13, x, axis, keep);

    public string ReduceMean(string x, int axis, bool keep = false) => Reduce("ReduceMean", 18, x, axis, keep);

    public string ReduceMax(string x, int axis, bool keep = false) => Reduce("ReduceMax", 18, x, axis, keep);

    public string Unsqueeze(string x, int axis) =>
        Opset < 13 ? Node("Unsqueeze", [x], ("axes", new[] { (long)axis })) : Node("Unsqueeze", [x, Constant((long)axis)]);

    public string Squeeze(string x, int axis) =>
        Opset < 13 ? Node("Squeeze", [x], ("axes", new[] { (long)axis })) : Node("Squeeze", [x, Constant((long)axis)]);

    // The axes were an attribute in older opsets and are an input in newer ones.
    private string Reduce(string operation, int axesAreInputFrom, string x, int axis, bool keep) => Opset < axesAreInputFrom
        ? Node(operation, [x], ("axes", new[] { (long)axis }), ("keepdims", keep ? 1L : 0L))
        : Node(operation, [x, Constant((long)axis)], ("keepdims", keep ? 1L : 0L));

    private string Once(string key, Func<string> add)
    {
        if (!_constants.TryGetValue(key, out var name)) _constants.Add(key, name = add());
        return name;
    }
}

/// <summary>Element types, with their ONNX numbers.</summary>
internal enum OnnxType
{
    Single = 1,
    Int32 = 6,
    Int64 = 7,
    Text = 8,
    Boolean = 9,
    Half = 10,
    Double = 11,
}
