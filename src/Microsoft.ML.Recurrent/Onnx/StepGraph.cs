using Microsoft.ML.Recurrent.Layers;
using Microsoft.ML.Recurrent.Networks;
using Microsoft.ML.Recurrent.Onnx.Cells;
using Microsoft.ML.Recurrent.Onnx.Format;

namespace Microsoft.ML.Recurrent.Onnx;

/// <summary>
/// A model's graph in the form of single steps: each recurrent layer's states come in as inputs (<c>lstm_1.h</c>, and <c>lstm_1.c</c> of a cell with a memory,
/// float [1, batch, hidden]) and go out as outputs (<c>lstm_1.h.next</c>, ...). Fed with one step after the other, and with the states that came out before, it
/// answers as the whole graph answers for the steps so far. It takes several steps at once just as well.
/// </summary>
internal sealed class StepGraph
{
    private StepGraph(ModelBytes file, ModelManifest manifest, IReadOnlyList<StepState> states) => (File, Manifest, States) = (file, manifest, states);

    /// <summary>The ONNX file.</summary>
    public ModelBytes File { get; }

    /// <summary>What goes in and comes out besides the states: the model's own columns, but for a language model, which answers with the next token.</summary>
    public ModelManifest Manifest { get; }

    /// <summary>The states, layer by layer.</summary>
    public IReadOnlyList<StepState> States { get; }

    /// <exception cref="NotSupportedException">The network has to see the whole sequence; the message names the layer that does.</exception>
    public static StepGraph Create(RecurrentModel model)
    {
        var (file, manifest) = RecurrentTask.Find(model.Manifest).StepForm(model);
        if (Refusal(model.Description) is { } refusal) throw new NotSupportedException($"The model cannot be fed step by step: {refusal}.");
        var graph = file.Graph;
        var layers = model.Description.Layers.OfType<RecurrentDescription>().ToArray();
        var nodes = graph.Node.Where(node => node.OpType is "Scan" || OnnxCell.IsNode(node.OpType)).ToArray();
        if (nodes.Length != layers.Length)
            throw new NotSupportedException(
                $"The graph has {nodes.Length} recurrent nodes for {layers.Length} recurrent layers: its states cannot be told apart.");

        List<StepState> states = [];
        for (var i = 0; i < nodes.Length; i++)
        {
            // Of a node X, W, R, B, lengths, initial h, initial c; Y, last h, last c. What is left out has an empty name. Of a loop h, c, sequences; last h,
            // last c, Y.
            var (node, layer) = (nodes[i], layers[i]);
            bool loops = node.OpType == "Scan";
            while (!loops && node.Input.Count < 5) node.Input.Add("");
            while (node.Output.Count < 2) node.Output.Add("");
            Connect(0, "h", loops ? layer.StateSize : layer.HiddenSize);
            if (layer.Descriptor.HasMemory) Connect(1, "c", layer.HiddenSize);

            void Connect(int place, string name, int size)
            {
                var state = new StepState($"{layer.Name}.{name}", $"{layer.Name}.{name}.next", size);
                if (loops) node.Input[place] = state.Input;
                else node.Input.Add(state.Input);
                int output = loops ? place : place + 1;
                if (node.Output.Count <= output) node.Output.Add("");
                if (node.Output[output].Length == 0) node.Output[output] = state.Output + ".state";
                graph.Node.Add(new NodeProto { OpType = "Identity", Name = "node_" + state.Output, Input = { node.Output[output] },
                    Output = { state.Output } });
                graph.Input.Add(Declare(state.Input, size));
                graph.Output.Add(Declare(state.Output, size));
                states.Add(state);
            }
        }
        foreach (var input in graph.Input)
        {
            // A fixed number of steps was that of a window.
            var column = manifest.Inputs.FirstOrDefault(column => column.Name == input.Name);
            if (column is { Kind: not InputKind.Static }) input.Type.TensorType.Shape.Dim[1] = new() { DimParam = NetworkExporter.TimeAxis };
        }
        foreach (var output in graph.Output)
            if (manifest.Outputs.Any(column => column.PerStep && column.Name == output.Name))
                output.Type.TensorType.Shape.Dim[1] = new() { DimParam = NetworkExporter.TimeAxis };
        graph.ValueInfo.Clear();
        file.MetadataProps.Clear();
        return new(ModelBytes.Create(file, null), manifest, states);
    }

    /// <summary>Why a network cannot be fed step by step; null where it can.</summary>
    public static string? Refusal(NetworkDescription network)
    {
        if (network.WindowNormalization is not WindowNormalization.None)
            return $"its windows are normalised ({network.WindowNormalization}), which takes the whole window. Train it "
                + $"with {nameof(WindowNormalization)}.{nameof(WindowNormalization.None)}";
        if (network.AllowsMissing) return "it looks for missing values in its whole window";
        if (!network.Lags.IsEmpty) return "it looks up earlier steps of its window (lags)";
        if (network.Decoder is not null) return "it answers step by step itself, from a whole window";
        if (network.LinearSkip is not null) return "a linear forecast of the whole window stands beside its layers. Train it with Decoding.LinearSkip = false";
        if (!network.Categories.IsEmpty) return "it takes categories beside its numbers";
        if (network.FutureFeatures > 0) return "it takes numbers that are known ahead, for a whole horizon at once";
        foreach (var layer in network.Layers)
        {
            var reason = layer switch
            {
                RecurrentDescription { Bidirectional: true } => "reads the sequence backward too",
                RecurrentDescription { Dilation: > 1 } => "goes on from a step that is not the one before",
                PoolingDescription { Pooling: not SequencePooling.Last } pooling => $"takes the {pooling.Pooling} over all steps",
                RecurrentDescription or PoolingDescription or DenseDescription or DropoutDescription or EmbeddingDescription => null,
                _ when IsStepwise(layer) => null,
                _ => "looks at more than one step",
            };
            if (reason is not null) return $"the layer '{layer.Name}' {reason}";
        }

        return null;
    }

    private static bool IsStepwise(LayerDescription layer) => layer is ActivationDescription or LayerNormDescription or BatchNormDescription;

    private static ValueInfoProto Declare(string name, int hidden)
    {
        var shape = new TensorShapeProto();
        shape.Dim.AddRange([new() { DimValue = 1 }, new() { DimParam = NetworkExporter.BatchAxis }, new() { DimValue = hidden }]);
        return new() { Name = name, Type = new() { TensorType = new() { ElemType = (int)OnnxType.Single, Shape = shape } } };
    }
}

/// <summary>One state of one layer.</summary>
/// <param name="Input">The graph's input that takes it.</param>
/// <param name="Output">The output that gives it for the next step.</param>
/// <param name="Size">Its numbers a row.</param>
internal sealed record StepState(string Input, string Output, int Size);
