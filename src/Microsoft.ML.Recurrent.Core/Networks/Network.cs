using Microsoft.ML.Recurrent.Autograd;
using Microsoft.ML.Recurrent.Autograd.Operations;
using Microsoft.ML.Recurrent.Layers;
using Microsoft.ML.Recurrent.Networks.Decoding;
using Microsoft.ML.Recurrent.Networks.Inputs;
using Microsoft.ML.Recurrent.Tensors;

namespace Microsoft.ML.Recurrent.Networks;

/// <summary>
/// A network with its weights: input normalization, layers, concatenation with static features, and the head's linear layer. A pass does not change it, so
/// several threads can score with one network, each with a separate tape that does not record.
/// </summary>
internal sealed class Network : IDisposable
{
    private readonly Layer[] _layers;
    private readonly Parameter[] _parameters;
    private readonly Dictionary<string, Parameter> _byName;
    private readonly DenseLayer _head;
    private readonly LinearSkip? _linearSkip;
    private readonly NgramPath? _ngrams;
    private readonly DynamicRegression? _regression;
    private readonly Decoder? _decoder;
    private readonly LetterInputs? _letters;
    private readonly DenseLayer? _sequenceHead;

    /// <summary>Builds a network and initializes its weights, reproducibly by seed.</summary>
    /// <exception cref="ArgumentException">A layer does not fit its input; the message names the layer.</exception>
    public Network(NetworkDescription description, ulong seed)
    {
        Description = description;
        if (description.Features == 0 && description.Vocabulary == 0)
            throw new ArgumentException("A network takes numbers (Features greater than 0), tokens (Vocabulary greater than 0), or both.", nameof(description));
        if (description.Outputs < 1) throw new ArgumentException($"A head needs at least one number, not {description.Outputs}.", nameof(description));

        var all = new List<Parameter>();
        Inputs = new NetworkInputs(description);
        all.AddRange(Inputs.Parameters);
        var shape = InputShape(description);
        var layers = new List<Layer>(description.Layers.Length);
        if ((description.Letters is not null || description.WidthBesideTokens > 0) && description.Layers is not [EmbeddingDescription, ..])
        {
            throw new ArgumentException(
                "Letters, and what else stands beside tokens at each step, need an embedding as the first layer: they join its vectors.",
                nameof(description));
        }
        if (description.Letters is { } letters)
        {
            all.AddRange((_letters = new(letters)).Layers.SelectMany(layer => layer.Parameters));
        }
        foreach (var layerDescription in description.Layers)
        {
            var layer = LayerFactory.Create(layerDescription, shape);
            if (layerDescription is ConvolutionDescription convolution && description.Time is null) ConvolutionLayer.CheckVaryingLengths(convolution);
            layers.Add(layer);
            all.AddRange(layer.Parameters);
            shape = layer.Output;
            if (layers.Count == 1 && description.Vocabulary > 0)
                shape = shape with { Features = shape.Features + (_letters?.Size ?? 0) + description.WidthBesideTokens };
        }

        _layers = [.. layers];
        if (description.PerStep && description.StaticWidth > 0)
            throw new ArgumentException("A network with per-step output cannot take static features.", nameof(description));
        if (description.FutureWidth > 0 && (description.PerStep || description.Horizon < 1))
            throw new ArgumentException("Future features need a network with one output per row, and a horizon.",
                nameof(description));
        if (description.PerStep && !shape.Sequence)
            throw new ArgumentException(
                $"A network with per-step output must end in a sequence, but a layer has pooled the steps to {shape}. Remove the pooling layer.",
                nameof(description));
        if (description.Decoder is { } decoder) _decoder = CreateDecoder(description, decoder, shape);
        else if (shape.Sequence && !description.PerStep)
            throw new ArgumentException(
                $"The layers end in a sequence {shape}, but the network needs one vector per row. Add a pooling layer (Last, Mean or Max).",
                nameof(description));
        _head = _decoder is null
            ? new DenseLayer(new DenseDescription("head", description.AdaptiveSoftmax?.HeadUnits ?? description.Outputs, DenseActivation.Identity),
                shape with { Features = shape.Features + description.StaticWidth + description.FlatFutureWidth },
                TiedWeight(description, shape))
            : new DenseLayer(new DenseDescription("head",
                _decoder.Description.Vocabulary > 0 ? description.Outputs : description.Outputs / _decoder.Description.Steps, DenseActivation.Identity),
                _decoder.Projected with { Features = _decoder.Projected.Features + (_decoder.Description.IsRecursive ? description.StaticWidth : 0) },
                description.TieHead ? TiedWeight(description, _decoder) : null);
        if (_decoder is not null) all.AddRange(_decoder.Parameters);
        if (description.DynamicRegression is not null)
            all.AddRange((_regression = new DynamicRegression(description, shape.Features + description.StaticWidth)).Parameters);
        all.AddRange(_head.Parameters);
        if (description.AdaptiveSoftmax is not null) all.AddRange((AdaptiveSoftmax = new(description, _head)).Parameters);
        if (description.Crf) all.AddRange((Crf = new(description.Outputs)).Parameters);
        if (description.SequenceOutputs > 0)
            all.AddRange((_sequenceHead = new(new("sequence_head", description.SequenceOutputs, DenseActivation.Identity), shape with { Sequence = false }))
                .Parameters);
        if (description.Latent is not null) all.AddRange((Latent = CreateLatent(description)).Parameters);
        if (description.LinearSkip is not null) all.AddRange((_linearSkip = new LinearSkip(description)).Parameters);
        if (description.Ngrams is not null) all.AddRange((_ngrams = new NgramPath(description)).Parameters);
        _parameters = [.. all];
        _byName = new Dictionary<string, Parameter>(_parameters.Length);
        foreach (var parameter in _parameters)
        {
            if (!_byName.TryAdd(parameter.Name, parameter))
                throw new ArgumentException(
                    $"Two layers are named '{parameter.Name[..parameter.Name.LastIndexOf('.')]}'. Names must be unique within a network.", nameof(description));
        }

        Inputs.Initialize(seed);
        foreach (var layer in _letters?.Layers ?? []) layer.Initialize(seed);
        foreach (var layer in _layers) layer.Initialize(seed);
        _sequenceHead?.Initialize(seed);
        _decoder?.Initialize(seed);
        Latent?.Initialize(seed);
        _regression?.Initialize(seed);
        _head.Initialize(seed);
        AdaptiveSoftmax?.Initialize(seed);
    }

