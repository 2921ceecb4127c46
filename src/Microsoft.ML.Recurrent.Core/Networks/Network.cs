using Microsoft.ML.Recurrent.Autograd;
using Microsoft.ML.Recurrent.Autograd.Operations;
using Microsoft.ML.Recurrent.Layers;
using Microsoft.ML.Recurrent.Networks.Decoding;
using Microsoft.ML.Recurrent.Networks.Inputs;
using Microsoft.ML.Recurrent.Tensors;

namespace Microsoft.ML.Recurrent.Networks;

/// <summary>
/// A network with its weights: normalisation of what enters, the layers, the join with static features, and the linear map to the head's numbers. Passes change
/// nothing in it, so threads may score with one network at the same time, each with a tape of its own that does not record.
/// </summary>
internal sealed class Network : IDisposable
{
    private readonly Layer[] _layers;
    private readonly Parameter[] _parameters;
    private readonly Dictionary<string, Parameter> _byName;
    private readonly DenseLayer _head;
    private readonly LinearSkip? _linearSkip;
    private readonly Decoder? _decoder;

    /// <summary>Builds a network and gives its weights their first values, the same for the same seed.</summary>
    /// <exception cref="ArgumentException">A layer does not fit where it stands; the message names the layer.</exception>
    public Network(NetworkDescription description, ulong seed)
    {
        Description = description;
        if (description.Features > 0 == description.Vocabulary > 0)
            throw new ArgumentException("A network takes either numbers (Features greater than 0) or tokens (Vocabulary greater than 0).", nameof(description));
        if (description.Outputs < 1) throw new ArgumentException($"A head needs at least one number, not {description.Outputs}.", nameof(description));

        var all = new List<Parameter>();
        Inputs = new NetworkInputs(description);
        all.AddRange(Inputs.Parameters);
        var shape = InputShape(description);
        var layers = new List<Layer>(description.Layers.Length);
        foreach (var layerDescription in description.Layers)
        {
            var layer = LayerFactory.Create(layerDescription, shape);
            if (layerDescription is ConvolutionDescription convolution && description.Time is null) ConvolutionLayer.CheckVaryingLengths(convolution);
            layers.Add(layer);
            all.AddRange(layer.Parameters);
            shape = layer.Output;
        }

        _layers = [.. layers];
        if (description.PerStep && description.StaticWidth > 0)
            throw new ArgumentException("A network that answers at every step takes no static numbers.", nameof(description));
        if (description.FutureWidth > 0 && (description.PerStep || description.Horizon < 1))
            throw new ArgumentException("Numbers that are known ahead need a network that answers once a row, and the number of steps that are forecast.",
                nameof(description));
        if (description.PerStep && !shape.Sequence)
            throw new ArgumentException(
                $"A network that answers at every step needs a sequence in the end, but a layer has pooled the steps to {shape}: leave the pooling layer out.",
                nameof(description));
        if (description.Decoder is { } decoder) _decoder = CreateDecoder(description, decoder, shape);
        else if (shape.Sequence && !description.PerStep)
            throw new ArgumentException(
                $"The layers end in a sequence {shape}, but a network ends in one vector a row: add a pooling layer (Last, Mean or Max).", nameof(description));
        _head = _decoder is null
            ? new DenseLayer(new DenseDescription("head", description.Outputs, DenseActivation.Identity),
                shape with { Features = shape.Features + description.StaticWidth + description.Horizon * description.FutureWidth },
                TiedWeight(description, shape))
            : new DenseLayer(new DenseDescription("head",
                _decoder.Description.Vocabulary > 0 ? description.Outputs : description.Outputs / _decoder.Description.Steps, DenseActivation.Identity),
                _decoder.Output with { Features = _decoder.Output.Features + (_decoder.Description.IsRecursive ? description.StaticWidth : 0) });
        if (_decoder is not null) all.AddRange(_decoder.Parameters);
        all.AddRange(_head.Parameters);
        if (description.LinearSkip is not null) all.AddRange((_linearSkip = new LinearSkip(description)).Parameters);
        _parameters = [.. all];
        _byName = new Dictionary<string, Parameter>(_parameters.Length);
        foreach (var parameter in _parameters)
        {
            if (!_byName.TryAdd(parameter.Name, parameter))
                throw new ArgumentException(
                    $"Two layers are named '{parameter.Name[..parameter.Name.LastIndexOf('.')]}'. Names must be unique within a network.", nameof(description));
        }

        Inputs.Initialize(seed);
        foreach (var layer in _layers) layer.Initialize(seed);
        _decoder?.Initialize(seed);
        _head.Initialize(seed);
    }

