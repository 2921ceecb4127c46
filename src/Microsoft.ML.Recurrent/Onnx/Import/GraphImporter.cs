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
    private Dictionary<string, GraphValue> _values = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _layerNumbers = [];
    private readonly GraphProto _graph;

    // The number of steps, if the input type fixes it.
    private int? _time;

    // The layers whose initial states are inputs of the graph.
    private readonly HashSet<string> _withStates = [];

    // Whether tokens are whole numbers in the file; Keras passes them as floats.
    private bool _wholeTokens;

    // Sizes of the input with which what depends on them is tried out.
    private ImmutableArray<InputSizes> _sizes;

    private GraphImporter(GraphProto graph) => _graph = graph;

    /// <summary>Reads a graph with one sequence input (and optionally lengths and states) and follows it to its first output.</summary>
    /// <param name="graph">The graph, with the data of its initializers.</param>
    /// <returns>The input, the output signal of the graph, and the names of its state inputs.</returns>
    public static (ValueInfoProto Input, SequenceValue Output, ImmutableArray<string> States) Import(GraphProto graph)
    {
        var importer = new GraphImporter(graph);
        foreach (var tensor in graph.Initializer) importer._values[tensor.Name] = new KnownValue(TensorData.Read(tensor));
        var input = importer.Begin();
        foreach (var node in graph.Node) importer.Follow(node);
        var output = graph.Output[0];
        var value = importer._values.GetValueOrDefault(output.Name);
        if (value is StepVector vector) value = vector.Answer ?? (GraphValue)NoCell(graph.Node.Last(node => node.Output.Contains(output.Name)));
        if (value is RefusedValue refused) throw refused.Error;
        if (value is not SequenceValue signal)
            throw ImportErrors.Graph($"The output '{output.Name}' of the graph is not computed by layers from the sequence.");
        if (signal.AwaitsBias) signal = importer.WithBias(signal, null);
        if (!signal.Layers.Any(layer => layer.Description is RecurrentDescription)) throw ImportErrors.Graph("The graph has no LSTM, GRU or RNN node.");
        return (input, signal, importer.StatesOf(signal));
    }

    // The state inputs of a step model: those of every layer, each with an output for the next step.
    private ImmutableArray<string> StatesOf(SequenceValue signal)
    {
        string[] states = [.. _graph.Input.Select(input => input.Name).Where(name => _values.GetValueOrDefault(name) is StateValue)];
        if (states.Length == 0) return [];
        if (signal.Layers.Any(layer => layer.Description is RecurrentDescription && !_withStates.Contains(layer.Description.Name)))
            throw ImportErrors.Graph(
                $"Only some states of its layers are inputs of the graph ({string.Join(", ", states)}): a network carries those of all its "
                + "layers, or of none.");
        if (_graph.Output.Count <= states.Length)
            throw ImportErrors.Graph($"The graph begins with the states {string.Join(", ", states)}, but has no outputs that give those after the step: "
                + "a network begins at zero, and carries its states on.");
        return [.. states];
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
                _wholeTokens = integer;
            }
            else if (integer && rank == 1) _values[input.Name] = new LengthsValue();
            else if (!integer && rank == 3) _values[input.Name] = new StateValue(input.Name);
            else throw ImportErrors.Graph(
                $"The graph has the inputs {string.Join(", ", inputs.Select(value => $"'{value.Name}'"))}; only one sequence, its lengths and its initial "
                    + $"states are supported.");
        }
        if (sequence is null) throw ImportErrors.Graph("The graph has no sequence input ([batch, time, features], or tokens [batch, time]).");
        var dimensions = sequence.Type.TensorType.Shape.Dim;
        var rows = dimensions[dimensions.Count == 3 && TimeFirst(_graph, sequence) ? 1 : 0] is { DimValue: > 0 } fixedRows ? (int?)fixedRows.DimValue : null;
        var hasLengths = _values.Values.Any(value => value is LengthsValue);
        _sizes = [Sizes((3, 5)), Sizes((2, 7)), Sizes((1, 9)), Sizes((4, 1))];
        return sequence;

        InputSizes Sizes((int Rows, int Steps) sizes)
        {
            var (batch, steps) = (rows ?? sizes.Rows, _time ?? sizes.Steps);
            return new(batch, steps, [.. Enumerable.Range(0, batch).Select(row => hasLengths ? 1L + row * (steps - 1) / Math.Max(1, batch - 1) : steps)]);
        }
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
        GraphValue?[] outputs;
        try
        {
            outputs = Outputs(node, inputs);
        }
        catch (NotSupportedException error)
        {
            // An error only if the answer needs it.
            outputs = [.. node.Output.Select(_ => new RefusedValue(error))];
        }
        for (var i = 0; i < outputs.Length && i < node.Output.Count; i++)
            if (outputs[i] is { } value) _values[node.Output[i]] = value;
    }

    private GraphValue?[] Outputs(NodeProto node, GraphValue?[] inputs)
    {
        if (inputs.OfType<RefusedValue>().FirstOrDefault() is { } refused) return [.. node.Output.Select(_ => refused)];
        if (node.OpType is not "Add") inputs = [.. inputs.Select(Settle)];
        if (node.Domain is not ("" or "ai.onnx")) throw Unknown(node, inputs);
        if (node.OpType is "If") return Branch(node, inputs[0]);
        if (node.OpType is "Loop" or "Scan") return Loop(node, inputs);
        if (inputs.Any(value => value is StepVector)) return Step(node, inputs);
        if (inputs.Any(value => value is TokenValue or SequenceValue { IsTokens: true }) && OfTokens(node, inputs) is { } computed) return [computed];
        if (node.OpType is not "Gather") inputs = [.. inputs.Select(value => value is TokenValue tokens ? tokens.Tokens : value)];
        return inputs.Any(value => value is SequenceValue or TokenValue) ? Layer(node, inputs) : Arithmetic(node, inputs);
    }

    private GraphValue? Settle(GraphValue? value) => value is SequenceValue { AwaitsBias: true } signal ? WithBias(signal, null) : value;

    /// <summary>Handles other nodes: constants, sizes and initial states. An unknown value is an error only if a layer needs it.</summary>
    private GraphValue?[] Arithmetic(NodeProto node, GraphValue?[] inputs)
    {
        if (node.OpType is "Constant") return [Constant(node)];
        if (inputs.Length > 0 && inputs.All(value => value is null or KnownValue)
            && ConstantFolding.FoldAll(node, [.. inputs.Select(value => ((KnownValue?)value)?.Data)]) is { } folded)
            return [.. folded.Select(value => new KnownValue(value))];
        if (node.OpType is "Identity" or "Cast" && inputs[0] is LengthsValue) return [inputs[0]];
        if (inputs.All(value => value is null or KnownValue or SizedValue or ZeroValue { Compute: not null }) && Sized(node, inputs) is { } sized) return sized;
        if (inputs.Any(value => value is UnansweredValue)) return [new UnansweredValue()];
        return node.OpType switch
        {
            "ConstantOfShape" => [node.Find("value") is { T: { } fill } && !new KnownValue(TensorData.Read(fill)).IsZero ? new ShapeValue() : new ZeroValue()],
            "Expand" or "Tile" or "Unsqueeze" or "Squeeze" or "Reshape" or "Transpose" or "Slice" or "Identity" or "Cast" or "Concat"
                when inputs[0] is ZeroValue or KnownValue { IsZero: true, Data.FloatValues: not null }
                    && (node.OpType is not "Concat" || inputs.All(value => value is ZeroValue)) => [new ZeroValue()],
            "Identity" or "Slice" or "Transpose" or "Squeeze" or "Unsqueeze" or "Reshape" when inputs[0] is StateValue => [inputs[0]],
            _ => [new ShapeValue()],
        };
    }

    // What follows from the sizes of the input; null if the operator is not known.
    private GraphValue[]? Sized(NodeProto node, GraphValue?[] inputs)
    {
        Func<InputSizes, TensorData[]?> fold = sizes => ConstantFolding.FoldAll(node, [.. inputs.Select(value => At(value, sizes))]);
        return fold(_sizes[0]) is { } tried ? [.. tried.Select((value, i) => Of(value, i))] : null;

        GraphValue Of(TensorData tried, int output)
        {
            TensorData At(InputSizes sizes) => fold(sizes)?[output]
                ?? throw ImportErrors.Node(node, $"it cannot be computed for {sizes.Rows} rows of {sizes.Steps} steps");
            return tried.FloatValues is { } floats && !floats.AsSpan().ContainsAnyExcept(0f) ? new ZeroValue(At) : new SizedValue(At);
        }
    }

    private static TensorData? At(GraphValue? value, InputSizes sizes) => value switch
    {
        KnownValue known => known.Data,
        SizedValue sized => sized.Compute(sizes),
        ZeroValue { Compute: { } compute } => compute(sizes),
        _ => null,
    };

    // Exporters wrap what depends on a shape in branches; one that is always taken stands for the node.
    private GraphValue?[] Branch(NodeProto node, GraphValue? condition)
    {
        bool[] taken = condition is KnownValue or SizedValue
            ? [.. _sizes.Select(sizes => At(condition, sizes)!.IntegerValues is [not 0]).Distinct()]
            : throw ImportErrors.Node(node, "which of its branches is taken depends on the numbers of the input");
        if (taken is not [var first]) throw ImportErrors.Node(node, "which of its branches is taken depends on the number of rows or steps");
        var body = node.Find(first ? "then_branch" : "else_branch")!.G;
        foreach (var tensor in body.Initializer) _values[tensor.Name] = new KnownValue(TensorData.Read(tensor));
        foreach (var inner in body.Node) Follow(inner);
        return [.. body.Output.Select(output => _values.GetValueOrDefault(output.Name))];
    }

    // Functions of each token, as those that wrap negative indices.
    private GraphValue? OfTokens(NodeProto node, GraphValue?[] inputs)
    {
        if (node.OpType is "Gather" or "Shape" or "Size") return null;
        SequenceValue?[] tokens = [.. inputs.Select(value => value is TokenValue of ? of.Tokens : value as SequenceValue)];
        var first = tokens.First(value => value is not null)!;
        var elementwise = inputs.All(value => value is null or KnownValue { Data.Length: 1 } or TokenValue or SequenceValue { IsTokens: true });
        if (elementwise && tokens.All(value => value is null || value == first))
        {
            TensorData? Of(TensorData ids) => ConstantFolding.Fold(node, [.. inputs.Select(value => value switch
            {
                KnownValue known => known.Data,
                TokenValue of => of.Compute(ids),
                null => null,
                _ => ids,
            })]);
            var ids = _wholeTokens ? TensorData.Create([2], [0L, 1L]) : TensorData.Create([2], [0f, 1f]);
            if (node.OpType is not ("Transpose" or "Squeeze" or "Unsqueeze" or "Reshape" or "Identity") && Of(ids) is { Rank: 1, Length: 2 })
                return new TokenValue(first, Of);
        }
        return inputs[0] is TokenValue moved && Layer(node, [first, .. inputs[1..]]) is [SequenceValue { IsTokens: true } now]
            ? moved with { Tokens = now }
            : null;
    }

    private static KnownValue Constant(NodeProto node) => ConstantFolding.Constant(node) is { } constant ? new(constant)
        : throw ImportErrors.Node(node, "it does not hold numbers");

    private static NotSupportedException Unknown(NodeProto node, GraphValue?[] inputs) =>
        ImportErrors.Node(node, $"no layer of this library does this to {inputs.OfType<SequenceValue>().FirstOrDefault()?.ToString() ?? "its input"}");
}
