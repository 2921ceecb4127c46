using Microsoft.ML.Recurrent.Onnx.Format;

namespace Microsoft.ML.Recurrent.Onnx.Import;

/// <summary>Creates the errors of graph import.</summary>
internal static class ImportErrors
{
    private const string Remedy = "Such a model can be scored as it is by mlContext.Transforms.ApplyRecurrentOnnx, and streamed by SequenceStream if it passes "
        + "its states on, but not trained further.";

    public static NotSupportedException Node(NodeProto node, string reason)
    {
        var operation = ForeignSummary.Operation(node);
        var name = node.Name.Length > 0 ? $"'{node.Name}' ({operation})" : $"{operation}, which writes '{node.Output.FirstOrDefault()}',";
        return new($"The node {name} cannot be imported: {reason}. {Remedy}");
    }

    public static NotSupportedException Graph(string reason) => new($"{reason} {Remedy}");
}