    public NetworkDescription Description { get; }

    /// <summary>What happens to numbers and categories before the layers.</summary>
    public NetworkInputs Inputs { get; }

    /// <summary>The layers in order, the head's linear map left out.</summary>
    public IReadOnlyList<Layer> Layers => _layers;

    /// <summary>What answers step by step; null where all is answered at once.</summary>
    public Decoder? Decoder => _decoder;

    /// <summary>All layers with weights or without: the network's, a decoder's own, and the head's linear map.</summary>
    public IEnumerable<Layer> AllLayers => [.. _layers, .. _decoder?.OwnLayers ?? [], _head];

    /// <summary>The head's linear map.</summary>
    public DenseLayer HeadLayer => _head;

    /// <summary>All parameters, in the order in which they are saved: fixed ones first, then layer by layer, the head's linear map last.</summary>
    public IReadOnlyList<Parameter> Parameters => _parameters;

    /// <summary>The parameter of that name.</summary>
    /// <exception cref="KeyNotFoundException">There is none; the message lists those there are.</exception>
    public Parameter this[string name] => _byName.TryGetValue(name, out var parameter)
        ? parameter
        : throw new KeyNotFoundException($"The network has no parameter '{name}'. It has {string.Join(", ", _byName.Keys)}.");

    /// <summary>Runs a batch through; the result is valid until the tape is reset.</summary>
    /// <param name="tape">Writes the operations down.</param>
    /// <param name="batch">The sequences.</param>
    /// <param name="options">What there is beside the batch.</param>
    public NetworkOutput Forward(Tape tape, SequenceBatch batch, in ForwardOptions options = default)
    {
        if (!batch.ContinuesState) options.State?.Reset();
        var (signal, level, scale, window) = Inputs.Sequence(tape, batch);
        signal = signal with { State = options.State, Bptt = options.Bptt };
        if (_decoder is not null) return Decode(tape, batch, signal, level, scale, window, options.TeacherForcing ?? 1);
        foreach (var layer in _layers) signal = layer.ForwardObserved(tape, signal);
        if (Inputs.Statics(tape, batch) is { } statics) signal = signal with { Values = ConcatOperation.Apply(tape, signal.Numbers, statics) };
        if (Inputs.Future(tape, batch, window) is { } future)
            signal = signal with { Values = ConcatOperation.Apply(tape, signal.Numbers,
                PermuteOperation.Apply(tape, future, future.Shape, [1, 0, 2], new Shape(future.Shape[1], future.Shape[0] * future.Shape[2]))) };
        if (!options.StatesOnly) signal = _head.Forward(tape, signal);
        if (_linearSkip is not null && !options.StatesOnly) signal = signal with { Values = _linearSkip.Forward(tape, signal.Numbers, window!) };
        if (!tape.Training) UnansweredRows.Mark(signal.Numbers, batch, Description);
        return new NetworkOutput(signal.Numbers, level, scale) { Window = window, Tokens = batch.Tokens, Lengths = batch.Lengths, Noise = batch.Noise };
    }

