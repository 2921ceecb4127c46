using System.Runtime.InteropServices;
using Google.Protobuf;
using Microsoft.ML.Recurrent.Layers;
using Microsoft.ML.Recurrent.Networks;
using Microsoft.ML.Recurrent.Onnx.Cells;
using Microsoft.ML.Recurrent.Onnx.Format;

namespace Microsoft.ML.Recurrent.Onnx;

/// <summary>
/// The single-step graph of a model: the states of each recurrent layer are inputs (<c>lstm_1.h</c>, and <c>lstm_1.c</c> of a cell with a memory, float [1,
/// batch, hidden]) and outputs (<c>lstm_1.h.next</c>, ...). Run step by step with the previous states, its output equals that of the whole graph for the steps
/// so far. It also takes several steps at once.
/// </summary>
internal sealed class StepGraph
{
    // The index of the initial h among the inputs of an LSTM, GRU or RNN node.
    private const int FirstState = 5;

    private StepGraph(ModelBytes file, ModelManifest manifest, IReadOnlyList<StepState> states) => (File, Manifest, States) = (file, manifest, states);

    /// <summary>The ONNX file.</summary>
    public ModelBytes File { get; }

    /// <summary>The inputs and outputs besides the states: the columns of the model; for a language model the output is the next token.</summary>
    public ModelManifest Manifest { get; }

    /// <summary>The states, layer by layer.</summary>
    public IReadOnlyList<StepState> States { get; }

