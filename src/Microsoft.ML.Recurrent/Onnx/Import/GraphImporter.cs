using System.Collections.Immutable;
using Microsoft.ML.Recurrent.Layers;
using Microsoft.ML.Recurrent.Onnx.Cells;
using Microsoft.ML.Recurrent.Onnx.Format;

namespace Microsoft.ML.Recurrent.Onnx.Import;

/// <summary>
/// Follows a foreign graph from its input to its output, node by node, and collects its layers. The roles of the axes are tracked, so transposes, reshapes and
/// squeezes are interpreted, not pattern-matched; shapes and initial states computed from the batch size are tracked too. Any other node is an error that names
/// it.
/// </summary>
internal sealed partial class GraphImporter
{
    private readonly Dictionary<string, GraphValue> _values = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _layerNumbers = [];
    private readonly GraphProto _graph;

    // The number of steps, if the input type fixes it.
    private int? _time;

    private GraphImporter(GraphProto graph) => _graph = graph;

    /// <summary>Reads a graph with one sequence input (and optionally lengths) and follows it to its first output.</summary>
    /// <param name="graph">The graph, with the data of its initializers.</param>
    /// <returns>The input, and the output signal of the graph.</returns>
    public static (ValueInfoProto Input, SequenceValue Output) Import(GraphProto graph)
    {
        var importer = new GraphImporter(graph);
        foreach (var tensor in graph.Initializer) importer._values[tensor.Name] = new KnownValue(TensorData.Read(tensor));
        if (graph.Node.FirstOrDefault(node => node.OpType is "Loop" or "Scan" or "If") is { } inner)
            throw ImportErrors.Node(inner, inner.OpType is "If"
                ? "a conditional is not a layer"
                : "the recurrent cell is a loop over its steps instead of an LSTM, GRU or RNN node");
        var input = importer.Begin();
        foreach (var node in graph.Node) importer.Follow(node);
        var output = graph.Output[0];
        if (importer._values.GetValueOrDefault(output.Name) is not SequenceValue signal)
            throw ImportErrors.Graph($"The output '{output.Name}' of the graph is not computed by layers from the sequence.");
        if (signal.AwaitsBias) signal = importer.WithBias(signal, null);
        if (!signal.Layers.Any(layer => layer.Description is RecurrentDescription)) throw ImportErrors.Graph("The graph has no LSTM, GRU or RNN node.");
        return (input, signal);
    }

    private ValueInfoProto Begin()
    {
        var inputs = _graph.Input.Where(input => !_values.ContainsKey(input.Name)).ToArray();
        ValueInfoProto? sequence = null;
        foreach (var input in inputs)
        {
            var type = input.Type?.TensorType ?? throw ImportErrors.Graph($"The input '{input.Name}' is not a tensor.");
            var integer = type.ElemType is (int)TensorProto.Types.DataType.Int64 or (int)TensorProto.Types.DataType.Int32;
            var rank = type.Shape?.Dim.Count ?? 0;
            if (sequence is null && rank is 2 or 3)
            {
                sequence = input;
                _time = type.Shape!.Dim[rank == 3 && TimeFirst(_graph, input) ? 0 : 1] is { DimValue: > 0 } steps ? checked((int)steps.DimValue) : null;
                _values[input.Name] = rank == 2
                    ? new SequenceValue([AxisRole.Batch, AxisRole.Time], 1, []) { IsTokens = true }
                    : new SequenceValue(TimeFirst(_graph, input)
                        ? [AxisRole.Time, AxisRole.Batch, AxisRole.Features]
                        : [AxisRole.Batch, AxisRole.Time, AxisRole.Features], FeaturesOf(input), []);
            }
            else if (integer && rank == 1) _values[input.Name] = new LengthsValue();
            else if (!integer && rank == 3) _values[input.Name] = new StateValue();
            else throw ImportErrors.Graph(
                $"The graph has the inputs {string.Join(", ", inputs.Select(value => $"'{value.Name}'"))}; only one sequence, its lengths and its initial "
                    + $"states are supported.");
        }
        return sequence ?? throw ImportErrors.Graph("The graph has no sequence input ([batch, time, features], or tokens [batch, time]).");
    }

