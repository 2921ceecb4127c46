using System.Globalization;
using System.Reflection;
using Google.Protobuf;
using Microsoft.ML.Model.OnnxConverter;
using Microsoft.ML.Recurrent.Onnx;
using Microsoft.ML.Recurrent.Onnx.Format;

namespace Microsoft.ML.Recurrent.Hosting;

/// <summary>Writes the nodes of a graph into the ONNX model of an ML.NET pipeline. ML.NET makes all names unique.</summary>
internal sealed class PipelineGraphBuilder(OnnxContext context, int opset) : OnnxGraphBuilder(opset)
{
    public override string Parameter(string name, ReadOnlySpan<float> values, params ReadOnlySpan<long> shape) =>
        AddConstant(name, values.ToArray(), shape.ToArray());

    public override string NewName(string hint) => context.AddIntermediateVariable(null, context.GetNodeName(hint), true);

    /// <summary>Maps the values of a category to ids, int64; 0 for unknown values.</summary>
    public string Encode(string values, CategoryManifest category)
    {
        var name = NewName("category");
        var node = context.CreateNode("LabelEncoder", category.AreNumbers ? Cast(values, OnnxType.Int64) : values, name, context.GetNodeName("LabelEncoder"));
        // The operator requires a nonempty list: in a category without values, every value is unknown.
        var known = category.Values.Length > 0;
        if (category.AreNumbers) node.AddAttribute("keys_int64s", category.Values.Select(Number).ToArray());
        else node.AddAttribute("keys_strings", known ? category.Values.ToArray() : [""]);
        node.AddAttribute("values_int64s", known ? Enumerable.Range(1, category.Values.Length).Select(id => (long)id).ToArray() : [0]);
        node.AddAttribute("default_int64", 0L);
        return name;

        static long Number(string value) =>
            value[0] is '-' ? long.Parse(value, CultureInfo.InvariantCulture) : unchecked((long)ulong.Parse(value, CultureInfo.InvariantCulture));
    }

    // A scalar needs a separate method: the general one does not accept an empty shape.
    protected override string AddConstant(string hint, float[] values, long[] shape) =>
        shape.Length == 0 ? context.AddInitializer(values[0], hint) : context.AddInitializer(values, shape, hint);

    protected override string AddConstant(string hint, long[] values, long[] shape) =>
        shape.Length == 0 ? context.AddInitializer(values[0], hint) : context.AddInitializer(values, shape, hint);

    protected override void AddNode(string operation, string[] inputs, string[] outputs, OnnxAttribute[] attributes)
    {
        var node = context.CreateNode(operation, inputs, outputs, context.GetNodeName(operation), "");
        foreach (var attribute in attributes)
        {
            switch (attribute.Value)
            {
                case long value: node.AddAttribute(attribute.Name, value); break;
                // ML.NET writes a double as an ONNX float.
                case float value: node.AddAttribute(attribute.Name, (double)value); break;
                case string value: node.AddAttribute(attribute.Name, value); break;
                case long[] values: node.AddAttribute(attribute.Name, values); break;
                case float[] values: node.AddAttribute(attribute.Name, values); break;
                case string[] values: node.AddAttribute(attribute.Name, values); break;
                case GraphProto: AddBody(node, attribute); break;
                default: throw new NotSupportedException($"The attribute '{attribute.Name}' of {operation} has a type that ML.NET's exporter does not write.");
            }
        }
    }

    // ML.NET's nodes have no method for the body of a loop, but their protobuf message accepts further fields.
    private static void AddBody(OnnxNode node, OnnxAttribute attribute)
    {
        var record =
            node.GetType().GetFields(BindingFlags.Instance | BindingFlags.NonPublic).Select(field => field.GetValue(node)).OfType<IMessage>().FirstOrDefault()
            ?? throw new NotSupportedException(
                "This version of ML.NET's ONNX exporter does not support loops, which zoneout and normalization inside a cell need. "
                + "Export the network alone by ExportToOnnx of the transformer's Model.");
        record.MergeFrom(new NodeProto { Attribute = { OnnxModelBuilder.Attribute(attribute) } }.ToByteArray());
    }
}
