using Microsoft.ML.Recurrent.Autograd;
using Microsoft.ML.Recurrent.Autograd.Operations;
using Microsoft.ML.Recurrent.Kernels;
using Microsoft.ML.Recurrent.Networks;
using Microsoft.ML.Recurrent.Tensors;

namespace Microsoft.ML.Recurrent.Layers;

/// <summary>One recurrent layer, of one direction or two, run over the whole sequence by the fused kernels. Depth comes from stacking layers.</summary>
internal sealed class RecurrentLayer : Layer
{
    private readonly RecurrentOptions _options;
    private readonly Parameter[] _parameters;
    private readonly RecurrentWeights[] _weights;
    private readonly int _inputs;

    public RecurrentLayer(RecurrentDescription description, LayerShape input)
        : base(description, Check(description, input))
    {
        _inputs = input.Features;
        _options = new RecurrentOptions(KindOf(description.Cell), description.HiddenSize, ActivationOf(description.Activation), !description.ResetAfter);
        var rows = GatesOf(description.Cell) * description.HiddenSize;
        var parameters = new List<Parameter>();
        var directions = description.Bidirectional ? 2 : 1;
        _weights = new RecurrentWeights[directions];
        for (var direction = 0; direction < directions; direction++)
        {
            var suffix = direction == 0 ? "" : "_reverse";
            Parameter[] own =
            [
                new($"{Name}.weight_ih{suffix}", new Shape(rows, _inputs)), new($"{Name}.weight_hh{suffix}", new Shape(rows, description.HiddenSize)),
                new($"{Name}.bias_ih{suffix}", new Shape(rows)), new($"{Name}.bias_hh{suffix}", new Shape(rows)),
            ];
            parameters.AddRange(own);
            _weights[direction] = new RecurrentWeights(own[0].Value, own[1].Value, own[2].Value, own[3].Value);
        }

        _parameters = [.. parameters];
    }

    public override IReadOnlyList<Parameter> Parameters => _parameters;

    private RecurrentDescription Recurrent => (RecurrentDescription)Description;

    /// <summary>Rows of blocks in the weights of a cell.</summary>
    public static int GatesOf(RecurrentCell cell) => cell switch { RecurrentCell.Lstm => 4, RecurrentCell.Gru => 3, _ => 1 };

    /// <summary>Gate by gate: input weights Glorot uniform, recurrent weights orthogonal, biases zero but for an LSTM's forget gate, whose bias_ih is 1 (Jozefowicz et al. 2015).</summary>
    public override void Initialize(ulong seed)
    {
        var (hidden, gates) = (Recurrent.HiddenSize, GatesOf(Recurrent.Cell));
        for (var i = 0; i < _parameters.Length; i += 4)
        {
            var (input, state) = (new RandomStream(seed, _parameters[i].Name), new RandomStream(seed, _parameters[i + 1].Name));
            for (var gate = 0; gate < gates; gate++)
            {
                Initializer.GlorotUniform(_parameters[i].Value.Span.Slice(gate * hidden * _inputs, hidden * _inputs), _inputs, hidden, input);
                Initializer.Orthogonal(_parameters[i + 1].Value.Span.Slice(gate * hidden * hidden, hidden * hidden), hidden, hidden, state);
            }

            _parameters[i + 2].Value.Span.Clear();
            _parameters[i + 3].Value.Span.Clear();
            if (Recurrent.Cell == RecurrentCell.Lstm) _parameters[i + 2].Value.Span.Slice(hidden, hidden).Fill(1);
        }
    }

    public override Signal Forward(Tape tape, in Signal input)
    {
        var result = Run(tape, input.Numbers, input.Lengths);
        return input with { Values = result.Y, LastStates = result.Reverse is { } reverse ? ConcatOperation.Apply(tape, result.Forward.H, reverse.H) : result.Forward.H };
    }

    /// <summary>Runs [time, rows, features] from given states (zeros where null).</summary>
    public RecurrentResult Run(Tape tape, Tensor x, int[]? lengths, RecurrentState? initial = null, RecurrentState? initialReverse = null) =>
        RecurrentOperation.Apply(tape, x, lengths, _options, _weights, initial, initialReverse);

    private static RecurrentKind KindOf(RecurrentCell cell) => cell switch
    {
        RecurrentCell.SimpleRnn => RecurrentKind.SimpleRnn,
        RecurrentCell.Lstm => RecurrentKind.Lstm,
        RecurrentCell.Gru => RecurrentKind.Gru,
        _ => throw new ArgumentOutOfRangeException(nameof(cell), cell, "There is no such cell."),
    };

    private static Activation ActivationOf(RecurrentActivation activation) => activation switch
    {
        RecurrentActivation.Tanh => Activation.Tanh,
        RecurrentActivation.Relu => Activation.Relu,
        RecurrentActivation.LeakyRelu => Activation.LeakyRelu,
        RecurrentActivation.Elu => Activation.Elu,
        RecurrentActivation.Sigmoid => Activation.Sigmoid,
        _ => throw new ArgumentOutOfRangeException(nameof(activation), activation, "There is no such activation."),
    };

    private static LayerShape Check(RecurrentDescription description, LayerShape input)
    {
        RequireSequence(description, input);
        if (description.HiddenSize < 1) throw Misfit(description, $"the hidden size must be at least 1, not {description.HiddenSize}.");
        var features = description.HiddenSize * (description.Bidirectional ? 2 : 1);
        return new LayerShape(Sequence: true, features, input.Time) { ReverseFrom = description.HiddenSize };
    }
}
