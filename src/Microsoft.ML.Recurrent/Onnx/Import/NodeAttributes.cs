using Microsoft.ML.Recurrent.Onnx.Format;

namespace Microsoft.ML.Recurrent.Onnx.Import;

/// <summary>A node's attributes by name.</summary>
internal static class NodeAttributes
{
    public static AttributeProto? Find(this NodeProto node, string name) => node.Attribute.FirstOrDefault(attribute => attribute.Name == name);

    public static long? Integer(this NodeProto node, string name) => node.Find(name)?.I;

    public static float? Number(this NodeProto node, string name) => node.Find(name)?.F;

    public static string? Text(this NodeProto node, string name) => node.Find(name)?.S.ToStringUtf8();

    public static long[]? Integers(this NodeProto node, string name) => node.Find(name) is { } attribute ? [.. attribute.Ints] : null;
}
