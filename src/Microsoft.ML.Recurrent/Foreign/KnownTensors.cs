using Microsoft.ML.Recurrent.Onnx;
using Microsoft.ML.Recurrent.Onnx.Format;

namespace Microsoft.ML.Recurrent.Foreign;

/// <summary>The constants of a graph and of the graphs inside it, by name; read where they are asked for, since weights are large.</summary>
internal sealed class KnownTensors
{
    private const int MostNumbers = 64;

    private readonly Dictionary<string, TensorProto> _tensors = new(StringComparer.Ordinal);

    public KnownTensors(GraphProto graph) => Add(graph);

    /// <summary>The number of axes of a constant; null for what is none.</summary>
    public int? Rank(string name) => _tensors.GetValueOrDefault(name)?.Dims.Count;

    /// <summary>The integers of a small constant; null for anything else.</summary>
    public long[]? Integers(NodeProto node, int input)
    {
        if (input >= node.Input.Count || !_tensors.TryGetValue(node.Input[input], out var tensor)) return null;
        if (tensor.Dims.Aggregate(1L, (product, size) => product * size) > MostNumbers
            || (TensorProto.Types.DataType)tensor.DataType is not (TensorProto.Types.DataType.Int64 or TensorProto.Types.DataType.Int32)) return null;
        return TensorData.Read(tensor).IntegerValues;
    }

    private void Add(GraphProto graph)
    {
        foreach (var tensor in graph.Initializer) _tensors.TryAdd(tensor.Name, tensor);
        foreach (var node in graph.Node)
        {
            if (node.OpType is "Constant" && node.Output.Count > 0 && Value(node) is { } constant) _tensors.TryAdd(node.Output[0], constant);
            foreach (var inner in Graphs(node)) Add(inner);
        }
    }

    /// <summary>The graphs inside a node.</summary>
    public static IEnumerable<GraphProto> Graphs(NodeProto node) =>
        node.Attribute.SelectMany(attribute => attribute.G is { } one ? attribute.Graphs.Prepend(one) : attribute.Graphs);

    private static TensorProto? Value(NodeProto node) => node.Attribute.FirstOrDefault() switch
    {
        { Name: "value", T: { } tensor } => tensor,
        { Name: "value_int" } number => TensorData.Create([], [number.I]).ToProto(node.Output[0]),
        { Name: "value_ints" } numbers => TensorData.Create([numbers.Ints.Count], [.. numbers.Ints]).ToProto(node.Output[0]),
        _ => null,
    };
}