    public NetworkDescription Description { get; }

    /// <summary>Prepares numbers and categories for the layers.</summary>
    public NetworkInputs Inputs { get; }

    /// <summary>The layers in order, without the head's linear layer.</summary>
    public IReadOnlyList<Layer> Layers => _layers;

    /// <summary>The decoder; null if all steps are output at once.</summary>
    public Decoder? Decoder => _decoder;

    /// <summary>All layers: the network's, the decoder's, and the head's linear layer.</summary>
    public IEnumerable<Layer> AllLayers =>
        [.. _letters?.Layers ?? [], .. _layers, .. _decoder?.OwnLayers ?? [], .. _regression?.Layers ?? [], _head,
            .. _sequenceHead is null ? (Layer[])[] : [_sequenceHead], .. Latent?.Layers ?? []];

    /// <summary>The network over the letters of tokens; null for none.</summary>
    public LetterInputs? Letters => _letters;

    /// <summary>The scores of a conditional random field; null for none.</summary>
    public CrfWeights? Crf { get; }

    /// <summary>The decoder of an autoencoder; null for any other network.</summary>
    public LatentDecoder? Latent { get; }

    /// <summary>The rare outputs of an adaptive softmax; null for none.</summary>
    public AdaptiveSoftmax? AdaptiveSoftmax { get; }

    /// <summary>The regression on known covariates; null for none.</summary>
    public DynamicRegression? Regression => _regression;

    /// <summary>The linear path over n-grams; null for none.</summary>
    public NgramPath? Ngrams => _ngrams;

    /// <summary>The head's linear layer.</summary>
    public DenseLayer HeadLayer => _head;

    /// <summary>All parameters in order of serialization: constants, then layer by layer, the head's linear layer last.</summary>
    public IReadOnlyList<Parameter> Parameters => _parameters;

    /// <summary>The parameter with a name.</summary>
    /// <exception cref="KeyNotFoundException">There is no such parameter; the message lists all names.</exception>
    public Parameter this[string name] => _byName.TryGetValue(name, out var parameter)
        ? parameter
        : throw new KeyNotFoundException($"The network has no parameter '{name}'. It has {string.Join(", ", _byName.Keys)}.");

