using System.Collections.Immutable;
using System.Globalization;
using Microsoft.ML.Recurrent.Onnx;
using Microsoft.ML.Recurrent.Onnx.Format;
using DataType = Microsoft.ML.Recurrent.Onnx.Format.TensorProto.Types.DataType;

namespace Microsoft.ML.Recurrent.Foreign;

/// <summary>
/// Gives the states of a foreign graph one form, whatever their shapes and types: inputs and outputs of the same names, float [rows, numbers]. A graph of fixed
/// shapes without an axis for rows gets one of size 1.
/// </summary>
internal sealed class ForeignStates
{
    private const string Inner = "state/";

    private readonly string _path;
    private readonly GraphProto _graph;
    private readonly List<NodeProto> _before = [], _after = [];
    private int _names;

    private ForeignStates(string path, GraphProto graph) => (_path, _graph) = (path, graph);

    /// <summary>Changes a graph, and returns its states.</summary>
    /// <param name="path">The file, for messages.</param>
    /// <param name="graph">The graph, with constants as initializers.</param>
    /// <param name="pairs">The states.</param>
    /// <param name="rows">The rows of the graph.</param>
    public static ImmutableArray<StateColumn> Adapt(string path, GraphProto graph, IReadOnlyList<StatePair> pairs, ForeignRows rows)
    {
        var states = new ForeignStates(path, graph);
        HashSet<string> names = [.. pairs.SelectMany(pair => new[] { pair.Input.Name, pair.Output.Name })];
        if (!rows.HasAxis) names.UnionWith(rows.Data.Concat(rows.Answers).Select(value => value.Name));
        ForeignAdapter.Rename(graph, names, Inner);
        if (!rows.HasAxis)
            foreach (var value in rows.Data) states.Before(value, Wrapped(value), Sizes(value), axis: 0);
        ValueInfoProto[] outputs = [.. graph.Output];
        graph.Output.Clear();
        foreach (var output in outputs.Where(rows.Answers.Contains))
        {
            if (!rows.HasAxis) states.After(output, Wrapped(output), [1, .. Sizes(output)], axis: 0);
            else if (pairs.Any(pair => pair.Output == output)) states.Keep(output);
            else graph.Output.Add(output);
        }
        var columns = pairs.Select(pair => states.Carry(pair, rows.Fixed)).ToImmutableArray();
        NodeProto[] own = [.. graph.Node];
        graph.Node.Clear();
        graph.Node.Add(states._before);
        graph.Node.Add(own);
        graph.Node.Add(states._after);
        return columns;
    }

    // The same with an axis for one row.
    private static ValueInfoProto Wrapped(ValueInfoProto value) => OnnxModelBuilder.Value(value.Name[Inner.Length..],
        (OnnxType)value.Type.TensorType.ElemType, [1L, .. Sizes(value).Cast<object>()]);

    private StateColumn Carry(StatePair pair, int? rows)
    {
        var (name, next) = (pair.Input.Name[Inner.Length..], pair.Output.Name[Inner.Length..]);
        // The answer may have the name.
        if (_graph.Output.Any(output => output.Name == next)) next += ".state";
        var shape = Sizes(pair.Input);
        var axis = FreeAxis(pair);
        if (axis < 0 && rows > 1) axis = FixedAxis(shape, rows.Value);
        if (axis >= 0) shape[axis] = 1;
        if (rows == 1) axis = -1;
        if (shape.Contains(0))
            throw new ArgumentException(
                $"The state '{name}' of the model '{_path}' has the shape [{ForeignInput.Describe(pair.Input)}], of which the graph leaves a size "
                + $"open. A state that grows from step to step ('{next}'), as the keys and values of attention do, cannot be carried.", "States");
        var size = checked((int)shape.Aggregate(1L, (product, one) => product * one));
        object count = rows is { } number ? (long)number : NetworkExporter.BatchAxis;
        Before(pair.Input, OnnxModelBuilder.Value(name, OnnxType.Single, [count, (long)size]), axis < 0 ? shape : [-1, .. shape.Where((_, i) => i != axis)],
            axis);
        // The number of rows stays as it is: a state of another size than before is an error of the run.
        After(pair.Output, OnnxModelBuilder.Value(next, OnnxType.Single, [count, (long)size]), axis < 0 ? [1, size] : [0, size], axis);
        return new(name, next, size);
    }

