using Microsoft.ML.Recurrent.Onnx.Format;

namespace Microsoft.ML.Recurrent.Onnx;

/// <summary>
/// Builds the body of a loop (Scan). It may use all tensors of the outer graph. Parameters and constants are written there, once, so that a parameter is always
/// found under its name.
/// </summary>
internal sealed class OnnxBodyBuilder(OnnxGraphBuilder outer, string name) : OnnxGraphBuilder(outer.Opset)
{
    public GraphProto Graph { get; } = new() { Name = name };

    /// <summary>Declares an input of a step; unknown dimensions are null.</summary>
    public string Input(string hint, OnnxType type, params ReadOnlySpan<object?> shape) => Input(OnnxModelBuilder.Value(hint, type, shape));

    /// <summary>Declares an input like that of another graph; its name is a hint.</summary>
    public string Input(ValueInfoProto like)
    {
        var input = like.Clone();
        input.Name = NewName(like.Name);
        Graph.Input.Add(input);
        return input.Name;
    }

    /// <summary>Declares an output of a step.</summary>
    public void Output(string hint, string tensor, OnnxType type, params ReadOnlySpan<object?> shape) =>
        Output(OnnxModelBuilder.Value(hint, type, shape), tensor);

    /// <inheritdoc cref="Output(string, string, OnnxType, ReadOnlySpan{object?})"/>
    public void Output(ValueInfoProto like, string tensor)
    {
        var output = like.Clone();
        output.Name = NewName(like.Name);
        NodeTo(output.Name, "Identity", [tensor]);
        Graph.Output.Add(output);
    }

    public override string Parameter(string name, ReadOnlySpan<float> values, params ReadOnlySpan<long> shape) => outer.Parameter(name, values, shape);

    public override string NewName(string hint) => outer.NewName(hint);

    protected override string AddConstant(string hint, float[] values, long[] shape) => shape.Length == 0 ? outer.Scalar(values[0]) : outer.Constant(values);

    protected override string AddConstant(string hint, long[] values, long[] shape) => shape.Length == 0 ? outer.Scalar(values[0]) : outer.Constant(values);

    protected override void AddNode(string operation, string[] inputs, string[] outputs, OnnxAttribute[] attributes) =>
        Graph.Node.Add(OnnxModelBuilder.Node(operation, inputs, outputs, attributes));
}