    /// <summary>Runs a forward pass; the result is valid until the tape is reset.</summary>
    /// <param name="tape">Records the operations.</param>
    /// <param name="batch">The sequences.</param>
    /// <param name="options">Options of the pass.</param>
    public NetworkOutput Forward(Tape tape, SequenceBatch batch, in ForwardOptions options = default)
    {
        if (!batch.ContinuesState) options.State?.Reset();
        var (signal, level, scale, window) = Inputs.Sequence(tape, batch);
        signal = signal with { State = options.State, Bptt = options.Bptt };
        if (_decoder is not null) return Decode(tape, batch, signal, level, scale, window, options.TeacherForcing ?? 1);
        if (!Description.CarriesState || batch.Positions is not null) signal = Read(tape, batch, signal, options.Inputs);
        else if (batch.Body is { } read) signal = signal with { Values = read };
        else throw new ArgumentException("The network carries its state: it cannot read a window alone.", nameof(batch));
        if (Inputs.Statics(tape, batch) is { } statics) signal = signal with { Values = ConcatOperation.Apply(tape, signal.Numbers, statics) };
        var body = signal.Numbers;
        var future = Inputs.Future(tape, batch, window);
        if (_regression is null && future is not null)
            signal = signal with
            {
                Values = ConcatOperation.Apply(tape, body,
                PermuteOperation.Apply(tape, future, future.Shape, [1, 0, 2], new Shape(future.Shape[1], future.Shape[0] * future.Shape[2])))
            };
        if (!options.StatesOnly)
        {
            signal = AdaptiveSoftmax is null ? _head.Forward(tape, signal)
                : signal with { Values = AdaptiveSoftmax.LogProbabilities(tape, signal.Numbers), LastStates = null };
            Tensor? explained = null;
            if (_regression is not null)
            {
                (var ahead, explained) = _regression.Forward(tape, body, Inputs.Covariates(tape, batch, window, future!));
                signal = signal with { Values = BroadcastAddOperation.Apply(tape, signal.Numbers, ahead) };
            }
            if (_linearSkip is not null) signal = signal with { Values = _linearSkip.Forward(tape, signal.Numbers, window!, explained) };
        }
        // In training, the layers and the path each have a loss of their own.
        var ngrams = options.StatesOnly || options.Inputs is not null || tape.Training && _ngrams is not { IsLearning: true }
            ? null
            : _ngrams?.Forward(tape, batch);
        if (ngrams is not null && !tape.Training && !options.KeepsNgramsApart)
        {
            var shares = _ngrams!.Shares.Value;
            (signal, ngrams) = (signal with { Values = AddScaledOperation.Apply(tape, signal.Numbers, ngrams, shares[0], shares[1]) }, null);
        }
        var whole = _sequenceHead?.Forward(tape,
            new(PoolingOperation.Apply(tape, body, SequencePooling.Max, batch.Lengths, body.Shape.Columns), null)).Numbers;
        if (!tape.Training && batch.Positions is null)
        {
            UnansweredRows.Mark(signal.Numbers, batch, Description);
            if (whole is not null) UnansweredRows.Mark(whole, batch, Description);
        }
        Tensor? reconstruction = null;
        if (Latent is not null && !options.StatesOnly)
        {
            var noise = tape.Training || options.DrawsLatent ? Latent.Noise(tape, batch.Rows) : null;
            reconstruction = Latent.Decode(tape, LatentDecoder.Draw(tape, signal.Numbers, noise), batch.Time, batch.Lengths, options.Bptt);
            if (!tape.Training) UnansweredRows.Mark(reconstruction, batch, Description);
        }
        return new NetworkOutput(signal.Numbers, level, scale)
        {
            Window = window,
            Future = future,
            Tokens = batch.Tokens,
            Lengths = batch.Lengths,
            Noise = batch.Noise,
            Sequence = whole,
            Reconstruction = reconstruction,
            Ngrams = ngrams,
        };
    }

    /// <summary>The output of the layers at the positions of a batch of stretches, [positions x rows, n], from carried states.</summary>
    /// <param name="tape">Records the operations.</param>
    /// <param name="batch">The stretches.</param>
    /// <param name="state">The states.</param>
    public Tensor Encode(Tape tape, SequenceBatch batch, NetworkState state)
    {
        if (!batch.ContinuesState) state.Reset();
        return Read(tape, batch, Inputs.Sequence(tape, batch).Signal with { State = state }, null).Numbers;
    }

