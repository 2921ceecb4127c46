using Microsoft.ML.Recurrent.Onnx;
using Microsoft.ML.Recurrent.Onnx.Format;

namespace Microsoft.ML.Recurrent.Foreign;

/// <summary>A foreign file, reduced to what the wanted outputs need: inputs, nodes and constants that lead to none of them are left out.</summary>
internal sealed class ForeignGraph
{
    private readonly Dictionary<string, AxisTrace> _traces = [];
    private readonly KnownTensors _known;

    private ForeignGraph(string path, ModelProto model, ValueInfoProto[] all, HashSet<string> needed)
    {
        (Path, Model, AllInputs, Inputs) = (path, model, all, [.. all.Where(input => needed.Contains(input.Name))]);
        _known = new(model.Graph);
    }

    public string Path { get; }

    public ModelProto Model { get; }

    /// <summary>All inputs of the file without a default value, and those that are asked for.</summary>
    public ValueInfoProto[] AllInputs { get; }

    /// <summary>The names of all outputs of the file.</summary>
    public required string[] AllOutputs { get; init; }

    /// <summary>The inputs of them that the wanted outputs need.</summary>
    public ValueInfoProto[] Inputs { get; }

    /// <summary>The wanted outputs, in the order of the columns.</summary>
    public required ValueInfoProto[] Outputs { get; init; }

    /// <summary>The columns of the outputs.</summary>
    public required string[] OutputColumns { get; init; }

    /// <summary>The version of ONNX's own operators.</summary>
    public long Opset => Version(Model);

    /// <summary>Reads a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="model">What the file holds.</param>
    /// <param name="outputColumns">The columns to write: bound by name, else in order; null for all outputs.</param>
    /// <param name="wanted">Inputs to feed even if they have a default value.</param>
    public static ForeignGraph Read(string path, ModelProto model, string[]? outputColumns, ISet<string> wanted)
    {
        var graph = model.Graph;
        if (model.OpsetImport.All(opset => opset.Domain is not ("" or "ai.onnx")))
            model.OpsetImport.Add(new OperatorSetIdProto { Version = OnnxExportOptions.DefaultOpset });
        // Before version 4 every initializer is an input too.
        model.IrVersion = Math.Max(model.IrVersion, 4);
        foreach (var tensor in graph.Initializer.Where(tensor => wanted.Contains(tensor.Name) && graph.Input.Any(input => input.Name == tensor.Name)).ToArray())
            graph.Initializer.Remove(tensor);
        var defaults = graph.Initializer.Select(tensor => tensor.Name).ToHashSet();
        ValueInfoProto[] all = [.. graph.Input.Where(input => !defaults.Contains(input.Name))];
        outputColumns ??= [.. graph.Output.Where(output => !IsText(output)).Select(output => output.Name)];
        string[] names = [.. graph.Output.Select(output => output.Name)];
        var outputs = ForeignNames.Outputs(path, [.. graph.Output], outputColumns);
        var needed = Prune(graph, [.. outputs.Select(output => output.Name)]);
        graph.Output.Clear();
        graph.Output.Add(outputs);
        return new(path, model, all, needed) { Outputs = outputs, AllOutputs = names, OutputColumns = outputColumns };
    }

    /// <summary>What the graph says of the axes of an input.</summary>
    public AxisTrace Trace(ValueInfoProto input)
    {
        if (!_traces.TryGetValue(input.Name, out var trace)) _traces.Add(input.Name, trace = AxisTrace.Follow(Model.Graph, _known, Opset, input));
        return trace;
    }

    private static bool IsText(ValueInfoProto value) => value.Type?.TensorType?.ElemType == (int)TensorProto.Types.DataType.String;

    private static long Version(ModelProto model) => model.OpsetImport.First(opset => opset.Domain is "" or "ai.onnx").Version;

    // Removes the nodes that no wanted output needs, and returns the names that the others take.
    private static HashSet<string> Prune(GraphProto graph, string[] outputs)
    {
        var makers = new Dictionary<string, NodeProto>(StringComparer.Ordinal);
        foreach (var node in graph.Node)
            foreach (var output in node.Output) makers.TryAdd(output, node);
        HashSet<NodeProto> kept = new(ReferenceEqualityComparer.Instance);
        HashSet<string> needed = new(outputs, StringComparer.Ordinal);
        var open = new Stack<string>(outputs);
        while (open.TryPop(out var name))
        {
            if (!makers.TryGetValue(name, out var node) || !kept.Add(node)) continue;
            foreach (var input in Taken(node))
                if (needed.Add(input)) open.Push(input);
        }
        if (kept.Count < graph.Node.Count)
        {
            NodeProto[] nodes = [.. graph.Node.Where(kept.Contains)];
            TensorProto[] tensors = [.. graph.Initializer.Where(tensor => needed.Contains(tensor.Name))];
            graph.Node.Clear();
            graph.Node.Add(nodes);
            graph.Initializer.Clear();
            graph.Initializer.Add(tensors);
            graph.ValueInfo.Clear();
        }
        return needed;
    }

    // The names that a node takes, those of its inner graphs included.
    private static IEnumerable<string> Taken(NodeProto node) => node.Input.Concat(KnownTensors.Graphs(node).SelectMany(graph =>
        graph.Node.SelectMany(Taken).Concat(graph.Output.Select(output => output.Name))));
}