    /// <summary>What enters alone: the standardised and normalised windows (as values, too), and their level and scale.</summary>
    public NetworkOutput Normalize(Tape tape, SequenceBatch batch)
    {
        var (_, level, scale, window) = Inputs.Sequence(tape, batch);
        return new NetworkOutput(window!, level, scale) { Window = window };
    }

    /// <summary>A table of layers, output shapes and parameters, as Keras prints it.</summary>
    public string Summary() => NetworkSummary.Create(this);

    public void Dispose()
    {
        foreach (var parameter in _parameters) parameter.Dispose();
    }

    internal static LayerShape InputShape(NetworkDescription description) =>
        new(Sequence: true, description.SequenceWidth, description.Time) { Vocabulary = description.Vocabulary };

    private Parameter? TiedWeight(NetworkDescription description, LayerShape body)
    {
        if (!description.TieHead) return null;
        if (description.Layers is not [EmbeddingDescription embedding, ..])
            throw new ArgumentException("A head can be tied to an embedding only: let an Embedding layer come first, or leave the tying out.",
                nameof(description));
        if (description.Outputs != description.Vocabulary)
            throw new ArgumentException(
                $"A tied head answers with one number for each of the {description.Vocabulary} words of the vocabulary, not with {description.Outputs}.",
                nameof(description));
        if (body.Features + description.StaticWidth != embedding.Size)
            throw new ArgumentException(
                $"Layer '{embedding.Name}' has vectors of {embedding.Size} numbers, but {body.Features + description.StaticWidth} reach the head that is "
                    + $"tied to it. Make them the same, for instance by a Dense layer or a projection.", nameof(description));
        return _layers[0].Parameters[0];
    }

    private Decoder CreateDecoder(NetworkDescription description, DecoderDescription decoder, LayerShape encoded)
    {
        if (decoder.Vocabulary > 0) return CreateTokenDecoder(description, decoder, encoded);
        if (description.PerStep || description.Vocabulary > 0)
            throw new ArgumentException("A decoder of numbers follows a network that takes numbers and answers once a row.", nameof(description));
        if (decoder.Steps < 1 || decoder.Targets < 1 || decoder.Targets > description.Features || description.Outputs % (decoder.Steps * decoder.Targets) != 0)
            throw new ArgumentException(
                $"A decoder of {decoder.Steps} steps of {decoder.Targets} targets does not fit {description.Features} features "
                    + $"and {description.Outputs} outputs.", nameof(description));
        if (decoder.Location < 0 || decoder.Location >= description.Outputs / (decoder.Steps * decoder.Targets))
            throw new ArgumentException($"A step has no parameter {decoder.Location} to feed back.", nameof(description));
        if (decoder.SeasonLength < 0 || decoder.SeasonLength > (description.Time ?? int.MaxValue))
            throw new ArgumentException($"A window of {description.Time} steps does not hold a season of {decoder.SeasonLength}.", nameof(description));
        if (description.FutureWidth > 0 && description.Horizon != decoder.Steps)
            throw new ArgumentException($"A decoder answers {decoder.Steps} steps, but numbers are known ahead of {description.Horizon}.", nameof(description));
        if (decoder.FeedsDifferences != description.WindowNormalization is WindowNormalization.Difference)
            throw new ArgumentException("A decoder is fed with differences where the window normalization is Difference, and only there.", nameof(description));
        if (decoder.CumulatedCount > 0 && (!decoder.IsRecursive || !decoder.FeedsDifferences || decoder.Distribution is { IsInDataUnit: true }
            || (decoder.CumulatedFirst + decoder.CumulatedCount) * decoder.Steps * decoder.Targets > description.Outputs))
            throw new ArgumentException("Answers that are differences belong to a network that is fed with its own forecasts and sees differences.",
                nameof(description));
        if (decoder.IsRecursive
            && (description.SequenceWidth != decoder.Targets + description.FutureWidth || description.UnscaledFeatures != description.FutureFeatures))
        {
            throw new ArgumentException(
                $"A network that is fed with its own {decoder.Targets} forecasts cannot "
                    + $"take {description.SequenceWidth - decoder.Targets - description.FutureWidth} further numbers a step, whose " +
                "future nobody knows. Leave them out, or choose another strategy.", nameof(description));
        }

        return new Decoder(decoder, new LayerShape(true, decoder.Targets + description.FutureWidth + description.StaticWidth), _layers, encoded);
    }

