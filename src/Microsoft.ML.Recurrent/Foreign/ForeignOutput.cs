using System.Collections.Immutable;
using Microsoft.ML.OnnxRuntime.Tensors;
using Microsoft.ML.Recurrent.Onnx.Format;

namespace Microsoft.ML.Recurrent.Foreign;

/// <summary>
/// The layout of an output of a foreign graph: its batch axis, -1 for none, its time axis, the fixed number of steps of an output per step, 0 for none, and the
/// number of remaining values.
/// </summary>
internal sealed record ForeignOutput(string Name, string Column, TensorElementType Type, int Rank, int BatchAxis, int? TimeAxis, int Steps, int Size)
{
    /// <summary>Whether there is one value per row.</summary>
    public bool IsScalar => Size == 1 && TimeAxis is null && Rank <= 2;

    /// <summary>Finds which axes of the outputs change with the number of rows and of steps, and the number of rows of a run if it is fixed.</summary>
    public static (ImmutableArray<ForeignOutput> Outputs, int? FixedBatch) Find(ForeignGraph graph, ForeignProbe probe, IReadOnlyList<ForeignInput> inputs,
        int? fixedBatch, IDataView? data)
    {
        if (Run(graph, probe, inputs, fixedBatch) is { } found && found.Outputs.All(output => output.Size > 0)) return found;
        // Zeros say nothing of what depends on values.
        probe.Sample = data is null ? null : SampleRow.Read(data, inputs);
        if (probe.Sample is not null && Run(graph, probe, inputs, fixedBatch) is { } sampled) return sampled;
        // A run that fails is no verdict on other rows.
        return (Declared(graph, probe, inputs, fixedBatch), fixedBatch);
    }

    private static (ImmutableArray<ForeignOutput> Outputs, int? FixedBatch)? Run(ForeignGraph graph, ForeignProbe probe, IReadOnlyList<ForeignInput> inputs,
        int? fixedBatch)
    {
        if (fixedBatch is null && probe.Find(2) is (var steps, var two) && probe.Run(3, steps) is { } three)
        {
            var batches = two.Select((shape, i) => Differs(shape.Sizes, three[i].Sizes)).ToArray();
            if (!batches.Contains(-1)) return (Create(graph, probe, inputs, two, batches, 2, steps), null);
        }
        // A graph that runs with one row alone, or whose outputs have no axis of rows.
        var rows = fixedBatch ?? 1;
        return probe.Find(rows) is (var some, var shapes)
            ? (Create(graph, probe, inputs, shapes, probe.BatchAxes(shapes, rows, some), rows, some), rows)
            : null;
    }

    private static ImmutableArray<ForeignOutput> Create(ForeignGraph graph, ForeignProbe probe, IReadOnlyList<ForeignInput> inputs,
        IReadOnlyList<OutputShape> shapes, int[] batches, int rows, int steps)
    {
        var varies = inputs.Any(input => input.Reading.Varies);
        var more = varies ? probe.Run(rows, steps + 1) : null;
        // A graph may take several steps at once.
        var many = varies ? probe.Run(rows, 2 * steps) : null;
        return [.. shapes.Select((shape, i) =>
        {
            var (name, sizes, batch) = (graph.Outputs[i].Name, shape.Sizes, batches[i]);
            if (batch < 0 && rows > 1)
                throw new ArgumentException(
                    $"The model's output '{name}' of shape [{string.Join(", ", sizes)}] has no batch axis, so it cannot become a column.", "outputColumnNames");
            var time = more is null ? -1 : Differs(sizes, more[i].Sizes);
            if (time < 0 && many is not null) time = Differs(sizes, many[i].Sizes);
            if (time >= 0 && sizes[time] != steps)
                throw new ArgumentException(
                    $"The model's output '{name}' has {sizes[time]} steps for {steps} of its input, so that it has no answer per step. Declare the size of "
                        + $"the input "
                        + "column, [VectorType(...)], so that all rows have the same number.", "outputColumnNames");
            return Create(graph, i, shape.Type, sizes, batch, time, inputs);
        })];
    }

    // The sizes that the file declares.
    private static ImmutableArray<ForeignOutput> Declared(ForeignGraph graph, ForeignProbe probe, IReadOnlyList<ForeignInput> inputs, int? fixedBatch)
    {
        var batchNames = inputs.Select(input => AxisName(input.Value, input.Reading.Batch)).Where(name => name.Length > 0).ToHashSet();
        var varies = inputs.Any(input => input.Reading.Varies);
        return [.. graph.Outputs.Select((output, i) =>
        {
            long[] sizes = [.. output.Type?.TensorType?.Shape?.Dim.Select(dimension => Math.Max(0, dimension.DimValue)) ?? []];
            int[] open = [.. Enumerable.Range(0, sizes.Length).Where(axis => sizes[axis] == 0)];
            var batch = fixedBatch is { } rows
                ? Array.IndexOf(sizes, rows)
                : open.FirstOrDefault(axis => batchNames.Contains(AxisName(output, axis)), open.FirstOrDefault(-1));
            int[] others = [.. open.Where(axis => axis != batch)];
            if (batch < 0 && fixedBatch != 1 || others.Length > 1 || others.Length == 1 && !varies) throw Unknown();
            return Create(graph, i, (TensorElementType)output.Type!.TensorType.ElemType, sizes, batch, others is [var time] ? time : -1, inputs);

            ArgumentException Unknown() => new(
                $"The model '{graph.Path}' does not run on zeros, and does not declare the sizes of its output "
                    + $"'{output.Name}' [{ForeignInput.Describe(output)}]. The runtime says: "
                    + probe.Error?.Message, "outputColumnNames", probe.Error);
        })];
    }

    private static string AxisName(ValueInfoProto value, int axis) => axis < 0 ? "" : value.Type.TensorType.Shape.Dim[axis].DimParam;

    private static ForeignOutput Create(ForeignGraph graph, int output, TensorElementType type, long[] sizes, int batch, int time,
        IReadOnlyList<ForeignInput> inputs)
    {
        var axis = TimeLike(inputs, sizes, batch);
        var size = sizes.Where((_, at) => at != batch && at != time).Aggregate(1L, (product, one) => product * one);
        return new(graph.Outputs[output].Name, graph.OutputColumns[output], type, sizes.Length, batch, time < 0 ? null : time,
            time < 0 && axis >= 0 ? (int)sizes[axis] : 0, checked((int)size));
    }

    // An output per step for a fixed number of steps: its first axis after the batch axis has the length of an input.
    private static int TimeLike(IReadOnlyList<ForeignInput> inputs, long[] shape, int batch)
    {
        var axis = batch == 0 ? 1 : 0;
        return shape.Length == 3 && shape[axis] > 1 && inputs.Any(input => input.Steps == shape[axis]) ? axis : -1;
    }

    private static int Differs(long[] a, long[] b)
    {
        for (var i = 0; i < a.Length; i++)
            if (a[i] != b[i]) return i;
        return -1;
    }
}