    private static int FeaturesOf(ValueInfoProto input) => input.Type.TensorType.Shape.Dim[2] is { DimValue: > 0 } dimension ? checked((int)dimension.DimValue)
        : throw ImportErrors.Graph($"The last axis of the input '{input.Name}' has no fixed size.");

    // A recurrent node takes time first: without a transpose, the input is time first too.
    internal static bool TimeFirst(GraphProto graph, ValueInfoProto input)
    {
        HashSet<string> same = [input.Name];
        foreach (var node in graph.Node)
        {
            if (!node.Input.Take(1).Any(same.Contains)) continue;
            if (OnnxCell.IsNode(node.OpType)) return node.Integer("layout") != 1;
            if (node.OpType is "Transpose") return false;
            if (node.OpType is "Identity" or "Cast" or "Dropout" or "MatMul" or "Add" or "Relu" or "Tanh" or "Sigmoid") same.Add(node.Output[0]);
        }
        return false;
    }

    private void Follow(NodeProto node)
    {
        var inputs = node.Input.Select(name => name.Length == 0 ? null : _values.GetValueOrDefault(name)).ToArray();
        if (node.OpType is not "Add") inputs = [.. inputs.Select(Settle)];
        if (node.Domain is not ("" or "ai.onnx")) throw Unknown(node, inputs);
        var outputs = inputs.Any(value => value is SequenceValue) ? Layer(node, inputs) : Arithmetic(node, inputs);
        for (var i = 0; i < outputs.Length && i < node.Output.Count; i++)
            if (outputs[i] is { } value) _values[node.Output[i]] = value;
    }

    private GraphValue? Settle(GraphValue? value) => value is SequenceValue { AwaitsBias: true } signal ? WithBias(signal, null) : value;

    /// <summary>Handles other nodes: constants, shapes and initial states. An unknown value is an error only if a layer needs it.</summary>
    private GraphValue?[] Arithmetic(NodeProto node, GraphValue?[] inputs)
    {
        if (node.OpType is "Constant") return [Constant(node)];
        if (inputs.Length > 0 && inputs.All(value => value is KnownValue)
            && ConstantFolding.Fold(node, inputs.Select(value => ((KnownValue)value!).Data).ToArray()) is { } folded) return [new KnownValue(folded)];
        if (inputs.Any(value => value is UnansweredValue)) return [new UnansweredValue()];
        return node.OpType switch
        {
            "ConstantOfShape" => [node.Find("value") is { T: { } fill } && !new KnownValue(TensorData.Read(fill)).IsZero ? new ShapeValue() : new ZeroValue()],
            "Expand" or "Tile" or "Unsqueeze" or "Squeeze" or "Reshape" or "Transpose" or "Slice" or "Identity" or "Cast" or "Concat"
                when inputs[0] is ZeroValue or KnownValue { IsZero: true, Data.FloatValues: not null }
                    && (node.OpType is not "Concat" || inputs.All(value => value is ZeroValue)) => [new ZeroValue()],
            "Identity" or "Cast" when inputs[0] is LengthsValue => [inputs[0]],
            "Identity" or "Slice" or "Transpose" or "Squeeze" or "Unsqueeze" or "Reshape" when inputs[0] is StateValue => [inputs[0]],
            _ => [new ShapeValue()],
        };
    }

    private static KnownValue Constant(NodeProto node) => new(node.Attribute.FirstOrDefault() switch
    {
        { Name: "value", T: { } tensor } => TensorData.Read(tensor),
        { Name: "value_float" } number => TensorData.Create([], [number.F]),
        { Name: "value_int" } number => TensorData.Create([], [number.I]),
        { Name: "value_floats" } numbers => TensorData.Create([numbers.Floats.Count], [.. numbers.Floats]),
        { Name: "value_ints" } numbers => TensorData.Create([numbers.Ints.Count], [.. numbers.Ints]),
        _ => throw ImportErrors.Node(node, "it does not hold numbers"),
    });

    private static NotSupportedException Unknown(NodeProto node, GraphValue?[] inputs) =>
        ImportErrors.Node(node, $"no layer of this library does this to {inputs.OfType<SequenceValue>().FirstOrDefault()?.ToString() ?? "its input"}");
}
