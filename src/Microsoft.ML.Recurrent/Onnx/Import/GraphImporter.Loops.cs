using System.Collections.Immutable;
using Microsoft.ML.Recurrent.Onnx.Format;
using Microsoft.ML.Recurrent.Onnx.Import.Equations;

namespace Microsoft.ML.Recurrent.Onnx.Import;

/// <summary>Cells that are written as the body of a Loop or a Scan: a loop once over the steps, whose next states have the equations of a cell.</summary>
internal sealed partial class GraphImporter
{
    private int _loops;

    private GraphValue?[] Loop(NodeProto node, GraphValue?[] inputs)
    {
        var scans = node.OpType is "Scan" ? (int)(node.Integer("num_scan_inputs") ?? 1) : 0;
        var body = node.Find("body")!.G;
        if (inputs.Length != body.Input.Count) throw ImportErrors.Node(node, $"it has {inputs.Length} inputs, but its body has {body.Input.Count}");
        // The inputs of the body before its states: the step and the condition.
        var before = scans > 0 ? 0 : 2;
        var carried = inputs[before..^scans];
        var known = new Dictionary<string, GraphValue>(_values, StringComparer.Ordinal);
        try
        {
            foreach (var tensor in body.Initializer) _values[tensor.Name] = new KnownValue(TensorData.Read(tensor));
            HashSet<NodeProto> reads = [];
            if (scans > 0)
            {
                var axes = node.Integers("scan_input_axes") ?? new long[scans];
                for (var i = 0; i < scans; i++)
                {
                    var at = inputs.Length - scans + i;
                    if (inputs[at] is not SequenceValue x || x.Axis(AxisRole.Time) != (axes[i] < 0 ? axes[i] + x.Axes.Length : axes[i])
                        || node.Integers("scan_input_directions")?[i] == 1)
                        throw ImportErrors.Node(node, "it does not read the steps of the sequence from the first to the last");
                    _values[body.Input[at].Name] = OfStep(node.Input[at], x);
                }
            }
            else reads = Reads(node, body, inputs);

            var states = States(node, body, carried, before);
            foreach (var inner in body.Node)
            {
                if (reads.Contains(inner)) _values[inner.Output[0]] = OfStep(inner.Input[0], (SequenceValue)_values[inner.Input[0]]);
                else Follow(inner);
            }
            GraphValue?[] next = [.. body.Output.Skip(before > 0 ? 1 : 0).Select(output => _values.GetValueOrDefault(output.Name))];
            return Outputs(node, carried, states, next, known);
        }
        finally
        {
            _values = known;
        }
    }

    private StepVector OfStep(string tensor, SequenceValue x)
    {
        x = (SequenceValue)Settle(x)!;
        if (x.Axes[^1] is not AxisRole.Features || x.IsTokens) throw ImportErrors.Graph($"A loop reads the steps of {x}.");
        return new([StepOf(tensor, x, 1)], [.. x.Axes.Where(axis => axis is not AxisRole.Time)]);
    }

    // The nodes of the body that take the next step of a sequence, once it is sure that they do, and that the loop runs once for each step.
    private HashSet<NodeProto> Reads(NodeProto node, GraphProto body, GraphValue?[] inputs)
    {
        HashSet<NodeProto> reads = [.. body.Node.Where(inner => inner.OpType is "Gather" && _values.GetValueOrDefault(inner.Input[0]) is SequenceValue x
            && x.Axis(AxisRole.Time) == ((inner.Integer("axis") ?? 0) is var axis && axis < 0 ? axis + x.Axes.Length : axis))];
        if (reads.Count == 0) throw ImportErrors.Node(node, "it is a loop that does not read the steps of the sequence one by one");
        foreach (var sizes in _sizes.Distinct())
        {
            // What does not change from step to step is computed once.
            var values = Tensors(sizes);
            GraphEvaluator.Run(body.Node, values);
            var limit = At(inputs[0], sizes)?.IntegerValues?[0] ?? (inputs[0] is null ? long.MaxValue : -1);
            var condition = inputs[1] is null ? 1 : At(inputs[1], sizes)?.IntegerValues?[0];
            TensorData?[] carried = [.. inputs.Skip(2).Select(value => At(value, sizes) is { IntegerValues: not null } counter ? counter : null)];
            long step = 0;
            for (; step < limit && condition == 1 && step <= sizes.Steps; step++)
            {
                var after = GraphEvaluator.Body(body, [TensorData.Create([], [step]), TensorData.Create([], [1L]), .. carried], values)!.Value;
                if (reads.Any(read => after.Values.GetValueOrDefault(read.Input[1])?.IntegerValues is not [var place] || place != step))
                    throw ImportErrors.Node(node, "its loop does not read the steps of the sequence from the first to the last");
                condition = after.Outputs[0]?.IntegerValues?[0];
                carried = after.Outputs[1..(carried.Length + 1)];
            }
            if (limit < 0 || condition is null || step != sizes.Steps)
                throw ImportErrors.Node(node, "it is not certain that its loop runs once for each step of the sequence");
        }
        return reads;
    }

