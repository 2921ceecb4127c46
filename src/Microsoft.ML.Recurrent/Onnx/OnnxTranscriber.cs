using System.Runtime.InteropServices;
using Microsoft.ML.Recurrent.Onnx.Format;
using Microsoft.ML.Recurrent.Onnx.Layers;

namespace Microsoft.ML.Recurrent.Onnx;

/// <summary>
/// Copies the graph of a model of this library, node by node, into another builder: in another opset, or into an ML.NET pipeline. A loaded model can thus do
/// all that a newly trained one can.
/// </summary>
internal sealed class OnnxTranscriber
{
    private readonly ModelProto _source;
    private readonly Dictionary<string, TensorProto> _initializers;
    private readonly Dictionary<string, string> _names;
    private OnnxGraphBuilder _target;

    private OnnxTranscriber(ModelProto source, OnnxGraphBuilder target, IReadOnlyDictionary<string, string> inputs)
    {
        (_source, _target, _names) = (source, target, new(inputs));
        _initializers = source.Graph.Initializer.ToDictionary(tensor => tensor.Name);
    }

    /// <summary>Rewrites the model for the given options.</summary>
    public static ModelProto Export(ModelProto source, OnnxExportOptions options)
    {
        var graph = source.Graph;
        var target = new OnnxModelBuilder(options.Opset, options.GraphName,
            graph.Input.Concat(graph.Output).Select(value => value.Name).Concat(graph.Initializer.Select(tensor => tensor.Name)));
        target.Model.Graph.Input.Add(graph.Input);
        var answers = Write(source, target, graph.Input.ToDictionary(input => input.Name, input => input.Name));
        foreach (var output in graph.Output) target.Output(output, answers[output.Name]);
        return target.Model;
    }

    /// <summary>Writes the nodes. <paramref name="inputs"/> maps each input of the graph to a tensor of the target; the result maps each output.</summary>
    public static IReadOnlyDictionary<string, string> Write(ModelProto source, OnnxGraphBuilder target, IReadOnlyDictionary<string, string> inputs)
    {
        var transcriber = new OnnxTranscriber(source, target, inputs);
        foreach (var node in source.Graph.Node) transcriber.Write(node);
        return source.Graph.Output.ToDictionary(output => output.Name, output => transcriber._names[output.Name]);
    }

    private void Write(NodeProto node)
    {
        if (node.OpType == "Identity")
        {
            _names[node.Output[0]] = Name(node.Input[0]);
            return;
        }
        // A reduction over all axes names none.
        if (AxesForm(node.OpType) is { } write && (node.Input.Count > 1 || Attribute(node, "axes") is not null))
        {
            _names[node.Output[0]] = write(Name(node.Input[0]), checked((int)Axis(node)), Attribute(node, "keepdims")?.I == 1);
            return;
        }
        if (node.OpType == "LayerNormalization")
        {
            // This operator requires opset 17.
            _names[node.Output[0]] = NormalizationExporter.LayerNorm(_target, Name(node.Input[0]), Name(node.Input[1]), Name(node.Input[2]),
                Attribute(node, "epsilon")!.F);
            return;
        }
        var outputs = node.OpType == "Split"
            ? _target.Split(Name(node.Input[0]), checked((int)Attribute(node, "axis")!.I), Sizes(node))
            : _target.Nodes(node.OpType, node.Input.Select(Name).ToArray(), node.Output.Count, [.. node.Attribute.Select(Convert)]);
        for (var i = 0; i < outputs.Length; i++) _names[node.Output[i]] = outputs[i];
    }

    // The axes of these operators changed from an attribute to an input: the builder writes the form of its opset.
    private Func<string, int, bool, string>? AxesForm(string operation) => operation switch
    {
        "ReduceSum" => _target.ReduceSum,
        "ReduceMean" => _target.ReduceMean,
        "ReduceMax" => _target.ReduceMax,
        "Squeeze" => (x, axis, _) => _target.Squeeze(x, axis),
        "Unsqueeze" => (x, axis, _) => _target.Unsqueeze(x, axis),
        _ => null,
    };

    private long Axis(NodeProto node) => Attribute(node, "axes") is { } axes ? axes.Ints.Single() : Integers(node.Input[1])[0];

    private long[] Sizes(NodeProto node) => Attribute(node, "split") is { } split ? [.. split.Ints] : Integers(node.Input[1]);

    private long[] Integers(string initializer) => MemoryMarshal.Cast<byte, long>(_initializers[initializer].RawData.Span).ToArray();

    // The body of a loop. It may use tensors of the outer graph, which holds all constants.
    private GraphProto Write(GraphProto source)
    {
        var (outer, body) = (_target, new OnnxBodyBuilder(_target, source.Name));
        _target = body;
        foreach (var input in source.Input) _names[input.Name] = body.Input(input);
        foreach (var node in source.Node) Write(node);
        foreach (var output in source.Output) body.Output(output, Name(output.Name));
        _target = outer;
        return body.Graph;
    }

    private string Name(string name)
    {
        if (name.Length == 0) return "";
        if (!_names.TryGetValue(name, out var written)) _names.Add(name, written = Write(_initializers[name]));
        return written;
    }

    private string Write(TensorProto tensor)
    {
        var data = tensor.RawData.Span;
        return (TensorProto.Types.DataType)tensor.DataType switch
        {
            TensorProto.Types.DataType.Int64 =>
                tensor.Dims.Count == 0 ? _target.Scalar(MemoryMarshal.Cast<byte, long>(data)[0]) : _target.Constant(MemoryMarshal.Cast<byte, long>(data)),
            TensorProto.Types.DataType.Float => _target.Parameter(tensor.Name, MemoryMarshal.Cast<byte, float>(data), [.. tensor.Dims]),
            var type => throw new NotSupportedException($"The initializer '{tensor.Name}' of type {type} cannot be copied."),
        };
    }

    private static AttributeProto? Attribute(NodeProto node, string name) => node.Attribute.FirstOrDefault(attribute => attribute.Name == name);

    private OnnxAttribute Convert(AttributeProto attribute) => attribute.Type switch
    {
        AttributeProto.Types.AttributeType.Int => (attribute.Name, attribute.I),
        AttributeProto.Types.AttributeType.Float => (attribute.Name, attribute.F),
        AttributeProto.Types.AttributeType.String => (attribute.Name, attribute.S.ToStringUtf8()),
        AttributeProto.Types.AttributeType.Ints => (attribute.Name, attribute.Ints.ToArray()),
        AttributeProto.Types.AttributeType.Floats => (attribute.Name, attribute.Floats.ToArray()),
        AttributeProto.Types.AttributeType.Strings => (attribute.Name, attribute.Strings.Select(text => text.ToStringUtf8()).ToArray()),
        AttributeProto.Types.AttributeType.Graph => (attribute.Name, Write(attribute.G)),
        var type => throw new NotSupportedException($"The attribute '{attribute.Name}' of type {type} cannot be copied."),
    };
}
