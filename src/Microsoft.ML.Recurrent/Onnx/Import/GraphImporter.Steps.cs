using System.Collections.Immutable;
using Microsoft.ML.Recurrent.Layers;
using Microsoft.ML.Recurrent.Onnx.Format;
using Microsoft.ML.Recurrent.Onnx.Import.Equations;

namespace Microsoft.ML.Recurrent.Onnx.Import;

/// <summary>Cells that are written out step after step: a chain of steps with the same equations is a layer.</summary>
internal sealed partial class GraphImporter
{
    private readonly StepAlgebra _algebra = new();
    private readonly List<StepSource> _sources = [];
    private readonly Dictionary<LinearForm, UnrolledCell?> _unrolled = [];

    /// <summary>A node that takes one step, or all of them one by one, of a sequence whose every step is taken so; null for any other.</summary>
    private StepVector[]? UnrolledStep(NodeProto node, GraphValue?[] inputs, SequenceValue x)
    {
        var time = x.Axis(AxisRole.Time);
        if (_time is not (> 1 and int steps) || time < 0 || x.Axes[^1] is not AxisRole.Features || x.IsLastState || x.Axes.Contains(AxisRole.Direction)
            || x.Layers.Any(layer => layer.Description is PoolingDescription)) return null;
        var axis = (int)(node.Integer("axis") ?? 0) is var given && given < 0 ? given + x.Axes.Length : given;
        if (node.OpType is "Split")
            return axis == time && node.Output.Count == steps
                ? [.. Enumerable.Range(0, steps).Select(step => At(step, x.Axes.SetItem(time, AxisRole.One)))]
                : null;
        if (_graph.Node.Count(other => other.OpType == node.OpType && other.Input[0] == node.Input[0]) < steps) return null;
        if (node.OpType is "Gather")
            return axis == time && inputs[1] is KnownValue { Data: { Rank: 0, IntegerValues: [var place] } }
                ? [At((int)(place < 0 ? place + steps : place), x.Axes.RemoveAt(time))]
                : null;
        SliceRange[] cut = [.. (SliceRange.Read(node, inputs) ?? []).Where(range => range is not { Start: 0, End: >= int.MaxValue, Step: 1 })];
        return cut is [{ Step: 1 } range] && (range.Axis < 0 ? range.Axis + x.Axes.Length : range.Axis) == time && range.Within(steps) is var (from, to)
            && to == from + 1
            ? [At((int)from, x.Axes.SetItem(time, AxisRole.One))]
            : null;

        StepVector At(int step, ImmutableArray<AxisRole> axes) => new([StepOf(node.Input[0], x, step)], axes);
    }

    // The input of a step. A linear layer before the cell becomes a part of its weights.
    private LinearForm StepOf(string tensor, SequenceValue x, int step)
    {
        var dense = x.Layers is [.., { Description: DenseDescription { Activation: DenseActivation.Identity } } last] ? last : null;
        var raw = dense is null ? x
            : x with { Layers = x.Layers.RemoveAt(x.Layers.Count - 1), Features = dense.Parameters["weight"].Length / dense.Parameters["bias"].Length };
        var source = _sources.Find(source => source.Sequence.Features == raw.Features && source.Sequence.Layers.SequenceEqual(raw.Layers));
        if (source is null) _sources.Add(source = new(_sources.Count, raw with { Axes = [AxisRole.Time, AxisRole.Batch, AxisRole.Features] }));
        source.Tensors[tensor] = (x, dense);
        var variable = _algebra.System.Variable($"x{source.Id}@{step}", raw.Features, StepRange.At(step));
        return dense is null ? variable
            : _algebra.System.Add(_algebra.System.Multiply(dense.Parameters["weight"], variable), _algebra.System.Constant(dense.Parameters["bias"]));
    }

    /// <summary>Handles a node on vectors of single steps.</summary>
    private GraphValue?[] Step(NodeProto node, GraphValue?[] inputs)
    {
        if (node.OpType is "Concat" && Joined(node, inputs) is { } joined) return [joined];
        GraphValue?[] numbers = [.. inputs.Select(value => value is ZeroValue { Compute: not null } or SizedValue ? OfRow(value) : value)];
        var vectors = _algebra.Compute(node, numbers);
        var answers = Answers(node, inputs);
        if (vectors is null) return answers ?? [.. node.Output.Select(_ => NoCell(node))];
        return [.. vectors.Select((vector, i) => vector with { Answer = answers?[i] as SequenceValue ?? Recognized(node, vector) })];
    }

    // What is the same for all rows, whatever their number, such as a bias added to states of zero.
    private GraphValue? OfRow(GraphValue value)
    {
        if (At(value, _sizes[0]) is not { FloatValues: { } numbers, Shape: [.., var width] } first) return value;
        foreach (var sizes in _sizes)
            if (At(value, sizes)!.FloatValues!.Where((number, i) => number != numbers[i % width]).Any()) return value;
        return new KnownValue(first);
    }

