using Microsoft.ML.Recurrent.Networks;
using Microsoft.ML.Recurrent.Onnx.Format;
using Microsoft.ML.Recurrent.Onnx.Layers;
using Microsoft.ML.Recurrent.Onnx.Precision;

namespace Microsoft.ML.Recurrent.Onnx;

/// <summary>
/// The two graphs with which a search writes texts by a decoder of tokens. The encoder graph reads the sources: its inputs are those of the model, its outputs
/// the initial states of the decoder and, with attention, the keys, values and lengths of the sources. The step graph writes a token to each text of a grid,
/// sources x beams, and returns what may follow.
/// <para>Inputs of the step graph: <see cref="Token"/> int64 [sources, beams], the token to write; <see cref="Parent"/> int64 [sources, beams], the row of the
/// states from which the text goes on; the states, float [rows, size]; with attention also <see cref="Source"/> int64 [sources], the row of the sources of
/// the encoder graph to which the texts attend, and <see cref="Keys"/>, <see cref="Values"/> and, where they vary, <see cref="Lengths"/> of these.</para>
/// <para>Outputs: <see cref="LogProbabilities"/> float [sources, beams, vocabulary]; with attention <see cref="Attention"/> float [sources, beams, time], 0
/// past the length of a source; the next states, float [sources x beams, size], in the order of the grid.</para>
/// </summary>
internal sealed class TokenDecoderGraphs
{
    /// <summary>The token to write.</summary>
    public const string Token = "token";

    /// <summary>The row of the states from which a text goes on.</summary>
    public const string Parent = "parent";

    /// <summary>The row of the encoded sources.</summary>
    public const string Source = "source";

    /// <summary>
    /// The keys of the attention: float [sources, size, time] to which queries are applied as they are (Dot and General), or [sources, time, units] (Additive).
    /// </summary>
    public const string Keys = "attention_keys";

    /// <summary>The values of the attention, multiplied by their part of the layer that combines them with the state: float [sources, time, size].</summary>
    public const string Values = "attention_values";

    /// <summary>The steps of the sources that the decoder attends to, int64 [sources], where sources vary in length.</summary>
    public const string Lengths = "attention_length";

    /// <summary>The log-probabilities of the next token.</summary>
    public const string LogProbabilities = "log_probabilities";

    /// <summary>The weights of the attention.</summary>
    public const string Attention = "attention";

    private const string SourceAxis = "sources", BeamAxis = "beams", RowAxis = "rows", PreviousRowAxis = "previous_rows", LiveAxis = "live_sources";

    private TokenDecoderGraphs(ModelProto encoder, ModelProto step, IReadOnlyList<StepState> states, bool hasAttention, bool hasLengths, int vocabulary) =>
        (Encoder, Step, States, HasAttention, HasLengths, Vocabulary) = (encoder, step, states, hasAttention, hasLengths, vocabulary);

    /// <summary>The encoder graph.</summary>
    public ModelProto Encoder { get; }

    /// <summary>The step graph.</summary>
    public ModelProto Step { get; }

    /// <summary>The states: the encoder graph outputs the first ones under the names of the inputs.</summary>
    public IReadOnlyList<StepState> States { get; }

    /// <summary>Whether the decoder attends to the sources.</summary>
    public bool HasAttention { get; }

    /// <summary>Whether sources vary in length.</summary>
    public bool HasLengths { get; }

    /// <summary>Number of tokens that a step may write, those included that are never written.</summary>
    public int Vocabulary { get; }

    /// <summary>The token input of the encoder graph.</summary>
    public string Tokens => Encoder.Graph.Input.First(input => input.Name != ModelManifest.LengthInput).Name;

    /// <summary>The graphs as they were written to files.</summary>
    /// <exception cref="InvalidDataException">They are not such graphs.</exception>
    public static TokenDecoderGraphs Read(ModelProto encoder, ModelProto step)
    {
        var outputs = step.Graph.Output.Where(output => output.Name is not (LogProbabilities or Attention)).ToArray();
        // The states come first.
        var inputs = encoder.Graph.Output.Take(outputs.Length).Where(output => step.Graph.Input.Any(input => input.Name == output.Name)).ToArray();
        var logs = step.Graph.Output.FirstOrDefault(output => output.Name == LogProbabilities);
        if (logs is null || inputs.Length == 0 || inputs.Length != outputs.Length || step.Graph.Input.All(input => input.Name != Token))
        {
            throw new InvalidDataException("The graphs are not an encoder and the steps of its decoder: the first one has the outputs "
                + $"{string.Join(", ", encoder.Graph.Output.Select(output => output.Name))}, the second one the inputs "
                + $"{string.Join(", ", step.Graph.Input.Select(input => input.Name))} and the outputs "
                + $"{string.Join(", ", step.Graph.Output.Select(output => output.Name))}.");
        }
        return new(encoder, step, [.. inputs.Zip(outputs, (before, after) => new StepState(before.Name, after.Name, LastSize(before)))],
            step.Graph.Input.Any(input => input.Name == Keys), encoder.Graph.Input.Any(input => input.Name == ModelManifest.LengthInput), LastSize(logs));

        static int LastSize(ValueInfoProto value) => (int)value.Type.TensorType.Shape.Dim[^1].DimValue;
    }

