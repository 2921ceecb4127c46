using Microsoft.ML.Recurrent.Autograd;
using Microsoft.ML.Recurrent.Autograd.Operations;
using Microsoft.ML.Recurrent.Layers;
using Microsoft.ML.Recurrent.Tensors;

namespace Microsoft.ML.Recurrent.Networks.Decoding;

/// <summary>
/// The layers of a decoder and its connection to the encoder: bridges for the states, and attention (<c>decoder_attention</c>, then <c>decoder_combine</c>,
/// tanh(W [state, context] + b) of Luong et al. 2015). Inputs and outputs of the steps, numbers or tokens, are up to the caller, as is the projection of the
/// outputs, which is applied to all steps at once.
/// </summary>
internal sealed class Decoder
{
    private readonly RecurrentLayer[] _recurrent;
    private readonly (RecurrentLayer From, StateBridge Bridge)[] _bridges = [];
    private readonly AttentionScorer? _attention;
    private readonly DenseLayer? _combine, _projection;

    /// <param name="description">The decoder.</param>
    /// <param name="input">The input shape of a step; Time is ignored.</param>
    /// <param name="encoder">The encoder's layers, in order.</param>
    /// <param name="encoded">The output shape of the encoder.</param>
    public Decoder(DecoderDescription description, LayerShape input, IReadOnlyList<Layer> encoder, LayerShape encoded)
    {
        Description = description;
        if (!encoded.Sequence)
            throw new ArgumentException(
                $"A decoder needs a sequence of states, but the layers before it have pooled the steps to {encoded}. Remove the pooling layer.",
                nameof(description));
        if (description.InputFeeding && description.Attention is null)
            throw new ArgumentException("Input feeding needs attention: choose a form of attention, or turn input feeding off.", nameof(description));
        if (description.IsRecursive)
        {
            if (description.Attention is not null)
                throw new ArgumentException("A decoder without layers has no encoder states to attend to.", nameof(description));
            (Layers, Output) = ([.. encoder], encoded);
            foreach (var layer in encoder) CheckStepwise(layer.Description);
        }
        else
        {
            (Layers, Output) = Build(description, input, encoded.Features);
        }

        _recurrent = [.. Layers.OfType<RecurrentLayer>()];
        if (_recurrent.Length == 0) throw new ArgumentException("A decoder needs at least one recurrent layer.", nameof(description));
        Projected = Output;
        if (description.Projection != 0)
        {
            if (description.Projection < 0 || description.Vocabulary == 0)
                throw new ArgumentException($"A projection of {description.Projection} features needs a decoder of tokens, and at least one.",
                    nameof(description));
            _projection = new DenseLayer(new DenseDescription("decoder_projection", description.Projection, DenseActivation.Identity), Output);
            Projected = _projection.Output;
        }
        if (description.IsRecursive) return;
        var sources = encoder.OfType<RecurrentLayer>().ToArray();
        if (sources.Length == 0)
            throw new ArgumentException("A decoder starts from the states of the encoder's recurrent layers, but there are none.", nameof(description));
        // The last layers are paired; if the decoder has more layers, its first ones start from the encoder's first state.
        _bridges = [.. _recurrent.Select((layer, i) =>
        {
            var from = sources[Math.Max(0, sources.Length - _recurrent.Length + i)];
            return (from, new StateBridge((RecurrentDescription)from.Description, (RecurrentDescription)layer.Description));
        })];
        if (description.Attention is not { } form) return;
        if (form == AttentionForm.Dot && Output.Features != encoded.Features)
            throw new ArgumentException(
                $"Attention of the form Dot needs states of equal size, but the decoder has {Output.Features} features and the encoder {encoded.Features}. "
                    + $"Choose General or Additive.", nameof(description));
        _attention = new AttentionScorer("decoder_attention", form, Output.Features, encoded.Features, description.AttentionUnits);
        _combine = new DenseLayer(new DenseDescription("decoder_combine", Output.Features, DenseActivation.Tanh),
            Output with { Features = Output.Features + encoded.Features });
    }

    public DecoderDescription Description { get; }

    /// <summary>The layers that a step runs through.</summary>
    public IReadOnlyList<Layer> Layers { get; }

    /// <summary>The encoder layer from whose state each recurrent layer of the decoder starts.</summary>
    public IEnumerable<(RecurrentDescription From, RecurrentDescription To)> Joints =>
        _bridges.Select((bridge, i) => ((RecurrentDescription)bridge.From.Description, (RecurrentDescription)_recurrent[i].Description));

    /// <summary>The output shape of a step.</summary>
    public LayerShape Output { get; }

    /// <summary>The output shape after the projection, if there is one: the input of the head.</summary>
    public LayerShape Projected { get; }

    /// <summary>The layers that are not the encoder's: bridges, the decoder's layers, the combination with the context, and the projection.</summary>
    public IEnumerable<Layer> OwnLayers =>
        Description.IsRecursive
            ? []
            : [.. _bridges.SelectMany(bridge => bridge.Bridge.Layers), .. Layers, .. new[] { _combine, _projection }.OfType<Layer>()];

    /// <summary>The weights that are not the encoder's.</summary>
    public IEnumerable<Parameter> Parameters => OwnLayers.SelectMany(layer => layer.Parameters).Concat(_attention?.Parameters ?? []);

    /// <summary>Whether several steps can run at once if all their inputs are known.</summary>
    public bool TakesSteps => !Description.InputFeeding;

    public void Initialize(ulong seed)
    {
        foreach (var layer in OwnLayers) layer.Initialize(seed);
        _attention?.Initialize(seed);
    }

