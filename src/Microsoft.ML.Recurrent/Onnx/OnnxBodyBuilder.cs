using Microsoft.ML.Recurrent.Onnx.Format;

namespace Microsoft.ML.Recurrent.Onnx;

/// <summary>
/// Builds the body of a loop (Scan). It may use every tensor of the graph around it; parameters and constants are kept there, once, so that a parameter is
/// found under its name wherever it is used.
/// </summary>
internal sealed class OnnxBodyBuilder(OnnxGraphBuilder outer, string name) : OnnxGraphBuilder(outer.Opset)
{
    public GraphProto Graph { get; } = new() { Name = name };

    /// <summary>Declares what a step is given; dimensions may be null where they are not known.</summary>
    public string Input(string hint, OnnxType type, params ReadOnlySpan<object?> shape) => Input(OnnxModelBuilder.Value(hint, type, shape));

    /// <summary>The same for a declaration that another graph has; its name is a hint.</summary>
    public string Input(ValueInfoProto like)
    {
        var input = like.Clone();
        input.Name = NewName(like.Name);
        Graph.Input.Add(input);
        return input.Name;
    }

    /// <summary>Declares what a step gives.</summary>
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