    /// <summary>Builds the graphs from a model.</summary>
    /// <param name="model">A model with a decoder of tokens.</param>
    /// <param name="opset">The opset.</param>
    /// <param name="precision">The precision.</param>
    /// <exception cref="ArgumentException">A column of the model has the name of a tensor of the graphs.</exception>
    /// <exception cref="NotSupportedException">The model has no decoder of tokens, or the graphs cannot have the precision.</exception>
    public static TokenDecoderGraphs Create(RecurrentModel model, int opset = OnnxExportOptions.DefaultOpset,
        OnnxPrecision precision = OnnxPrecision.Single)
    {
        if (precision is OnnxPrecision.Int8)
            throw new NotSupportedException("The graphs of an encoder and a decoder cannot compute in 8 bits: the inputs of the steps are those that a search "
                + $"finds, for which no ranges are measured. Choose {nameof(OnnxPrecision)}.{nameof(OnnxPrecision.Int8Weights)}.");
        using var network = model.ToNetwork();
        var (manifest, decoder) = (model.Manifest, network.Description.Decoder!);
        if (decoder is not { Vocabulary: > 0 }) throw new NotSupportedException("The model has no decoder of tokens.");
        var states = TokenDecoderExporter.States(network);
        string[] names = [Token, Parent, Source, Keys, Values, Lengths, LogProbabilities, Attention,
            .. states.SelectMany(state => new[] { state.Input, state.Output })];
        if (manifest.Inputs.FirstOrDefault(input => names.Contains(input.Name)) is { } taken)
            throw new ArgumentException($"The column '{taken.Name}' has the name of an input or output of the decoder's graphs. Rename the column.");
        var (encoder, step) = (EncoderGraph(network, manifest, states, names, opset), StepGraph(network, manifest, states, names, opset));
        foreach (var graph in new[] { encoder, step }) PrecisionWriter.Apply(graph, precision, new Dictionary<string, QuantizationRange>());
        return new(encoder, step, states, decoder.Attention is not null, manifest.HasLengths, decoder.Vocabulary);
    }

    private static ModelProto EncoderGraph(Network network, ModelManifest manifest, IReadOnlyList<StepState> states, string[] names, int opset)
    {
        var graph = Builder(network, manifest, names, opset);
        NetworkExporter.Declare(graph, manifest);
        var exporter = new TokenDecoderExporter(graph, network);
        var (flow, _) = NetworkExporter.Encode(graph, network, manifest, exporter.Weights);
        var begin = exporter.Begin(flow);
        for (var i = 0; i < states.Count; i++) graph.Output(states[i].Input, begin[i], OnnxType.Single, NetworkExporter.BatchAxis, states[i].Size);
        if (exporter.Memory(flow, isMasked: false) is { } memory)
        {
            graph.Output(Keys, memory.Keys, OnnxType.Single, KeysShape(network, NetworkExporter.BatchAxis));
            graph.Output(Values, memory.Values, OnnxType.Single, NetworkExporter.BatchAxis, NetworkExporter.TimeAxis, exporter.Size);
            if (manifest.HasLengths) graph.Output(Lengths, graph.Cast(flow.Lengths, OnnxType.Int64), OnnxType.Int64, NetworkExporter.BatchAxis);
        }
        return graph.Model;
    }

    private static ModelProto StepGraph(Network network, ModelManifest manifest, IReadOnlyList<StepState> states, string[] names, int opset)
    {
        var graph = Builder(network, manifest, names, opset);
        var exporter = new TokenDecoderExporter(graph, network);
        graph.Input(Token, OnnxType.Int64, LiveAxis, BeamAxis);
        graph.Input(Parent, OnnxType.Int64, LiveAxis, BeamAxis);
        foreach (var state in states) graph.Input(state.Input, OnnxType.Single, PreviousRowAxis, state.Size);
        DecoderMemory? memory = null;
        if (exporter.HasAttention)
        {
            graph.Input(Source, OnnxType.Int64, LiveAxis);
            graph.Input(Keys, OnnxType.Single, KeysShape(network, SourceAxis));
            graph.Input(Values, OnnxType.Single, SourceAxis, NetworkExporter.TimeAxis, exporter.Size);
            if (manifest.HasLengths) graph.Input(Lengths, OnnxType.Int64, SourceAxis);
            memory = new(graph.Gather(Keys, Source, 0), graph.Gather(Values, Source, 0),
                manifest.HasLengths ? exporter.Mask(graph.Gather(Lengths, Source, 0), Values, 1) : null);
        }

        var parents = graph.Reshape(Parent, -1);
        var step = exporter.Step(graph, graph.Reshape(Token, -1), [.. states.Select(state => graph.Gather(state.Input, parents, 0))], memory,
            graph.Node("Shape", [Token]));
        graph.Output(LogProbabilities, exporter.Grid(graph, graph.Node("LogSoftmax", [step.Logits], ("axis", 1L)), network.Description.Outputs, step.Shape),
            OnnxType.Single, LiveAxis, BeamAxis, network.Description.Outputs);
        if (step.Attention is not null) graph.Output(Attention, step.Attention, OnnxType.Single, LiveAxis, BeamAxis, NetworkExporter.TimeAxis);
        for (var i = 0; i < states.Count; i++) graph.Output(states[i].Output, step.States[i], OnnxType.Single, RowAxis, states[i].Size);
        return graph.Model;
    }

    private static OnnxModelBuilder Builder(Network network, ModelManifest manifest, string[] names, int opset) =>
        new(opset, OnnxExportOptions.DefaultGraphName, [ModelManifest.LengthInput, .. manifest.Inputs.Select(input => input.Name), .. names,
            .. network.Parameters.Select(parameter => parameter.Name)]);

    private static object[] KeysShape(Network network, string rows)
    {
        var decoder = network.Description.Decoder!;
        return decoder.Attention is AttentionForm.Additive
            ? [rows, NetworkExporter.TimeAxis, network["decoder_attention.weight_key"].Shape[0]]
            : [rows, network.Decoder!.Output.Features, NetworkExporter.TimeAxis];
    }
}