    private Decoder CreateTokenDecoder(NetworkDescription description, DecoderDescription decoder, LayerShape encoded)
    {
        if (decoder.IsRecursive || decoder.Layers[0] is not EmbeddingDescription)
            throw new ArgumentException("A decoder of tokens has layers of its own, and an embedding first.", nameof(description));
        if (description.PerStep || description.Outputs != decoder.Vocabulary || decoder.Steps < 1)
            throw new ArgumentException(
                $"A decoder of tokens answers with one number for each of the {decoder.Vocabulary} words of its vocabulary, not with {description.Outputs}, "
                    + $"for at least one step.", nameof(description));
        if ((uint)decoder.StartToken >= (uint)decoder.Vocabulary || (uint)decoder.EndToken >= (uint)decoder.Vocabulary)
            throw new ArgumentException(
                $"The tokens {decoder.StartToken} and {decoder.EndToken}, with which a sequence begins and ends, do not lie within the vocabulary "
                    + $"of {decoder.Vocabulary}.", nameof(description));
        if (description.StaticWidth > 0 || description.FutureWidth > 0)
            throw new ArgumentException("A decoder of tokens takes nothing but the token before.", nameof(description));
        return new Decoder(decoder, new LayerShape(true, 0) { Vocabulary = decoder.Vocabulary }, _layers, encoded);
    }

    private NetworkOutput Decode(Tape tape, SequenceBatch batch, Signal signal, Tensor? level, Tensor? scale, Tensor? window, float teacherForcing)
    {
        var states = new TapeStates();
        var future = Inputs.Future(tape, batch, window);
        // Without layers of its own a decoder is fed with what is known ahead of the step that it answers.
        var moves = _decoder!.Description.IsRecursive && future is not null;
        signal = signal with { State = states,
            Values = moves ? ShiftFutureFeaturesOperation.Apply(tape, signal.Numbers, future!, batch.Lengths) : signal.Values };
        foreach (var layer in _layers) signal = layer.ForwardObserved(tape, signal);
        if (_decoder.Description.Vocabulary > 0)
            return new NetworkOutput(TokenDecoding.Run(tape, _decoder, _head, signal, states, batch, teacherForcing), level, scale) { Window = window,
                Tokens = batch.Tokens };
        var statics = Inputs.Statics(tape, batch);
        var (mean, deviation) = Inputs.Standardization;
        var space = new WindowSpace(window!, level, scale, mean?.Value, deviation?.Value);
        var truth = tape.Training && batch.Targets is { } targets
            ? InputNormalization.Targets(tape, targets, _decoder.Description.Targets, space, Description.Transform)
            : null;
        var input = new DecodingInput(space, signal, states, future, statics, truth, batch.Values!, batch.Targets, _linearSkip?.Forecast(tape, window!))
        {
            TeacherForcing = teacherForcing,
        };
        var draw = tape.Training || _decoder.Description.Distribution is null ? null : Drawing(input with { States = states.Copy() });
        var (values, learned) = Autoregression.Run(tape, _decoder, _head, input);
        if (!tape.Training) UnansweredRows.Mark(values, batch, Description);
        return new NetworkOutput(values, level, scale) { Window = window, Learned = learned, Noise = batch.Noise, Draw = draw };
    }

    private Func<Tape, Tensor, Tensor> Drawing(DecodingInput input) => (tape, scores) => Autoregression.Draw(tape, _decoder!, _head, input, scores);
}
