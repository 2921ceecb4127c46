using Microsoft.ML.Recurrent.Autograd;
using Microsoft.ML.Recurrent.Autograd.Operations;
using Microsoft.ML.Recurrent.Layers;
using Microsoft.ML.Recurrent.Tensors;

namespace Microsoft.ML.Recurrent.Networks.Decoding;

/// <summary>
/// The layers of a decoder with what joins them to the encoder: bridges for the states, and attention (<c>decoder_attention</c>, then <c>decoder_combine</c>,
/// tanh(W [state, context] + b) of Luong et al. 2015). It knows steps only: what a step is fed with, numbers or tokens, and what is made of its answer is the
/// caller's business.
/// </summary>
internal sealed class Decoder
{
    private readonly RecurrentLayer[] _recurrent;
    private readonly (RecurrentLayer From, StateBridge Bridge)[] _bridges = [];
    private readonly AttentionScorer? _attention;
    private readonly DenseLayer? _combine;

    /// <param name="description">The decoder.</param>
    /// <param name="input">What goes into a step; its Time is not looked at.</param>
    /// <param name="encoder">The encoder's layers, in order.</param>
    /// <param name="encoded">What the encoder gives.</param>
    public Decoder(DecoderDescription description, LayerShape input, IReadOnlyList<Layer> encoder, LayerShape encoded)
    {
        Description = description;
        if (!encoded.Sequence)
            throw new ArgumentException(
                $"A decoder goes on from states, but the layers before it have pooled the steps to {encoded}: leave the pooling layer out.",
                nameof(description));
        if (description.InputFeeding && description.Attention is null)
            throw new ArgumentException("Input feeding feeds what attention gives: choose a form of attention, or leave the feeding out.", nameof(description));
        if (description.IsRecursive)
        {
            if (description.Attention is not null)
                throw new ArgumentException("Without layers of its own a decoder has no states of an encoder to attend to.", nameof(description));
            (Layers, Output) = ([.. encoder], encoded);
            foreach (var layer in encoder) CheckStepwise(layer.Description);
        }
        else
        {
            (Layers, Output) = Build(description, input, encoded.Features);
        }

        _recurrent = [.. Layers.OfType<RecurrentLayer>()];
        if (_recurrent.Length == 0) throw new ArgumentException("A decoder needs at least one recurrent layer.", nameof(description));
        if (description.IsRecursive) return;
        var sources = encoder.OfType<RecurrentLayer>().ToArray();
        if (sources.Length == 0)
            throw new ArgumentException("A decoder begins with the states of an encoder's recurrent layers, but there are none.", nameof(description));
        // The last layers belong together; a decoder of more layers begins the first of them with the encoder's first state.
        _bridges = [.. _recurrent.Select((layer, i) =>
        {
            var from = sources[Math.Max(0, sources.Length - _recurrent.Length + i)];
            return (from, new StateBridge((RecurrentDescription)from.Description, (RecurrentDescription)layer.Description));
        })];
        if (description.Attention is not { } form) return;
        if (form == AttentionForm.Dot && Output.Features != encoded.Features)
            throw new ArgumentException(
                $"Attention of the form Dot needs states of one size, but the decoder's have {Output.Features} numbers and the encoder's {encoded.Features}. "
                    + $"Choose General or Additive.", nameof(description));
        _attention = new AttentionScorer("decoder_attention", form, Output.Features, encoded.Features, description.AttentionUnits);
        _combine = new DenseLayer(new DenseDescription("decoder_combine", Output.Features, DenseActivation.Tanh),
            Output with { Features = Output.Features + encoded.Features });
    }

    public DecoderDescription Description { get; }

    /// <summary>The layers that a step runs through.</summary>
    public IReadOnlyList<Layer> Layers { get; }

    /// <summary>Which layer of the encoder each recurrent layer of its own begins with.</summary>
    public IEnumerable<(RecurrentDescription From, RecurrentDescription To)> Joints =>
        _bridges.Select((bridge, i) => ((RecurrentDescription)bridge.From.Description, (RecurrentDescription)_recurrent[i].Description));

    /// <summary>What a step gives.</summary>
    public LayerShape Output { get; }

