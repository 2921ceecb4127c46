using System.Text;
using Microsoft.ML.Recurrent.Onnx.Format;

namespace Microsoft.ML.Recurrent.Model;

/// <summary>Summarizes a foreign graph: inputs, operations and outputs.</summary>
internal static class ForeignSummary
{
    public static string Create(ModelProto model)
    {
        var text = new StringBuilder();
        text.Append("ONNX graph of ").Append(model.ProducerName.Length > 0 ? model.ProducerName : "another framework").Append('\n');
        foreach (var input in model.Graph.Input) text.Append("input   ").Append(Describe(input)).Append('\n');
        foreach (var kind in model.Graph.Node.GroupBy(Operation).OrderByDescending(kind => kind.Count()))
            text.Append("node    ").Append(kind.Key).Append(" x ").Append(kind.Count()).Append('\n');
        foreach (var output in model.Graph.Output) text.Append("output  ").Append(Describe(output)).Append('\n');
        return text.ToString();
    }

    /// <summary>The operation of a node, with its domain if that is not ONNX's own.</summary>
    public static string Operation(NodeProto node) => node.Domain.Length is 0 ? node.OpType : node.Domain + "." + node.OpType;

    private static string Describe(ValueInfoProto value) =>
        $"{value.Name} [{string.Join(", ", value.Type.TensorType.Shape.Dim.Select(dimension =>
            dimension.DimParam is { Length: > 0 } symbol ? symbol : dimension.DimValue.ToString(System.Globalization.CultureInfo.InvariantCulture)))}]";
}
