using Microsoft.ML.Recurrent.Autograd;
using Microsoft.ML.Recurrent.Autograd.Operations;
using Microsoft.ML.Recurrent.Kernels;
using Microsoft.ML.Recurrent.Kernels.Recurrent;
using Microsoft.ML.Recurrent.Tensors;

namespace Microsoft.ML.Recurrent.Layers;

/// <summary>
/// A recurrent layer of one or two directions over the whole sequence, run by the fused kernels or, for options they do not support, step by step. Stack layers
/// for depth.
/// </summary>
internal sealed class RecurrentLayer : Layer
{
    // The masks shared by all steps.
    private const int InputMask = 0, StateMask = 1;

    private readonly RecurrentOptions _options;
    private readonly RecurrentDescription _description;
    private readonly RecurrentWeights[] _weights;
    private readonly SteppedWeights[] _steppedWeights;
    private readonly int _inputs;

    public RecurrentLayer(RecurrentDescription description, LayerShape input)
        : base(description, Check(description, input))
    {
        (_inputs, _description) = (input.Features, description);
        _options = new RecurrentOptions(description.Descriptor, description.HiddenSize, ActivationOf(description.Activation), !description.ResetAfter)
        {
            Layer = description.Name,
        };
        var directions = description.Bidirectional ? 2 : 1;
        var parameters = new List<Parameter>();
        (_weights, _steppedWeights) = (new RecurrentWeights[directions], new SteppedWeights[directions]);
        for (var direction = 0; direction < directions; direction++)
        {
            var suffix = direction == 0 ? "" : "_reverse";
            int rows = Gates * description.HiddenSize, hidden = description.HiddenSize;
            var (ih, hh) = (Own("weight_ih", new Shape(rows, _inputs)), Own("weight_hh", new Shape(rows, description.StateSize)));
            var (biasIh, biasHh) = (Own("bias_ih", new Shape(rows)), Own("bias_hh", new Shape(rows)));
            var peephole = description.Descriptor.Peepholes.Length is > 0 and var count ? Own("weight_peephole", new Shape(count * hidden)) : null;
            _weights[direction] = new RecurrentWeights(ih, hh, biasIh, biasHh) { Peephole = peephole };
            _steppedWeights[direction] = new SteppedWeights(ih, hh, biasIh, biasHh)
            {
                Peephole = peephole,
                WeightHr = description.Projection > 0 ? Own("weight_hr", new Shape(description.Projection, hidden)) : null,
                GainIh = description.LayerNormalization ? Own("gain_ih", new Shape(rows)) : null,
                GainHh = description.LayerNormalization ? Own("gain_hh", new Shape(rows)) : null,
                GainC = description.LayerNormalization ? Own("gain_c", new Shape(hidden)) : null,
                BiasC = description.LayerNormalization ? Own("bias_c", new Shape(hidden)) : null,
            };

            Tensor Own(string name, Shape shape)
            {
                parameters.Add(new Parameter($"{Name}.{name}{suffix}", shape));
                return parameters[^1].Value;
            }
        }

        Parameters = parameters;
    }

    /// <summary>Blocks of hidden units in the rows of the weights.</summary>
    public int Gates => _options.Cell.Gates;

    /// <summary>
    /// Initializes gate by gate: Glorot uniform input weights, orthogonal recurrent weights, zero biases except bias_ih of a forget gate, which is 1
    /// (Jozefowicz et al. 2015). Projections are Glorot uniform, gains are 1. Peepholes are uniform from -0.1 to 0.1 (Gers
    /// and Schmidhuber 2000).
    /// </summary>
    public override void Initialize(ulong seed)
    {
        int hidden = _description.HiddenSize, state = _description.StateSize;
        foreach (var parameter in Parameters)
        {
            var values = parameter.Value.Span;
            var random = new RandomStream(seed, parameter.Name);
            var kind = parameter.Name[(Name.Length + 1)..].Replace("_reverse", "", StringComparison.Ordinal);
            values.Fill(kind.StartsWith("gain", StringComparison.Ordinal) ? 1 : 0);
            if (kind == "bias_ih") FillForgetBias(values, 1);
            if (kind == "weight_peephole") Initializer.Uniform(values, 0.1, random);
            if (kind == "weight_hr") Initializer.GlorotUniform(values, hidden, state, random);
            for (var gate = 0; gate < Gates; gate++)
            {
                if (kind == "weight_ih") Initializer.GlorotUniform(values.Slice(gate * hidden * _inputs, hidden * _inputs), _inputs, hidden, random);
                if (kind == "weight_hh") Initializer.Orthogonal(values.Slice(gate * hidden * state, hidden * state), hidden, state, random);
            }
        }
    }