    private Signal Read(Tape tape, SequenceBatch batch, Signal signal, Tensor? given)
    {
        var first = 0;
        if (given is not null) (signal, first) = (signal with { Values = given, Tokens = null }, Description.Vocabulary > 0 ? 1 : 0);
        for (var i = first; i < _layers.Length; i++)
        {
            signal = batch.Positions is { } positions && _layers[i].Description is PoolingDescription
                ? signal with { Values = PositionsOperation.Apply(tape, signal.Numbers, positions), LastStates = null }
                : _layers[i].ForwardObserved(tape, signal);
            if (i == 0) signal = WithOthers(tape, batch, signal);
        }
        return signal;
    }

    /// <summary>What the layers read of a batch, [time, rows, features]: standardized numbers, or the vectors of tokens and their letters.</summary>
    public Tensor Embed(Tape tape, SequenceBatch batch)
    {
        var signal = Inputs.Sequence(tape, batch).Signal;
        if (Description.Vocabulary == 0) return signal.Numbers;
        signal = _layers[0].Forward(tape, signal);
        return WithOthers(tape, batch, signal).Numbers;
    }

    // What joins the vectors of tokens: letters, and other tokens of the step.
    private Signal WithOthers(Tape tape, SequenceBatch batch, Signal signal)
    {
        if (_letters is not null) signal = signal with { Values = ConcatOperation.Apply(tape, signal.Numbers, _letters.Forward(tape, batch)) };
        return Inputs.BesideTokens(tape, batch) is { } beside ? signal with { Values = ConcatOperation.Apply(tape, signal.Numbers, beside) } : signal;
    }

    /// <summary>The input normalization only: standardized and normalized windows (also as values) with level and scale.</summary>
    public NetworkOutput Normalize(Tape tape, SequenceBatch batch)
    {
        var (_, level, scale, window) = Inputs.Sequence(tape, batch);
        return new NetworkOutput(window!, level, scale) { Window = window };
    }

    /// <summary>A table of layers, output shapes and parameters, in the style of Keras.</summary>
    public string Summary() => NetworkSummary.Create(this);

    /// <summary>The parameters of a layer or a category.</summary>
    public IEnumerable<Parameter> ParametersOf(string layer) => Parameters.Where(parameter => parameter.Name.StartsWith(layer + ".", StringComparison.Ordinal));

    /// <summary>Lets a layer keep its weights in training; returns whether it has any.</summary>
    public bool Freeze(string layer)
    {
        var parameters = ParametersOf(layer).ToArray();
        foreach (var parameter in parameters) parameter.Trainable = false;
        return parameters.Length > 0;
    }

    public void Dispose()
    {
        foreach (var parameter in _parameters) parameter.Dispose();
    }

    internal static LayerShape InputShape(NetworkDescription description) =>
        new(Sequence: true, description.Vocabulary > 0 ? 0 : description.SequenceWidth, description.Time) { Vocabulary = description.Vocabulary };

    private Parameter? TiedWeight(NetworkDescription description, LayerShape body)
    {
        if (!description.TieHead) return null;
        if (description.Layers is not [EmbeddingDescription embedding, ..])
            throw new ArgumentException("A head can only be tied to an embedding: put an Embedding layer first, or turn tying off.",
                nameof(description));
        if (description.Outputs != description.Vocabulary)
            throw new ArgumentException(
                $"A tied head needs one output for each of the {description.Vocabulary} words of the vocabulary, not {description.Outputs}.",
                nameof(description));
        if (body.Features + description.StaticWidth != embedding.Size)
            throw new ArgumentException(
                $"Layer '{embedding.Name}' has vectors of size {embedding.Size}, but {body.Features + description.StaticWidth} features reach the head that is "
                    + $"tied to it. Make the sizes equal, for instance with a Dense layer or a projection.", nameof(description));
        return _layers[0].Parameters[0];
    }

    private static Parameter TiedWeight(NetworkDescription description, Decoder decoder)
    {
        if (decoder.Description.Vocabulary == 0)
            throw new ArgumentException("The head of a decoder of numbers cannot be tied: it has no embedding. Turn tying off.", nameof(description));
        var (embedding, features) = ((EmbeddingDescription)decoder.Layers[0].Description, decoder.Projected.Features);
        if (features != embedding.Size)
            throw new ArgumentException(
                $"Layer '{embedding.Name}' has vectors of size {embedding.Size}, but {features} features of the decoder reach the head that is tied to it. "
                    + $"Make the sizes equal, or set {nameof(DecoderDescription.Projection)} to {embedding.Size}.", nameof(description));
        return decoder.Layers[0].Parameters[0];
    }

