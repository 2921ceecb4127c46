using System.Collections.Immutable;
using Microsoft.ML.OnnxRuntime.Tensors;
using Microsoft.ML.Recurrent.Onnx;
using Microsoft.ML.Recurrent.Onnx.Format;

namespace Microsoft.ML.Recurrent.Foreign;

/// <summary>
/// Adapts the inputs and outputs of a foreign graph to the scorer: column names, batch first, float, double, int64 or texts. Nodes are added before and after
/// it; the graph itself only has its inputs and outputs renamed.
/// </summary>
internal sealed class ForeignAdapter
{
    private const string Inner = "inner/";

    private readonly ModelProto _model;
    private readonly List<NodeProto> _before = [], _after = [];
    private readonly List<TensorProto> _constants = [];
    private int _names;

    private ForeignAdapter(ModelProto model) => _model = model;

    /// <param name="foreign">The graph.</param>
    /// <param name="inputs">Its inputs that columns feed.</param>
    /// <param name="constants">Those that constants feed.</param>
    /// <param name="outputs">Its outputs.</param>
    /// <param name="fixedBatch">The fixed number of rows of a run; null if it is free.</param>
    /// <param name="padsRows">Whether rows of different length share a run, since the graph takes their lengths.</param>
    public static RecurrentModel Adapt(ForeignGraph foreign, IReadOnlyList<ForeignInput> inputs, IReadOnlyList<ForeignConstant> constants,
        ImmutableArray<ForeignOutput> outputs, int? fixedBatch, bool padsRows)
    {
        var adapter = new ForeignAdapter(foreign.Model);
        var graph = foreign.Model.Graph;
        var taken = graph.Input.Concat(graph.Output).Select(value => value.Name).Concat(inputs.Select(input => input.Column.Name))
            .Concat(outputs.Select(output => output.Column)).ToHashSet();
        Rename(graph, taken);
        graph.Input.Clear();
        graph.Output.Clear();
        foreach (var input in inputs) adapter.Enter(input);
        foreach (var constant in constants) adapter.Enter(constant, inputs);
        var own = OwnAnswers.Read(foreign.Model);
        var columns = outputs.Select(output => adapter.Leave(output, own)).ToArray();
        NodeProto[] nodes = [.. graph.Node];
        graph.Node.Clear();
        graph.Node.Add(adapter._before);
        graph.Node.Add(nodes);
        graph.Node.Add(adapter._after);
        graph.Initializer.Add(adapter._constants);
        return RecurrentModel.Create(foreign.Model, new()
        {
            Task = ModelTask.Foreign,
            IsForeignGraph = true,
            AnswersOf = own?.Manifest.Task,
            Label = own?.Manifest.Label,
            SequenceLabel = own?.Manifest.SequenceLabel,
            Inputs = [.. inputs.Select(input => input.Column)],
            Outputs = [.. columns],
            FixedBatch = fixedBatch,
            SeparateLengths = inputs.Any(input => input.Column.IsSequence) && !padsRows,
        });
    }

    private void Enter(ForeignInput input)
    {
        var (column, reading) = (input.Column, input.Reading);
        object steps = NetworkExporter.TimeAxis, rows = NetworkExporter.BatchAxis;
        var type = column.Kind switch
        {
            InputKind.Text => OnnxType.Text,
            InputKind.Tokens or InputKind.Integers or InputKind.IntegerSteps => OnnxType.Int64,
            _ => column.IsDouble ? OnnxType.Double : OnnxType.Single,
        };
        _model.Graph.Input.Add(OnnxModelBuilder.Value(column.Name, type, column.Kind switch
        {
            InputKind.Sequence or InputKind.IntegerSteps => [rows, steps, column.Features],
            InputKind.Tokens => [rows, steps],
            // A size that the graph leaves open stays open: it may not fit a branch that is not taken.
            _ => [rows, input.IsOpenVector ? null : column.Features],
        }));
        var x = column.Name;
        if ((int)input.Type != (int)type) x = Before("Cast", [x], ("to", (long)input.Type));
        // One row stands for all of a run.
        if (reading.Batch < 0 && !reading.Varies) x = Before("Gather", [x, Constant([], [0L])], ("axis", 0L));
        // Batch first, then the steps where they vary, then the other axes of the column, and from there to the order of the graph.
        int[] others = [.. reading.Order.Where(axis => !reading.Varies || axis != reading.Time)];
        List<int> axes = [.. others];
        List<long> shape = [.. others.Select(axis => reading.Sizes[axis])];
        if (reading.Varies) (axes, shape) = ([reading.Time, .. axes], [reading.Batch < 0 ? -1 : 0, .. shape]);
        if (reading.Batch >= 0) (axes, shape) = ([reading.Batch, .. axes], [reading.Varies ? 0 : -1, .. shape]);
        if (!input.IsOpenVector) x = Before("Reshape", [x, Constant([shape.Count], [.. shape])]);
        long[] order = [.. Enumerable.Range(0, axes.Count).Select(axis => (long)axes.IndexOf(axis))];
        if (!IsIdentity(order)) x = Before("Transpose", [x], ("perm", order));
        _before.Add(Node("Identity", [x], input.Value.Name)); // already renamed
    }

