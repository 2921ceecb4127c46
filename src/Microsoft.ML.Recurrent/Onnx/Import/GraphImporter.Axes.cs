using Microsoft.ML.Recurrent.Layers;
using Microsoft.ML.Recurrent.Onnx.Format;

namespace Microsoft.ML.Recurrent.Onnx.Import;

/// <summary>Nodes that rearrange the axes of the sequence, or take a part of one.</summary>
internal sealed partial class GraphImporter
{
    private SequenceValue Squeeze(NodeProto node, SequenceValue x, long[]? axes)
    {
        if (axes is null) throw ImportErrors.Node(node, "its axes are not constant");
        var gone = axes.Select(axis => (int)(axis < 0 ? axis + x.Axes.Length : axis)).ToHashSet();
        // The only step is the last one.
        if (_time == 1 && x.Axis(AxisRole.Time) is >= 0 and var time && gone.Contains(time))
            x = Pool(x, SequencePooling.Last) with { Axes = x.Axes.SetItem(time, AxisRole.One) };
        foreach (var axis in gone)
            if (!(x.Axes[axis] is AxisRole.One || x.Axes[axis] is AxisRole.Direction && (x.Directions == 1 || x.Direction is not null)
                || x.Axes[axis] is AxisRole.Features && x.Features == 1))
                throw ImportErrors.Node(node, $"it drops an axis of {x} that may not have size one");
        return Settled(x with { Axes = [.. x.Axes.Where((_, i) => !gone.Contains(i))] });
    }

    private static SequenceValue Unsqueeze(NodeProto node, SequenceValue x, long[]? axes)
    {
        if (axes is not [var axis]) throw ImportErrors.Node(node, "it adds more than one axis");
        return x with { Axes = x.Axes.Insert((int)(axis < 0 ? axis + x.Axes.Length + 1 : axis), AxisRole.One) };
    }

    // Reshapes merge the directions with the features, or drop axes of size one.
    private SequenceValue Reshape(NodeProto node, GraphValue?[] inputs, SequenceValue x)
    {
        var rank = node.OpType is "Flatten" ? 2 : At(inputs.ElementAtOrDefault(1), _sizes[0])?.Length ?? -1;
        var direction = x.Axis(AxisRole.Direction);
        var axes = x.Axes;
        if (direction >= 0 && direction + 1 < axes.Length && axes[direction + 1] is AxisRole.Features && x.Direction is null)
        {
            axes = axes.RemoveAt(direction);
            (var directions, x) = (x.Directions, x with { Axes = axes, Features = x.Features * x.Directions, Directions = 1 });
            if (rank < 0 || rank == axes.Length) return x;
        }
        else if (direction >= 0 && x.Directions == 1) axes = axes.RemoveAt(direction);
        while (rank >= 0 && axes.Length > rank && axes.Contains(AxisRole.One)) axes = axes.Remove(AxisRole.One);
        return axes.Length == rank ? x with { Axes = axes } : throw ImportErrors.Node(node, $"it reshapes {x} so that its steps cannot be identified");
    }

    private GraphValue Slice(NodeProto node, GraphValue?[] inputs, SequenceValue x)
    {
        if (UnrolledStep(node, inputs, x) is [var step]) return step;
        if (SliceRange.Read(node, inputs) is not { } ranges) throw Unknown(node, inputs);
        // Exporters name the axes that they leave whole, too.
        SliceRange[] cut = [.. ranges.Where(range => range is not { Start: 0, End: >= int.MaxValue, Step: 1 })];
        if (cut.Length == 0) return x;
        if (cut is not [{ Step: 1 } only]) throw Unknown(node, inputs);
        var (at, start, end) = (only.Axis, only.Start, only.End);
        var axis = (int)(at < 0 ? at + x.Axes.Length : at);
        switch (x.Axes[axis])
        {
            case AxisRole.Direction when x.Directions == 1 && start is 0 or -1:
                return x;
            case AxisRole.Direction when x.Directions == 2 && (start, end) is (0, 1) or (1, 2) or (1, >= int.MaxValue) or (-1, >= int.MaxValue) or (-2, -1):
                return x with { Direction = start is 0 or -2 ? 0 : 1 };
            case AxisRole.Time when start == -1 && end >= int.MaxValue || _time is int time && start == time - 1 && end >= time:
                return Settled(Pool(x, SequencePooling.Last) with { Axes = x.Axes.SetItem(axis, AxisRole.One) });
            case AxisRole.Time when end == start + 1:
                throw ImportErrors.Node(node, $"it takes one step of {x}, not the last");
            case AxisRole.Time:
                throw ImportErrors.Node(node,
                    $"it takes some steps of {x}, from {start}{(end >= int.MaxValue ? " on" : $" to {end}")}; a network answers for the "
                    + "last step, or for all of them");
            default:
                throw ImportErrors.Node(node, $"it slices {x}, but not to its last step or one direction");
        }
    }