    // Feeds an input, which is already renamed, by another one, of rows first.
    private void Before(ValueInfoProto inner, ValueInfoProto outer, long[] shape, int axis)
    {
        _graph.Input[_graph.Input.IndexOf(inner)] = outer;
        var x = outer.Name;
        if (inner.Type.TensorType.ElemType != outer.Type.TensorType.ElemType) x = Add(_before, "Cast", [x], ("to", (long)inner.Type.TensorType.ElemType));
        x = Add(_before, "Reshape", [x, Constant(shape)]);
        if (axis > 0)
        {
            List<long> order = [.. Enumerable.Range(1, shape.Length - 1).Select(i => (long)i)];
            order.Insert(axis, 0);
            x = Add(_before, "Transpose", [x], ("perm", order.ToArray()));
        }
        _before.Add(new() { OpType = "Identity", Name = NewName("node"), Input = { x }, Output = { inner.Name } });
    }

    // An output that is an answer as well as a state.
    private void Keep(ValueInfoProto inner)
    {
        var outer = inner.Clone();
        outer.Name = inner.Name[Inner.Length..];
        _graph.Output.Add(outer);
        _after.Add(new() { OpType = "Identity", Name = NewName("node"), Input = { inner.Name }, Output = { outer.Name } });
    }

    // Reads an output, which is already renamed, by another one, of rows first.
    private void After(ValueInfoProto inner, ValueInfoProto outer, long[] shape, int axis)
    {
        _graph.Output.Add(outer);
        var x = inner.Name;
        if (inner.Type.TensorType.ElemType != outer.Type.TensorType.ElemType) x = Add(_after, "Cast", [x], ("to", (long)outer.Type.TensorType.ElemType));
        if (axis > 0)
            x = Add(_after, "Transpose", [x], ("perm", (long[])[axis, .. Enumerable.Range(0, Sizes(inner).Length).Where(i => i != axis).Select(i => (long)i)]));
        x = Add(_after, "Reshape", [x, Constant(shape)]);
        _after.Add(new() { OpType = "Identity", Name = NewName("node"), Input = { x }, Output = { outer.Name } });
    }

    private string Add(List<NodeProto> nodes, string operation, string[] inputs, params ReadOnlySpan<OnnxAttribute> attributes)
    {
        var node = new NodeProto { OpType = operation, Name = NewName("node"), Input = { inputs }, Output = { NewName("value") } };
        foreach (var attribute in attributes) node.Attribute.Add(OnnxModelBuilder.Attribute(attribute));
        nodes.Add(node);
        return node.Output[0];
    }

    private string Constant(long[] values)
    {
        var tensor = TensorData.Create([values.Length], values).ToProto(NewName("shape"));
        _graph.Initializer.Add(tensor);
        return tensor.Name;
    }

    private string NewName(string kind) => string.Create(CultureInfo.InvariantCulture, $"states/{kind}_{++_names}");

    // The free axis; of several, that of the name of a batch.
    private static int FreeAxis(StatePair pair)
    {
        var shape = pair.Input.Type.TensorType.Shape;
        int[] free = [.. Enumerable.Range(0, shape.Dim.Count).Where(axis => shape.Dim[axis].DimValue <= 0)];
        return free.Length == 0 ? -1 : free.OrderByDescending(axis => ForeignRows.IsName(shape.Dim[axis].DimParam)).First();
    }

    // States have the layers first, where there are three axes, and then the rows.
    private static int FixedAxis(long[] shape, int rows) => shape.Length > 2 && shape[1] == rows ? 1 : Array.IndexOf(shape, rows);

    /// <summary>The sizes of a value, 0 for those that are free.</summary>
    public static long[] Sizes(ValueInfoProto value) =>
        [.. value.Type?.TensorType?.Shape?.Dim.Select(dimension => Math.Max(dimension.DimValue, 0)) ?? []];
}