    private static LatentDecoder CreateLatent(NetworkDescription description)
    {
        var latent = description.Latent!;
        if (description is not { Vocabulary: 0, StaticWidth: 0, PerStep: false, Decoder: null, WindowNormalization: WindowNormalization.None, Horizon: 0 }
            || description.SequenceWidth != description.Features || description.AllowsMissing)
            throw new ArgumentException("An autoencoder takes sequences of numbers, and nothing else.", nameof(description));
        if (latent.Size < 1 || description.Outputs != 2 * latent.Size)
            throw new ArgumentException($"An autoencoder of {latent.Size} latent variables has twice as many outputs, not {description.Outputs}.",
                nameof(description));
        return new(latent, description.Features, description.Time);
    }

    private Decoder CreateDecoder(NetworkDescription description, DecoderDescription decoder, LayerShape encoded)
    {
        if (decoder.Vocabulary > 0) return CreateTokenDecoder(description, decoder, encoded);
        if (description.PerStep || description.Vocabulary > 0)
            throw new ArgumentException("A numeric decoder needs a network that takes numbers and has one output per row.", nameof(description));
        if (decoder.Steps < 1 || decoder.Targets < 1 || decoder.Targets > description.Features || description.Outputs % (decoder.Steps * decoder.Targets) != 0)
            throw new ArgumentException(
                $"A decoder of {decoder.Steps} steps of {decoder.Targets} targets does not fit {description.Features} features "
                    + $"and {description.Outputs} outputs.", nameof(description));
        if (decoder.Location < 0 || decoder.Location >= description.Outputs / (decoder.Steps * decoder.Targets))
            throw new ArgumentException($"A step has no parameter {decoder.Location} to feed back.", nameof(description));
        if (decoder.SeasonLength < 0 || decoder.SeasonLength > (description.Time ?? int.MaxValue))
            throw new ArgumentException($"A window of {description.Time} steps is shorter than a season of {decoder.SeasonLength}.", nameof(description));
        if (description.FutureWidth > 0 && description.Horizon != decoder.Steps)
            throw new ArgumentException($"The decoder has {decoder.Steps} steps, but there are future features for {description.Horizon}.",
                nameof(description));
        if (decoder.FeedsDifferences != description.WindowNormalization is WindowNormalization.Difference)
            throw new ArgumentException("A decoder must be fed differences if and only if the window normalization is Difference.", nameof(description));
        if (decoder.CumulatedCount > 0 && (!decoder.IsRecursive || !decoder.FeedsDifferences || decoder.Distribution is { IsInDataUnit: true }
            || (decoder.CumulatedFirst + decoder.CumulatedCount) * decoder.Steps * decoder.Targets > description.Outputs))
            throw new ArgumentException("Outputs can be differences only in a recursive network that is fed differences.",
                nameof(description));
        if (decoder.IsRecursive
            && (description.SequenceWidth != decoder.Targets + description.FutureWidth || description.UnscaledFeatures != description.FutureFeatures))
        {
            throw new ArgumentException(
                $"A recursive network that forecasts {decoder.Targets} targets cannot "
                    + $"take {description.SequenceWidth - decoder.Targets - description.FutureWidth} further features per step whose " +
                "future values are unknown. Remove them, or choose another strategy.", nameof(description));
        }

        return new Decoder(decoder, new LayerShape(true, decoder.Targets + description.FutureWidth + description.StaticWidth), _layers, encoded);
    }