    /// <summary>Starts from the encoder's final states.</summary>
    /// <param name="tape">Records the operations.</param>
    /// <param name="states">The encoder's states; from now on also holds the decoder's.</param>
    /// <param name="encoded">The encoder's output, [time, rows, features].</param>
    /// <param name="keepsWeights">Whether steps keep the weights of the attention.</param>
    public DecoderState Begin(Tape tape, TapeStates states, in Signal encoded, bool keepsWeights = false)
    {
        for (var i = 0; i < _bridges.Length; i++) states.Begin(_recurrent[i], _bridges[i].Bridge.Apply(tape, states[_bridges[i].From]));
        var state = new DecoderState(states) { Bptt = encoded.Bptt, KeepsWeights = keepsWeights };
        if (_attention is null) return state;
        (state.Encoded, state.Lengths) = (encoded.Numbers, encoded.Lengths);
        state.Keys = _attention.Keys(tape, encoded.Numbers);
        if (!Description.InputFeeding) return state;
        state.Attended = tape.Rent(new Shape(1, encoded.Rows, Output.Features));
        state.Attended.Span.Clear();
        return state;
    }

    /// <summary>Runs one step, or several if <see cref="TakesSteps"/>, and advances the state.</summary>
    /// <param name="tape">Records the operations.</param>
    /// <param name="input">Numbers [time, rows, n], or time x rows tokens if the first layer is an embedding.</param>
    /// <param name="state">The decoder's state.</param>
    /// <returns>[time, rows, features].</returns>
    public Tensor Step(Tape tape, Signal input, DecoderState state)
    {
        var signal = input with { State = state.States, Bptt = state.Bptt, Lengths = null, LastStates = null };
        var first = 0;
        if (Layers[0] is EmbeddingLayer embedding) (signal, first) = (embedding.Forward(tape, signal), 1);
        if (state.Attended is { } fed) signal = signal with { Values = ConcatOperation.Apply(tape, signal.Numbers, fed) };
        for (var i = first; i < Layers.Count; i++) signal = Layers[i].ForwardObserved(tape, signal);
        var y = signal.Numbers;
        if (_attention is null) return y;
        if (state.KeepsWeights) state.Weights = tape.Rent(new Shape(state.Encoded!.Shape[1], y.Shape[0], state.Encoded.Shape[0]));
        var context = _attention.Apply(tape, y, state.Keys!, state.Encoded!, state.Lengths, state.Weights);
        y = _combine!.Forward(tape, signal with { Values = ConcatOperation.Apply(tape, y, context) }).Numbers;
        if (state.Attended is not null) state.Attended = y;
        return y;
    }

    /// <summary>The input of the head: the outputs of some steps, projected if there is a projection.</summary>
    public Tensor Project(Tape tape, Tensor y) =>
        _projection is null ? y : _projection.Forward(tape, new Signal(y, null) { Time = y.Shape[0], Rows = y.Shape[1] }).Numbers;

    private static (IReadOnlyList<Layer> Layers, LayerShape Output) Build(DecoderDescription description, LayerShape shape, int encoded)
    {
        var layers = new List<Layer>(description.Layers.Length);
        // The attentional vector has the size of the last layer, which is not built yet.
        var fed = description.InputFeeding ? SizeOf(description.Layers, encoded) : 0;
        if (fed > 0 && shape.Vocabulary == 0) shape = shape with { Features = shape.Features + fed };
        foreach (var layer in description.Layers)
        {
            CheckStepwise(layer);
            layers.Add(LayerFactory.Create(layer, shape));
            shape = layers[^1].Output;
            if (fed > 0 && layer is EmbeddingDescription) shape = shape with { Features = shape.Features + fed };
        }

        return (layers, shape);
    }

    private static int SizeOf(IEnumerable<LayerDescription> layers, int encoded) => layers.Aggregate(encoded, (size, layer) => layer switch
    {
        RecurrentDescription recurrent => recurrent.OutputSize,
        DenseDescription dense => dense.Units,
        EmbeddingDescription embedding => embedding.Size,
        _ => size,
    });

    private static void CheckStepwise(LayerDescription layer)
    {
        var reason = layer switch
        {
            RecurrentDescription { Bidirectional: true } => "also reads the sequence backward",
            RecurrentDescription { Dilation: > 1 } => "is dilated",
            RecurrentDescription or DropoutDescription or DenseDescription or ActivationDescription or LayerNormDescription or EmbeddingDescription => null,
            PoolingDescription => "pools all steps to one vector",
            BatchNormDescription => "needs all steps of a batch, but they come one by one",
            _ => "reads more than one step",
        };
        if (reason is not null)
            throw new ArgumentException(
                $"Layer '{layer.Name}': it {reason}, but a decoder runs step by step. Remove it, or choose a strategy that forecasts all steps at once.");
    }
}

/// <summary>The state of a decoder on the tape; valid until the tape is reset.</summary>
internal sealed class DecoderState(TapeStates states)
{
    public TapeStates States { get; } = states;

    /// <summary>Options of backpropagation through time.</summary>
    public BpttOptions Bptt { get; init; }

    /// <summary>The encoder's output, [time, rows, features], if there is attention.</summary>
    public Tensor? Encoded { get; set; }

    /// <summary>Valid steps of the encoder's rows; null if all are valid.</summary>
    public int[]? Lengths { get; set; }

    /// <summary>The keys of the attention.</summary>
    public Tensor? Keys { get; set; }

    /// <summary>Whether steps keep the weights of the attention.</summary>
    public bool KeepsWeights { get; init; }

    /// <summary>The weights of the attention of the last steps, [rows, steps, time], if they are kept; 0 past the length of a row.</summary>
    public Tensor? Weights { get; set; }

    /// <summary>The attentional vector of the last step, for input feeding: [1, rows, features].</summary>
    public Tensor? Attended { get; set; }
}