    /// <summary>Sets the bias of the forget gate, if the cell has one; that of a coupled input gate to the opposite.</summary>
    public void FillForgetBias(Span<float> bias, float value)
    {
        if (_options.Cell.ForgetGate is { } gate)
            bias.Slice(gate * _options.HiddenSize, _options.HiddenSize).Fill(_options.Cell.ForgetsByInputGate ? -value : value);
    }

    public override Signal Forward(Tape tape, in Signal input)
    {
        var (x, dilation) = (input.Numbers, _description.Dilation);
        if (tape.Training && _description.InputDropout > 0)
            x = DropoutOperation.Apply(tape, x, _description.InputDropout, sharedOverTime: true, input.State?.MaskStream(tape, this, InputMask));
        var (time, rows, lengths) = (x.Shape[0], x.Shape[1], input.Lengths);
        if (dilation > 1)
        {
            // Every dilation-th step forms a sequence of its own. With these as separate rows, the ordinary layer runs over them.
            lengths = DilatedLengths(tape, lengths, time, rows);
            x = PadOrTruncateOperation.Apply(tape, x, new Shape((time + dilation - 1) / dilation, dilation * rows, _inputs));
        }

        if (input.State is { GoesOn: true } && (_description.Bidirectional || dilation > 1))
            throw Misfit(_description, "a bidirectional or dilated layer cannot continue from the state of the previous batch.");
        var result = Run(tape, x, lengths, input.State?.Before(this, rows),
            dropout: tape.Training && _description.RecurrentDropout > 0 ? input.State?.MaskStream(tape, this, StateMask) : null, bptt: input.Bptt);
        input.State?.After(this, result);
        var y = result.Y;
        if (dilation > 1) y = PadOrTruncateOperation.Apply(tape, y, new Shape(time, rows, y.Shape.Columns));
        var last = _description.Residual ? null
            : dilation > 1 ? Output.MergesLast ? PoolingOperation.Apply(tape, y, SequencePooling.Last, input.Lengths, _description.StateSize) : null
            : result.Reverse is { } reverse ? ConcatOperation.Apply(tape, result.Forward.H, reverse.H) : result.Forward.H;
        if (_description.Bidirectional)
        {
            y = MergeOperation.Apply(tape, y, _description.Merge);
            if (last is not null) last = MergeOperation.Apply(tape, last, _description.Merge);
        }

        if (_description.Residual) y = BroadcastAddOperation.Apply(tape, y, input.Numbers);
        return input with { Values = y, LastStates = last };
    }

    /// <summary>Runs [time, rows, features] from given states; directions concatenated, without a residual connection.</summary>
    /// <param name="tape">Records the operations.</param>
    /// <param name="x">[time, rows, features].</param>
    /// <param name="lengths">Valid steps of each row; null if all are valid.</param>
    /// <param name="initial">Initial state of the forward direction; zeros if null.</param>
    /// <param name="initialReverse">Initial state of the reverse direction; zeros if null.</param>
    /// <param name="masks">Masks of the forward direction; null to draw them.</param>
    /// <param name="dropout">Random stream of the recurrent dropout of the forward direction; null for a new one.</param>
    /// <param name="bptt">Options of backpropagation through time.</param>
    public RecurrentResult Run(Tape tape, Tensor x, int[]? lengths, RecurrentState? initial = null, RecurrentState? initialReverse = null,
        SteppedMasks? masks = null, ulong? dropout = null, BpttOptions bptt = default)
    {
        // In a dilated layer one step of the cell covers several steps of the sequence.
        var cell = _options with
        {
            SegmentSteps = bptt.SegmentSteps ?? 0,
            TruncationSteps = bptt.TruncationSteps is { } steps ? (steps + _description.Dilation - 1) / _description.Dilation : 0
        };
        if (!_description.IsStepped && masks is null && !(tape.Training && _description.RecurrentDropout > 0))
            return RecurrentOperation.Apply(tape, x, lengths, cell, _weights, initial, initialReverse);
        var options = new SteppedOptions(cell)
        {
            ZoneoutHidden = _description.ZoneoutHidden, ZoneoutCell = _description.ZoneoutCell,
            Epsilon = LayerNormOperation.DefaultEpsilon
        };
        var (y, final) = SteppedRecurrentOperation.Apply(tape, x, lengths, options, _steppedWeights[0], masks ?? Draw(tape, x, dropout), initial);
        if (_weights.Length == 1) return new RecurrentResult(y, final, null);
        var (reverse, reverseFinal) = SteppedRecurrentOperation.Apply(tape, x, lengths, options with { Reverse = true }, _steppedWeights[1],
            Draw(tape, x, null), initialReverse);
        return new RecurrentResult(ConcatOperation.Apply(tape, y, reverse), final, reverseFinal);
    }