    private Decoder CreateTokenDecoder(NetworkDescription description, DecoderDescription decoder, LayerShape encoded)
    {
        if (decoder.IsRecursive || decoder.Layers[0] is not EmbeddingDescription)
            throw new ArgumentException("A decoder of tokens needs layers, the first an embedding.", nameof(description));
        if (description.PerStep || description.Outputs != decoder.Vocabulary || decoder.Steps < 1)
            throw new ArgumentException(
                $"A decoder of tokens needs one output for each of the {decoder.Vocabulary} words of its vocabulary, not {description.Outputs}, "
                    + $"and at least one step.", nameof(description));
        if ((uint)decoder.StartToken >= (uint)decoder.Vocabulary || (uint)decoder.EndToken >= (uint)decoder.Vocabulary)
            throw new ArgumentException(
                $"The tokens {decoder.StartToken} and {decoder.EndToken}, with which a sequence starts and ends, must be in the vocabulary "
                    + $"of {decoder.Vocabulary}.", nameof(description));
        if (description.StaticWidth > 0 || description.FutureWidth > 0)
            throw new ArgumentException("A decoder of tokens takes the previous token only.", nameof(description));
        if (decoder.StartToken == decoder.EndToken || decoder.IsExcluded(decoder.EndToken))
            throw new ArgumentException("The end token of a decoder must not be the start token, nor excluded: no text would end.", nameof(description));
        if (decoder.MinimumLength < 0 || decoder.MinimumLength > decoder.Steps)
            throw new ArgumentException($"A text of at most {decoder.Steps} tokens cannot have at least {decoder.MinimumLength}.", nameof(description));
        return new Decoder(decoder, new LayerShape(true, 0) { Vocabulary = decoder.Vocabulary }, _layers, encoded);
    }

    /// <summary>Reads the sources of a batch; the decoder of tokens goes on from the result.</summary>
    /// <param name="tape">Records the operations.</param>
    /// <param name="batch">The sources.</param>
    /// <param name="keepsWeights">Whether the steps keep the weights of the attention.</param>
    public DecoderState ReadSources(Tape tape, SequenceBatch batch, bool keepsWeights = false)
    {
        var states = new TapeStates();
        var signal = ReadSources(tape, batch, Inputs.Sequence(tape, batch).Signal with { State = states });
        return _decoder!.Begin(tape, states, signal, keepsWeights);
    }

    private Signal ReadSources(Tape tape, SequenceBatch batch, Signal signal)
    {
        for (var i = 0; i < _layers.Length; i++)
        {
            signal = _layers[i].ForwardObserved(tape, signal);
            if (i == 0) signal = WithOthers(tape, batch, signal);
        }
        return signal;
    }

    private NetworkOutput Decode(Tape tape, SequenceBatch batch, Signal signal, Tensor? level, Tensor? scale, Tensor? window, float teacherForcing)
    {
        var states = new TapeStates();
        if (_decoder!.Description.Vocabulary > 0)
        {
            signal = ReadSources(tape, batch, signal with { State = states });
            return new NetworkOutput(TokenDecoding.Run(tape, _decoder, _head, _decoder.Begin(tape, states, signal), batch, teacherForcing), level, scale)
            {
                Window = window,
                Tokens = batch.Tokens,
                Lengths = batch.Lengths,
            };
        }
        var future = Inputs.Future(tape, batch, window);
        // A decoder without layers is fed the future features of the step that it outputs.
        var moves = _decoder.Description.IsRecursive && future is not null;
        signal = signal with
        {
            State = states,
            Values = moves ? ShiftFutureFeaturesOperation.Apply(tape, signal.Numbers, future!, batch.Lengths) : signal.Values
        };
        if (batch.Positions is { } positions)
            (signal, states) = StretchEncoder.Run(tape, _layers, signal, positions, _decoder.Description.Attention is not null);
        else foreach (var layer in _layers) signal = layer.ForwardObserved(tape, signal);
        var statics = Inputs.Statics(tape, batch);
        var (mean, deviation) = Inputs.Standardization;
        var space = new WindowSpace(window!, level, scale, mean?.Value, deviation?.Value);
        var targetValues = tape.Training && batch.Targets is { } targets
            ? InputNormalization.Targets(tape, targets, _decoder.Description.Targets, space, Description.Transform)
            : null;
        var input = new DecodingInput(space, signal, states, future, statics, targetValues, batch.Values!, batch.Targets, _linearSkip?.Forecast(tape, window!))
        {
            TeacherForcing = teacherForcing,
        };
        var draw = tape.Training || _decoder.Description.Distribution is null ? null : Drawing(input with { States = states.Copy() });
        var (values, learned) = Autoregression.Run(tape, _decoder, _head, input);
        if (!tape.Training && batch.Positions is null) UnansweredRows.Mark(values, batch, Description);
        return new NetworkOutput(values, level, scale) { Window = window, Future = future, Learned = learned, Noise = batch.Noise, Draw = draw };
    }

    private Func<Tape, Tensor, Tensor> Drawing(DecodingInput input) => (tape, scores) => Autoregression.Draw(tape, _decoder!, _head, input, scores);
}