    // The same node on the states of layers that were recognised.
    private GraphValue?[]? Answers(NodeProto node, GraphValue?[] inputs)
    {
        if (inputs.Any(value => value is StepVector { Answer: null })) return null;
        try
        {
            GraphValue?[] answers = [.. inputs.Select(value => value is StepVector { Answer: { } answer } ? answer : value)];
            return Layer(node, node.OpType is "Add" ? answers : [.. answers.Select(Settle)]);
        }
        catch (NotSupportedException)
        {
            return null;
        }
    }

    private static RefusedValue NoCell(NodeProto node) => new(ImportErrors.Node(node,
        "the steps that it computes are written out one by one, and their equations are not those of a simple RNN, a GRU or an LSTM"));

    // All steps of a recognised layer, joined along time.
    private SequenceValue? Joined(NodeProto node, GraphValue?[] inputs)
    {
        var axis = (int)(node.Integer("axis") ?? 0);
        if (inputs is not [StepVector first, ..] || inputs.Length != _time
            || (axis < 0 ? axis + first.Axes.Length : axis) is var at && first.Axes[at] is not AxisRole.One
            || inputs.Any(value => value is not StepVector { Parts.Length: 1 } step || !step.Axes.SequenceEqual(first.Axes))) return null;
        LinearForm[] forms = [.. inputs.Select(value => ((StepVector)value!).Parts[0])];
        return _unrolled.GetValueOrDefault(forms[^1]) is { } cell && cell.States.AsSpan().SequenceEqual(forms)
            ? cell.Steps with { Axes = first.Axes.SetItem(at, AxisRole.Time) }
            : null;
    }

    // The state after the last step, if the steps before are those of a cell.
    private SequenceValue? Recognized(NodeProto node, StepVector vector)
    {
        if (_time is not (> 1 and int steps) || vector.Parts is not [var form] || form.Steps != new StepRange(0, steps - 1)) return null;
        if (!_unrolled.TryGetValue(form, out var cell)) _unrolled.Add(form, cell = Unrolled(node, form, steps));
        return cell?.Steps is { } y ? y with { Axes = vector.Axes, IsLastState = true } : null;
    }

    private UnrolledCell? Unrolled(NodeProto node, LinearForm last, int steps)
    {
        var states = new LinearForm[steps];
        states[^1] = last;
        WrittenCell? cell = null, after = null;
        SequenceValue? input = null;
        StepSource? source = null;
        for (var t = steps - 1; t > 0; t--)
        {
            if (CellEquations.Match(states[t], t) is not { } now || cell?.HasWeightsOf(now) is false) return null;
            if (after?.Memory is { } memory && _algebra.System.FormOf(memory) != now.NextMemory) return null;
            if (InputOf(now.Input, t) is not ({ } sequence, var from) || input is not null && !input.Layers.SequenceEqual(sequence.Layers)) return null;
            (cell, after, input, source) = (cell ?? now, now, sequence, from);
            states[t - 1] = _algebra.System.FormOf(now.State);
        }
        var y = Written(node, cell!, input!);
        var start = source!.Sequence.Layers.Count;
        if (Difference(source, [.. y.Layers.Skip(start)], values => GraphEvaluator.Run(_graph.Node.TakeWhile(other => other != node).Append(node), values),
            node.Output[0]) is { } difference)
            throw ImportErrors.Node(node, $"its steps have the equations of {Name(cell!)}, but its states differ from it by {difference:g2}, as where they do "
                + "not begin at zero");
        return new([.. states], y);
    }

    // The sequence of which an atom is a step, and the first of its layers' inputs that the graph has.
    private (SequenceValue? Sequence, StepSource? Source) InputOf(Atom atom, int step)
    {
        if (_sources.Find(source => atom.Kind is AtomKind.Variable && atom.Name == $"x{source.Id}@{step}") is { } source) return (source.Sequence, source);
        var form = _algebra.System.FormOf(atom);
        if (_unrolled.Values.FirstOrDefault(cell => cell?.States[step] == form) is not { } below) return (null, null);
        return (below.Steps, _sources.Find(source => source.Sequence.Layers.SequenceEqual(below.Steps.Layers.Take(source.Sequence.Layers.Count))));
    }

    private sealed record UnrolledCell(ImmutableArray<LinearForm> States, SequenceValue Steps);

    /// <summary>A sequence that written-out cells read step by step.</summary>
    private sealed record StepSource(int Id, SequenceValue Sequence)
    {
        /// <summary>The tensors whose steps are taken, with the linear layer before them.</summary>
        public Dictionary<string, (SequenceValue Value, ImportedLayer? Dense)> Tensors { get; } = [];
    }
}
