using Microsoft.ML.OnnxRuntime.Tensors;
using Microsoft.ML.Recurrent.Onnx;
using Microsoft.ML.Recurrent.Onnx.Format;

namespace Microsoft.ML.Recurrent.Foreign;

/// <summary>
/// Adapts the inputs and outputs of a foreign graph to the scorer: column names, batch first, float or int64. Nodes are added before and after it; the graph
/// itself only has its inputs and outputs renamed.
/// </summary>
internal sealed class ForeignAdapter
{
    private const string Inner = "inner/";

    private readonly ModelProto _model;
    private readonly List<NodeProto> _before = [], _after = [];
    private readonly List<TensorProto> _constants = [];
    private int _names;

    private ForeignAdapter(ModelProto model) => _model = model;

    public static RecurrentModel Adapt(ModelProto model, IReadOnlyList<ForeignInput> inputs, IReadOnlyList<(ForeignOutput Output, string Column)> outputs,
        int? fixedBatch)
    {
        if (model.OpsetImport.All(opset => opset.Domain.Length > 0)) model.OpsetImport.Add(new OperatorSetIdProto { Version = OnnxExportOptions.DefaultOpset });
        var adapter = new ForeignAdapter(model);
        var graph = model.Graph;
        var taken = graph.Input.Concat(graph.Output).Select(value => value.Name).Concat(inputs.Select(input => input.Column.Name))
            .Concat(outputs.Select(output => output.Column)).ToHashSet();
        Rename(graph, taken);
        graph.Input.Clear();
        graph.Output.Clear();
        foreach (var input in inputs) adapter.Enter(input);
        var columns = outputs.Select(output => adapter.Leave(output.Output, output.Column)).ToArray();
        NodeProto[] own = [.. graph.Node];
        graph.Node.Clear();
        graph.Node.Add(adapter._before);
        graph.Node.Add(own);
        graph.Node.Add(adapter._after);
        graph.Initializer.Add(adapter._constants);
        return RecurrentModel.Create(model, new()
        {
            Task = ModelTask.Foreign,
            IsForeignGraph = true,
            Inputs = [.. inputs.Select(input => input.Column)],
            Outputs = [.. columns],
            FixedBatch = fixedBatch,
            SeparateLengths = inputs.Any(input => input.Column.IsSequence) && !inputs.Any(input => input.Column.IsLength),
        });
    }

    private void Enter(ForeignInput input)
    {
        var column = input.Column;
        object steps = NetworkExporter.TimeAxis, rows = NetworkExporter.BatchAxis;
        var type = column.Kind is InputKind.Tokens or InputKind.Integers ? OnnxType.Int64 : OnnxType.Single;
        _model.Graph.Input.Add(OnnxModelBuilder.Value(column.Name, type, column.Kind switch
        {
            InputKind.Sequence => [rows, steps, column.Features],
            InputKind.Tokens => [rows, steps],
            _ => [rows, column.Features],
        }));
        var x = column.Name;
        if ((int)input.Type != (int)type) x = Before("Cast", [x], ("to", (long)input.Type));
        // Batch first, then the other axes of the graph.
        if (column.Kind is not InputKind.Tokens)
        {
            long[] shape = column.IsSequence ? [0, 0, .. input.Rest[1..]] : [-1, .. input.Rest];
            x = Before("Reshape", [x, Constant(shape)]);
        }
        if (input.BatchAxis > 0)
        {
            List<long> axes = [.. Enumerable.Range(1, input.Rest.Length).Select(axis => (long)axis)];
            axes.Insert(input.BatchAxis, 0);
            x = Before("Transpose", [x], ("perm", axes.ToArray()));
        }
        _before.Add(Node("Identity", [x], input.Value.Name)); // already renamed
    }

    private OutputColumn Leave(ForeignOutput output, string column)
    {
        var x = Inner + output.Name;
        var perStep = output.TimeAxis is not null;
        int[] front = perStep ? [output.BatchAxis, output.TimeAxis!.Value] : [output.BatchAxis];
        long[] axes = [.. front.Concat(Enumerable.Range(0, output.Rank).Except(front)).Select(axis => (long)axis)];
        if (!axes.SequenceEqual(Enumerable.Range(0, output.Rank).Select(axis => (long)axis))) x = After("Transpose", [x], ("perm", axes));
        x = After("Reshape", [x, Constant(perStep ? [0, 0, output.Size] : [-1, output.Size])]);
        var kind = output.Type switch
        {
            TensorElementType.Float or TensorElementType.Double or TensorElementType.Float16 or TensorElementType.BFloat16 => OutputKind.Single,
            TensorElementType.String or TensorElementType.Complex64 or TensorElementType.Complex128 =>
                throw new ArgumentException(
                    $"The model's output '{output.Name}' has the element type {output.Type}, which cannot become a column of numbers."),
            _ => OutputKind.Int64,
        };
        var type = kind is OutputKind.Single ? OnnxType.Single : OnnxType.Int64;
        _after.Add(Node("Cast", [x], column, ("to", (long)type)));
        object rows = NetworkExporter.BatchAxis;
        _model.Graph.Output.Add(OnnxModelBuilder.Value(column, type, perStep ? [rows, NetworkExporter.TimeAxis, output.Size] : [rows, output.Size]));
        return new(column, kind, output.Size) { PerStep = perStep, Steps = output.Steps };
    }

    private string Before(string operation, string[] inputs, params ReadOnlySpan<OnnxAttribute> attributes)
    {
        var node = Node(operation, inputs, NewName(), attributes);
        _before.Add(node);
        return node.Output[0];
    }

    private string After(string operation, string[] inputs, params ReadOnlySpan<OnnxAttribute> attributes)
    {
        var node = Node(operation, inputs, NewName(), attributes);
        _after.Add(node);
        return node.Output[0];
    }

    private static NodeProto Node(string operation, string[] inputs, string output, params ReadOnlySpan<OnnxAttribute> attributes)
    {
        var node = new NodeProto { OpType = operation, Name = "column/" + output, Input = { inputs }, Output = { output } };
        foreach (var attribute in attributes) node.Attribute.Add(OnnxModelBuilder.Attribute(attribute));
        return node;
    }

    private string Constant(long[] values)
    {
        var tensor = TensorData.Create([values.Length], values).ToProto(NewName());
        _constants.Add(tensor);
        return tensor.Name;
    }

    private string NewName() => $"column/{++_names}";

    // Inner graphs (of loops) see the outer names; ONNX forbids shadowing them.
    internal static void Rename(GraphProto graph, HashSet<string> names, string prefix = Inner)
    {
        foreach (var tensor in graph.Initializer)
            if (names.Contains(tensor.Name)) tensor.Name = prefix + tensor.Name;
        foreach (var value in graph.Input.Concat(graph.Output).Concat(graph.ValueInfo))
            if (names.Contains(value.Name)) value.Name = prefix + value.Name;
        foreach (var node in graph.Node)
        {
            for (var i = 0; i < node.Input.Count; i++)
                if (names.Contains(node.Input[i])) node.Input[i] = prefix + node.Input[i];
            for (var i = 0; i < node.Output.Count; i++)
                if (names.Contains(node.Output[i])) node.Output[i] = prefix + node.Output[i];
            foreach (var attribute in node.Attribute)
            {
                if (attribute.G is { } inner) Rename(inner, names, prefix);
                foreach (var other in attribute.Graphs) Rename(other, names, prefix);
            }
        }
    }
}