    private SteppedMasks Draw(Tape tape, Tensor x, ulong? stream)
    {
        if (!tape.Training) return default;
        var (time, rows, state) = (x.Shape[0], x.Shape[1], _description.StateSize);
        Tensor? dropout = null;
        if (_description.RecurrentDropout > 0)
            DropoutOperation.FillMask((dropout = Tensor.Rent(new Shape(rows, state))).Span, _description.RecurrentDropout, tape.Seed,
                stream ?? tape.NextStream());
        return new SteppedMasks(dropout, Keep(_description.ZoneoutHidden, state), Keep(_description.ZoneoutCell, _description.HiddenSize));

        Tensor? Keep(float probability, int size) =>
            probability > 0 ? RandomMasks.Bernoulli(new Shape(time, rows, size), probability, tape.Seed, tape.NextStream()) : null;
    }

    // Row r x rows + i of the dilated batch holds the steps r, r + dilation, ... of row i.
    private int[]? DilatedLengths(Tape tape, int[]? lengths, int time, int rows)
    {
        var dilation = _description.Dilation;
        if (lengths is null && time % dilation == 0) return null;
        var dilated = tape.RentIntegers(dilation * rows);
        for (var i = 0; i < dilation * rows; i++) dilated[i] = Math.Max(0, (lengths is null ? time : lengths[i % rows]) - i / rows + dilation - 1) / dilation;
        return dilated;
    }

    private static Activation ActivationOf(RecurrentActivation activation) => activation switch
    {
        RecurrentActivation.Tanh => Activation.Tanh,
        RecurrentActivation.Relu => Activation.Relu,
        RecurrentActivation.LeakyRelu => Activation.LeakyRelu,
        RecurrentActivation.Elu => Activation.Elu,
        RecurrentActivation.Sigmoid => Activation.Sigmoid,
        _ => throw new ArgumentOutOfRangeException(nameof(activation), activation, "Unknown activation."),
    };

    private static LayerShape Check(RecurrentDescription d, LayerShape input)
    {
        RequireSequence(d, input);
        if (d.HiddenSize < 1) throw Misfit(d, $"the hidden size must be at least 1, not {d.HiddenSize}.");
        if (d.Dilation < 1) throw Misfit(d, $"the dilation must be at least 1, not {d.Dilation}.");
        if (d.Projection < 0) throw Misfit(d, $"the size of the projection must not be negative; it is {d.Projection}.");
        Rate("input dropout", d.InputDropout);
        Rate("recurrent dropout", d.RecurrentDropout);
        Rate("zoneout of the state", d.ZoneoutHidden);
        Rate("zoneout of the memory", d.ZoneoutCell);
        Option("a projection", CellOptions.Projection, d.Projection > 0);
        Option("normalization inside the cell", CellOptions.LayerNormalization, d.LayerNormalization);
        Option("zoneout of the memory", CellOptions.MemoryZoneout, d.ZoneoutCell > 0);
        if (!d.Bidirectional && d.Merge != BidirectionalMerge.Concat)
            throw Misfit(d, "only a bidirectional layer has two directions to merge. Make it bidirectional or omit the merge.");
        if (d.Residual && d.OutputSize != input.Features)
            throw Misfit(d,
                $"a residual layer needs as many outputs as inputs, but it has {input.Features} inputs and {d.OutputSize} outputs. Change its size or omit the "
                    + $"residual connection.");
        return new LayerShape(Sequence: true, d.OutputSize, input.Time)
        {
            ReverseFrom = d.StateSize,
            MergesLast = d.Bidirectional && d.Merge != BidirectionalMerge.Concat && !d.Residual
        };

        void Option(string what, CellOptions option, bool used)
        {
            if (used && !d.Descriptor.Has(option))
                throw Misfit(d, $"{d.Cell} does not have {what}. Choose {string.Join(" or ", CellDescriptor.With(option))}, or omit it.");
        }

        void Rate(string what, float rate)
        {
            if (rate is < 0 or >= 1 or float.NaN) throw Misfit(d, $"the rate of {what} must be at least 0 and less than 1; it is {rate}.");
        }
    }
}