    // The last valid step of each row, by its length.
    private SequenceValue GatherLast(NodeProto node, GraphValue?[] inputs, SequenceValue x)
    {
        var axis = (int)(node.Integer("axis") ?? 0);
        if (axis < 0) axis += x.Axes.Length;
        if (x.Axes[axis] is not AxisRole.Time || inputs.ElementAtOrDefault(1) is not SizedValue places || !_sizes.All(IsLast))
            throw ImportErrors.Node(node, $"it takes elements of {x} that are not its last valid step");
        if (x.Layers.Any(layer => layer.Description is RecurrentDescription { Bidirectional: true }))
            throw ImportErrors.Node(node, "it takes the last valid step of a bidirectional layer that does not know the lengths");
        return Settled(Pool(x, SequencePooling.Last) with { Axes = x.Axes.SetItem(axis, AxisRole.One) });

        bool IsLast(InputSizes sizes)
        {
            var index = places.Compute(sizes);
            var shape = ShapeOf(x, sizes);
            shape[axis] = 1;
            if (index.IntegerValues is not { } at || !index.Shape.AsSpan().SequenceEqual(shape)) return false;
            long inner = shape[(x.Axis(AxisRole.Batch) + 1)..].Aggregate(1L, (product, size) => product * size), batch = sizes.Rows;
            return at.Select((place, i) => (place, row: i / inner % batch)).All(pair => pair.place == sizes.Lengths[pair.row] - 1);
        }
    }

    private GraphValue Gather(NodeProto node, GraphValue?[] inputs, SequenceValue x)
    {
        if (UnrolledStep(node, inputs, x) is [var step]) return step;
        var axis = (int)(node.Integer("axis") ?? 0);
        if (axis < 0) axis += x.Axes.Length;
        if (inputs[1] is not KnownValue { Data: { Rank: var rank and (0 or 1), IntegerValues: [var at] } }) throw Unknown(node, inputs);
        // A list of one place leaves an axis of one.
        var axes = rank == 0 ? x.Axes.RemoveAt(axis) : x.Axes.SetItem(axis, AxisRole.One);
        if (x.Axes[axis] is AxisRole.Time && (at == -1 || at == _time - 1)) return Pool(x, SequencePooling.Last) with { Axes = axes };
        if (x.Axes[axis] is AxisRole.One && at is 0 or -1) return x with { Axes = axes };
        if (x.Axes[axis] is AxisRole.Direction)
            return Settled((x.Directions == 1 ? x : x with { Direction = (int)(at < 0 ? at + 2 : at) }) with { Axes = axes });
        throw ImportErrors.Node(node, $"it takes step {at} of {x}; only the last step is supported");
    }

    private SequenceValue Reduce(NodeProto node, GraphValue?[] inputs, SequenceValue x, SequencePooling pooling)
    {
        if (AxesOf(node, inputs) is not [var at] || x.Axes[(int)(at < 0 ? at + x.Axes.Length : at)] is not AxisRole.Time) throw Unknown(node, inputs);
        var axis = x.Axis(AxisRole.Time);
        return Pool(x, pooling) with { Axes = node.Integer("keepdims") == 0 ? x.Axes.RemoveAt(axis) : x.Axes.SetItem(axis, AxisRole.One) };
    }

    // A single direction needs no concatenation.
    private static SequenceValue Settled(SequenceValue x) =>
        x.Directions == 1 || x.Direction is not null || x.Axes.Contains(AxisRole.Direction) ? x : x with { Directions = 1 };

    private static long[]? AxesOf(NodeProto node, GraphValue?[] inputs) =>
        node.Integers("axes") ?? (inputs.ElementAtOrDefault(1) is KnownValue { Data.IntegerValues: { } axes } ? axes : null);

    private static long[] ShapeOf(SequenceValue x, InputSizes sizes) => [.. x.Axes.Select(axis => axis switch
    {
        AxisRole.Batch => sizes.Rows,
        AxisRole.Time => sizes.Steps,
        AxisRole.Direction => x.Direction is null ? x.Directions : 1,
        AxisRole.Features => (long)x.Features,
        _ => 1,
    })];
}