    private void Enter(ForeignConstant constant, IReadOnlyList<ForeignInput> inputs)
    {
        var tensor = constant.Tensor.Clone();
        if (constant.Repeated.Length == 0)
        {
            tensor.Name = constant.Input.Name;
            _model.Graph.Initializer.Add(tensor);
            return;
        }
        tensor.Name = NewName();
        _constants.Add(tensor);
        var sequence = inputs.FirstOrDefault(input => input.Reading.Varies);
        var sizes = tensor.Dims.Select((size, axis) => !constant.Repeated.Contains(axis) ? Constant([1], [size])
            : axis != constant.Time ? SizeOf(inputs[0].Column.Name, 0)
            : sequence is not null ? SizeOf(sequence.Column.Name, 1)
            : Constant([1], [(long)(inputs.Select(input => input.Steps).FirstOrDefault(steps => steps is not null) ?? 1)])).ToArray();
        var shape = Before("Concat", sizes, ("axis", 0L));
        _before.Add(Node("Expand", [tensor.Name, shape], constant.Input.Name));

        string SizeOf(string input, long axis) => Before("Gather", [Before("Shape", [input]), Constant([1], [axis])], ("axis", 0L));
    }

    private OutputColumn Leave(ForeignOutput output, OwnAnswers? own)
    {
        var x = Inner + output.Name;
        var perStep = output.TimeAxis is not null;
        int[] front = [.. new[] { output.BatchAxis, output.TimeAxis ?? -1 }.Where(axis => axis >= 0)];
        long[] axes = [.. front.Concat(Enumerable.Range(0, output.Rank).Except(front)).Select(axis => (long)axis)];
        if (!IsIdentity(axes)) x = After("Transpose", [x], ("perm", axes));
        long[] shape = output.BatchAxis < 0 ? perStep ? [1, -1, output.Size] : [1, output.Size] : perStep ? [0, 0, output.Size] : [-1, output.Size];
        x = After("Reshape", [x, Constant([shape.Length], shape)]);
        var kind = output.Type switch
        {
            TensorElementType.Float or TensorElementType.Double or TensorElementType.Float16 or TensorElementType.BFloat16 => OutputKind.Single,
            TensorElementType.String or TensorElementType.Complex64 or TensorElementType.Complex128 =>
                throw new ArgumentException(
                    $"The model's output '{output.Name}' has the element type {output.Type}, which cannot become a column of numbers. Name the other outputs.",
                    "outputColumnNames"),
            TensorElementType.Bool when !perStep && output.Steps == 0 => OutputKind.Boolean,
            _ => own?.IsKey(output.Name) is true ? OutputKind.Key : OutputKind.Int64,
        };
        var type = kind switch { OutputKind.Single => OnnxType.Single, OutputKind.Boolean => OnnxType.Boolean, _ => OnnxType.Int64 };
        _after.Add(Node("Cast", [x], output.Column, ("to", (long)type)));
        object rows = NetworkExporter.BatchAxis;
        _model.Graph.Output.Add(OnnxModelBuilder.Value(output.Column, type, perStep ? [rows, NetworkExporter.TimeAxis, output.Size] : [rows, output.Size]));
        return new(output.Column, kind, output.Size)
        {
            PerStep = perStep,
            Steps = output.Steps,
            IsScalar = output.IsScalar && kind is not OutputKind.Key,
            Answer = own is null ? null : output.Name,
            IsVector = kind is OutputKind.Boolean && !output.IsScalar,
        };
    }

    private static bool IsIdentity(long[] order) => order.Select((axis, i) => axis == i).All(same => same);

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

    private string Constant(long[] shape, long[] values)
    {
        var tensor = TensorData.Create(shape, values).ToProto(NewName());
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