    // The states as variables, by their place; what the loop hands through unchanged is known in its body.
    private Dictionary<int, LinearForm> States(NodeProto node, GraphProto body, GraphValue?[] carried, int before)
    {
        Dictionary<int, LinearForm> states = [];
        _loops++;
        for (var i = 0; i < carried.Length; i++)
        {
            var name = body.Input[before + i].Name;
            var output = body.Output[before == 0 ? i : i + 1].Name;
            while (body.Node.FirstOrDefault(inner => inner.OpType is "Identity" && inner.Output[0] == output) is { } copy) output = copy.Input[0];
            if (output == name)
            {
                if (carried[i] is { } same) _values[name] = same;
                continue;
            }
            if (carried[i] is not (ZeroValue or StateValue) && At(carried[i], _sizes[0]) is not { FloatValues: not null })
            {
                _values[name] = new ShapeValue();
                continue;
            }
            if (carried[i] is not (ZeroValue or StateValue or KnownValue { IsZero: true }))
                throw ImportErrors.Node(node, "its initial state is not zero, but training starts from zero");
            var shape = At(carried[i], _sizes[0])?.Shape
                ?? [.. body.Input[before + i].Type?.TensorType?.Shape?.Dim.Select(dimension => dimension.DimValue) ?? []];
            if (shape is not [.., > 0 and var width]) throw ImportErrors.Node(node, "the size of its state is unknown");
            var state = _algebra.System.Variable($"h{_loops}.{i}", (int)width, StepRange.At(0));
            ImmutableArray<AxisRole> axes = [.. shape[..^1].Select((size, at) => size == 1 && (shape.Length > 2 && at != shape.Length - 2) ? AxisRole.One
                : AxisRole.Batch), AxisRole.Features];
            states.Add(i, state);
            _values[name] = new StepVector([state], axes);
        }
        return states;
    }

    private GraphValue?[] Outputs(NodeProto node, GraphValue?[] carried, Dictionary<int, LinearForm> states, GraphValue?[] next,
        Dictionary<string, GraphValue> outer)
    {
        if (next.OfType<RefusedValue>().FirstOrDefault() is { } refused) throw refused.Error;
        Dictionary<int, LoopCell?> cells = [];
        foreach (var place in states.Keys) OfState(node, place, states, next, cells);
        // The loop is run from outside.
        _values = outer;
        foreach (var (place, found) in cells)
        {
            if (found is not { } cell) continue;
            var copy = node.Clone();
            if (copy.Output[place].Length == 0) copy.Output[place] = "state";
            if (Difference(cell.Source, [.. cell.Steps.Layers.Skip(cell.Source.Sequence.Layers.Count)], values => GraphEvaluator.Run([copy], values),
                copy.Output[place]) is { } difference)
                throw ImportErrors.Node(node, $"its equations are those of {Name(cell.Cell)}, but its states differ from it by {difference:g2}");
            if (carried[place] is StateValue) _withStates.Add(cell.Steps.Layers[^1].Description.Name);
        }
        if (!cells.Values.Any(cell => cell is not null))
            throw ImportErrors.Node(node, "the recurrent cell is a loop over its steps, and its equations are not those of a simple RNN, a GRU or an LSTM");
        var other = new RefusedValue(ImportErrors.Node(node, "another of its tensors than the states of its cell is used"));
        return [.. next.Select((value, i) =>
        {
            if (value is not StepVector { Parts: [var form], Axes: var axes }) return other;
            if (i < carried.Length) return cells.GetValueOrDefault(i) is { } state ? state.Steps with { Axes = axes, IsLastState = true } : other;
            return cells.FirstOrDefault(cell => cell.Value?.Next == form).Value is { } scanned
                ? scanned.Steps with { Axes = axes.Insert(0, AxisRole.Time) }
                : (GraphValue)other;
        })];
    }

    // The cell whose state is at a place; null if there is none. Its input may be the state of another one.
    private LoopCell? OfState(NodeProto node, int place, Dictionary<int, LinearForm> states, GraphValue?[] next, Dictionary<int, LoopCell?> cells)
    {
        if (cells.TryGetValue(place, out var known)) return known;
        cells.Add(place, null);
        if (next[place] is not StepVector { Parts: [var form] } || CellEquations.Match(form, 1) is not { } cell || cell.State != states[place].Single)
            return null;
        if (cell.NextMemory is { } memory && !states.Any(other => other.Value.Single == cell.Memory && next[other.Key] is StepVector { Parts: [var own] }
            && own == memory)) return null;
        var source = _sources.Find(source => cell.Input.Kind is AtomKind.Variable && cell.Input.Name == $"x{source.Id}@1");
        var input = source?.Sequence;
        if (source is null)
        {
            var read = _algebra.System.FormOf(cell.Input);
            foreach (var below in states.Keys)
                if (next[below] is StepVector { Parts: [var own] } && own == read && OfState(node, below, states, next, cells) is { } layer)
                    (source, input) = (layer.Source, layer.Steps);
            if (source is null) return null;
        }
        return cells[place] = new(cell, form, source, Written(node, cell, input!));
    }

    /// <summary>A cell in the body of a loop.</summary>
    private sealed record LoopCell(WrittenCell Cell, LinearForm Next, StepSource Source, SequenceValue Steps);
}