    /// <exception cref="NotSupportedException">The network needs the whole sequence; the message names the layer.</exception>
    public static StepGraph Create(RecurrentModel model)
    {
        if (model.Manifest.IsForeignGraph) return new(model.File(), model.Manifest, ForeignStates(model.Manifest));
        var (file, manifest) = RecurrentTask.Find(model.Manifest).StepForm(model);
        if (Refusal(model.Description) is { } refusal) throw new NotSupportedException($"The model cannot run step by step: {refusal}.");
        if (manifest.Inputs.Any(input => input.IsCategory)) throw new NotSupportedException("The model cannot run step by step: it has categorical inputs.");
        var graph = file.Graph;
        var layers = model.Description.Layers.OfType<RecurrentDescription>().ToArray();
        var nodes = graph.Node.Where(node => node.OpType is "Scan" || OnnxCell.IsNode(node.OpType)).ToArray();
        if (nodes.Length != layers.Length)
            throw new NotSupportedException(
                $"The graph has {nodes.Length} recurrent nodes for {layers.Length} recurrent layers: their states cannot be matched.");

        var isKept = IsKept(graph, manifest);
        List<StepState> states = [];
        for (var i = 0; i < nodes.Length; i++)
        {
            // A node has X, W, R, B, lengths, initial h, initial c, peepholes -> Y, last h, last c; omitted ones have empty names. A loop has h, c, sequences
            // -> last h, last c, Y.
            var (node, layer) = (nodes[i], layers[i]);
            var loops = node.OpType == "Scan";
            while (node.Output.Count < 2) node.Output.Add("");
            Connect(0, "h", loops ? layer.StateSize : layer.HiddenSize);
            if (layer.Descriptor.HasMemory) Connect(1, "c", layer.HiddenSize);

            void Connect(int place, string name, int size)
            {
                var state = new StepState($"{layer.Name}.{name}", $"{layer.Name}.{name}.next", size);
                var input = loops ? place : place + FirstState;
                while (node.Input.Count <= input) node.Input.Add("");
                node.Input[input] = state.Input;
                var output = loops ? place : place + 1;
                if (node.Output.Count <= output) node.Output.Add("");
                if (node.Output[output].Length == 0) node.Output[output] = state.Output + ".state";
                var next = new NodeProto { OpType = isKept is null ? "Identity" : "Where", Name = "node_" + state.Output, Output = { state.Output } };
                next.Input.Add(isKept is null ? [node.Output[output]] : [isKept, state.Input, node.Output[output]]);
                graph.Node.Add(next);
                graph.Input.Add(Declare(state.Input, size));
                graph.Output.Add(Declare(state.Output, size));
                states.Add(state);
            }
        }
        foreach (var input in graph.Input)
        {
            // A fixed number of steps is that of a window.
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

    // The states of a graph of another framework are inputs and outputs as it is.
    private static StepState[] ForeignStates(ModelManifest manifest) =>
        [.. (manifest.States ?? throw new NotSupportedException("The model cannot run step by step: its graph was bound without states. Create the stream from "
            + "the file: mlContext.Model.CreateSequenceStream<TKey>(options).")).Select(state => new StepState(state.Input, state.Output, state.Size))];

    // Whether a row's states stay as they were, bool [batch, 1]: it has no steps, for which ONNX Runtime's nodes give zeros, or no answer. Null where neither
    // comes to pass. Graphs that were written before the rows without an answer were marked tell the rows without steps alone.
    private static string? IsKept(GraphProto graph, ModelManifest manifest)
    {
        const string name = "row.is_kept";
        if (graph.Node.Any(node => node.Output.Contains(MissingAnswers.TensorName)))
        {
            Add("IsNaN", name, MissingAnswers.TensorName);
            return name;
        }
        if (!manifest.HasLengths) return null;
        var (none, column) = (name + ".none", name + ".column");
        graph.Initializer.Add(Integers(none, [0]));
        graph.Initializer.Add(Integers(column, [-1, 1]));
        Add("Equal", name + ".row", ModelManifest.LengthInput, none);
        Add("Reshape", name, name + ".row", column);
        return name;

        void Add(string operation, string output, params string[] inputs) =>
            graph.Node.Add(new NodeProto { OpType = operation, Name = "node_" + output, Input = { inputs }, Output = { output } });

        static TensorProto Integers(string name, long[] values) => new()
        {
            Name = name,
            DataType = (int)TensorProto.Types.DataType.Int64,
            Dims = { values.Length },
            RawData = ByteString.CopyFrom(MemoryMarshal.AsBytes<long>(values)),
        };
    }

    /// <summary>Why a network cannot run step by step; null if it can.</summary>
    public static string? Refusal(NetworkDescription network)
    {
        if (network.CarriesState) return "it carries its states: its whole graph has them as inputs and outputs, and takes single rows";
        if (network.WindowNormalization is not WindowNormalization.None)
            return $"its windows are normalized ({network.WindowNormalization}), which needs the whole window. Train it "
                + $"with {nameof(WindowNormalization)}.{nameof(WindowNormalization.None)}";
        if (network.AllowsMissing) return "it masks missing values in its whole window";
        if (!network.Lags.IsEmpty) return "it reads earlier steps of its window (lags)";
        if (network.Decoder is { Vocabulary: > 0 }) return "its decoder writes texts, for which its rows are read as a whole";
        if (network.Decoder is not null) return "its decoder forecasts from a whole window";
        if (network.LinearSkip is not null) return "a linear forecast of the whole window stands beside its layers. Train it with Decoding.LinearSkip = false";
        if (network.Ngrams is not null) return "a linear path over n-grams reads the whole row. Train it with Features.Ngrams.NgramLength = 0";
        if (network.FutureFeatures > 0) return "it has future covariates for a whole horizon";
        foreach (var layer in network.Layers)
        {
            var reason = layer switch
            {
                RecurrentDescription { Bidirectional: true } => "is bidirectional. Train it with Network.Bidirectional = false",
                RecurrentDescription { Dilation: > 1 } => "is dilated",
                PoolingDescription { Pooling: not SequencePooling.Last } pooling => $"pools ({pooling.Pooling}) over all steps",
                RecurrentDescription or PoolingDescription or DenseDescription or DropoutDescription or EmbeddingDescription => null,
                _ when IsStepwise(layer) => null,
                _ => "reads more than one step",
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

/// <summary>A state of a layer.</summary>
/// <param name="Input">The input of the graph.</param>
/// <param name="Output">The output with the state for the next step.</param>
/// <param name="Size">Numbers per row.</param>
internal sealed record StepState(string Input, string Output, int Size);
