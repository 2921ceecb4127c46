using Microsoft.ML.Recurrent.Onnx.Format;

namespace Microsoft.ML.Recurrent.Onnx;

/// <summary>An attribute of a node: an integer, a float, a string, a list of these, or the body of a loop.</summary>
internal readonly record struct OnnxAttribute
{
    private OnnxAttribute(string name, object value) => (Name, Value) = (name, value);

    public string Name { get; }

    /// <summary>A long, float, string, long[], float[], string[] or <see cref="GraphProto"/>.</summary>
    public object Value { get; }

    public static implicit operator OnnxAttribute((string Name, long Value) attribute) => new(attribute.Name, attribute.Value);

    public static implicit operator OnnxAttribute((string Name, float Value) attribute) => new(attribute.Name, attribute.Value);

    public static implicit operator OnnxAttribute((string Name, string Value) attribute) => new(attribute.Name, attribute.Value);

    public static implicit operator OnnxAttribute((string Name, long[] Value) attribute) => new(attribute.Name, attribute.Value);

    public static implicit operator OnnxAttribute((string Name, float[] Value) attribute) => new(attribute.Name, attribute.Value);

    public static implicit operator OnnxAttribute((string Name, string[] Value) attribute) => new(attribute.Name, attribute.Value);

    public static implicit operator OnnxAttribute((string Name, GraphProto Value) attribute) => new(attribute.Name, attribute.Value);
}