    /// <summary>The layers that are not the encoder's: bridges, then the decoder's own, then the one that joins the context.</summary>
    public IEnumerable<Layer> OwnLayers =>
        Description.IsRecursive
            ? []
            : [.. _bridges.SelectMany(bridge => bridge.Bridge.Layers), .. Layers, .. _combine is null ? Array.Empty<Layer>() : [_combine]];

    /// <summary>The weights that are not the encoder's.</summary>
    public IEnumerable<Parameter> Parameters => OwnLayers.SelectMany(layer => layer.Parameters).Concat(_attention?.Parameters ?? []);

    /// <summary>Whether several steps can run at once where all that they are fed with is known.</summary>
    public bool TakesSteps => Description is { InputFeeding: false, Attention: not AttentionForm.Additive };

    public void Initialize(ulong seed)
    {
        foreach (var layer in OwnLayers) layer.Initialize(seed);
        _attention?.Initialize(seed);
    }

    /// <summary>Begins where the encoder ended.</summary>
    /// <param name="tape">Writes the operations down.</param>
    /// <param name="states">The encoder's states; the decoder's are kept in it from then on.</param>
    /// <param name="encoded">What the encoder gave, [time, rows, features].</param>
    public DecoderState Begin(Tape tape, TapeStates states, in Signal encoded)
    {
        for (var i = 0; i < _bridges.Length; i++) states.Begin(_recurrent[i], _bridges[i].Bridge.Apply(tape, states[_bridges[i].From]));
        var state = new DecoderState(states) { Bptt = encoded.Bptt };
        if (_attention is null) return state;
        (state.Encoded, state.Lengths) = (encoded.Numbers, encoded.Lengths);
        state.Keys = _attention.Keys(tape, encoded.Numbers);
        if (!Description.InputFeeding) return state;
        state.Attended = tape.Rent(new Shape(1, encoded.Rows, Output.Features));
        state.Attended.Span.Clear();
        return state;
    }

    /// <summary>Takes one step, or where <see cref="TakesSteps"/> allows several; the state moves on.</summary>
    /// <param name="tape">Writes the operations down.</param>
    /// <param name="input">Numbers [time, rows, n], or time x rows tokens where the first layer is an embedding.</param>
    /// <param name="state">Where the decoder stands.</param>
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
        var context = _attention.Apply(tape, y, state.Keys!, state.Encoded!, state.Lengths);
        y = _combine!.Forward(tape, signal with { Values = ConcatOperation.Apply(tape, y, context) }).Numbers;
        if (state.Attended is not null) state.Attended = y;
        return y;
    }

    private static (IReadOnlyList<Layer> Layers, LayerShape Output) Build(DecoderDescription description, LayerShape shape, int encoded)
    {
        var layers = new List<Layer>(description.Layers.Length);
        // What attention gives has the size of the last layer, which is not built yet.
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
            RecurrentDescription { Bidirectional: true } => "reads the sequence backward too",
            RecurrentDescription { Dilation: > 1 } => "has a state that skips steps",
            RecurrentDescription or DropoutDescription or DenseDescription or ActivationDescription or LayerNormDescription or EmbeddingDescription => null,
            PoolingDescription => "makes one vector of all steps",
            BatchNormDescription => "compares the steps of a batch, which come one by one",
            _ => "looks at more than one step",
        };
        if (reason is not null)
            throw new ArgumentException(
                $"Layer '{layer.Name}': it {reason}, but a decoder goes on step by step. Leave it out, or choose a strategy that answers all steps at once.");
    }
}

/// <summary>Where a decoder stands, on the tape; valid until the tape is reset.</summary>
internal sealed class DecoderState(TapeStates states)
{
    public TapeStates States { get; } = states;

    /// <summary>How gradients go back through the steps.</summary>
    public BpttOptions Bptt { get; init; }

    /// <summary>What the encoder gave, [time, rows, features], where there is attention.</summary>
    public Tensor? Encoded { get; set; }

    /// <summary>True steps of the encoder's rows; null where all count.</summary>
    public int[]? Lengths { get; set; }

    /// <summary>What attention's queries are held against.</summary>
    public Tensor? Keys { get; set; }

    /// <summary>What attention made of the last step, where the next one is fed with it: [1, rows, features].</summary>
    public Tensor? Attended { get; set; }
}
