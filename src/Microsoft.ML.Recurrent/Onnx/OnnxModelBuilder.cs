using System.Globalization;
using System.Runtime.InteropServices;
using Google.Protobuf;
using Microsoft.ML.Recurrent.Onnx.Format;

namespace Microsoft.ML.Recurrent.Onnx;

/// <summary>Builds a <see cref="ModelProto"/>.</summary>
internal sealed class OnnxModelBuilder : OnnxGraphBuilder
{
    private readonly HashSet<string> _names = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _numbers = new(StringComparer.Ordinal);

    /// <param name="opset">The opset version.</param>
    /// <param name="graphName">The name of the graph.</param>
    /// <param name="reserved">Names reserved for inputs, outputs and parameters added later.</param>
    public OnnxModelBuilder(int opset, string graphName, IEnumerable<string> reserved) : base(opset)
    {
        _names.UnionWith(reserved);
        Model = new()
        {
            // The lowest IR version for this opset, so that older readers can load the file. Since 4, initializers need not be inputs.
            IrVersion = opset switch { <= 11 => 6, <= 14 => 7, <= 18 => 8, <= 20 => 9, <= 22 => 10, 23 => 11, 24 => 12, _ => 13 },
            ProducerName = "Microsoft.ML.Recurrent",
            ProducerVersion = typeof(RecurrentModel).Assembly.GetName().Version!.ToString(3),
            Graph = new() { Name = graphName },
        };
        Model.OpsetImport.Add(new OperatorSetIdProto { Domain = "", Version = opset });
    }

    public ModelProto Model { get; }

    /// <summary>Declares an input; a dimension is a number or a symbolic name.</summary>
    public void Input(string name, OnnxType type, params ReadOnlySpan<object> shape) => Model.Graph.Input.Add(Value(name, type, shape));

    /// <summary>Declares and names an output.</summary>
    public void Output(string name, string tensor, OnnxType type, params ReadOnlySpan<object> shape)
    {
        NodeTo(name, "Identity", [tensor]);
        Model.Graph.Output.Add(Value(name, type, shape));
    }

    /// <summary>Names an output that is already declared.</summary>
    public void Output(ValueInfoProto output, string tensor)
    {
        NodeTo(output.Name, "Identity", [tensor]);
        Model.Graph.Output.Add(output);
    }

    public override string Parameter(string name, ReadOnlySpan<float> values, params ReadOnlySpan<long> shape)
    {
        _names.Add(name);
        Add(name, TensorProto.Types.DataType.Float, MemoryMarshal.AsBytes(values), shape);
        return name;
    }

    public override string NewName(string hint)
    {
        while (true)
        {
            _numbers[hint] = _numbers.TryGetValue(hint, out var number) ? ++number : number = 1;
            var name = number == 1 ? hint : hint + "_" + number.ToString(CultureInfo.InvariantCulture);
            if (_names.Add(name)) return name;
        }
    }

    protected override string AddConstant(string hint, float[] values, long[] shape) =>
        Add(NewName(hint), TensorProto.Types.DataType.Float, MemoryMarshal.AsBytes<float>(values), shape);

    protected override string AddConstant(string hint, long[] values, long[] shape) =>
        Add(NewName(hint), TensorProto.Types.DataType.Int64, MemoryMarshal.AsBytes<long>(values), shape);

    protected override void AddNode(string operation, string[] inputs, string[] outputs, OnnxAttribute[] attributes) =>
        Model.Graph.Node.Add(Node(operation, inputs, outputs, attributes));

    private string Add(string name, TensorProto.Types.DataType type, ReadOnlySpan<byte> data, ReadOnlySpan<long> shape)
    {
        // raw_data is little-endian by the ONNX standard.
        if (!BitConverter.IsLittleEndian) throw new PlatformNotSupportedException("ONNX files can be written on little-endian machines only.");
        var tensor = new TensorProto { Name = name, DataType = (int)type, RawData = ByteString.CopyFrom(data) };
        tensor.Dims.Add(shape.ToArray());
        Model.Graph.Initializer.Add(tensor);
        return name;
    }

    internal static NodeProto Node(string operation, string[] inputs, string[] outputs, OnnxAttribute[] attributes) =>
        new() { OpType = operation, Name = "node_" + outputs[0], Input = { inputs }, Output = { outputs }, Attribute = { attributes.Select(Attribute) } };

    internal static AttributeProto Attribute(OnnxAttribute attribute)
    {
        var proto = new AttributeProto { Name = attribute.Name };
        switch (attribute.Value)
        {
            case long value:
                (proto.I, proto.Type) = (value, AttributeProto.Types.AttributeType.Int);
                break;
            case float value:
                (proto.F, proto.Type) = (value, AttributeProto.Types.AttributeType.Float);
                break;
            case string value:
                (proto.S, proto.Type) = (ByteString.CopyFromUtf8(value), AttributeProto.Types.AttributeType.String);
                break;
            case long[] values:
                proto.Ints.Add(values);
                proto.Type = AttributeProto.Types.AttributeType.Ints;
                break;
            case float[] values:
                proto.Floats.Add(values);
                proto.Type = AttributeProto.Types.AttributeType.Floats;
                break;
            case string[] values:
                proto.Strings.Add(values.Select(ByteString.CopyFromUtf8));
                proto.Type = AttributeProto.Types.AttributeType.Strings;
                break;
            case GraphProto graph:
                (proto.G, proto.Type) = (graph, AttributeProto.Types.AttributeType.Graph);
                break;
        }
        return proto;
    }

    /// <summary>Describes a tensor; a dimension is a number, a symbolic name, or null if unknown.</summary>
    internal static ValueInfoProto Value(string name, OnnxType type, ReadOnlySpan<object?> shape)
    {
        var dimensions = new TensorShapeProto();
        foreach (var dimension in shape)
            dimensions.Dim.Add(dimension switch
            {
                null => new TensorShapeProto.Types.Dimension(),
                string symbol => new() { DimParam = symbol },
                _ => new() { DimValue = Convert.ToInt64(dimension, CultureInfo.InvariantCulture) },
            });
        return new() { Name = name, Type = new() { TensorType = new() { ElemType = (int)type, Shape = dimensions } } };
    }
}
