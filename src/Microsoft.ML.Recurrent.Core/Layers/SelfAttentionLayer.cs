using Microsoft.ML.Recurrent.Autograd;
using Microsoft.ML.Recurrent.Autograd.Operations;
using Microsoft.ML.Recurrent.Tensors;

namespace Microsoft.ML.Recurrent.Layers;

/// <summary>Multi-head self-attention over the states of a sequence (Vaswani et al. 2017).</summary>
internal sealed class SelfAttentionLayer : Layer
{
    private static readonly string[] s_parts = ["query", "key", "value", "output"];

    private readonly Parameter[] _weights, _biases;
    private readonly SelfAttentionDescription _description;

    public SelfAttentionLayer(SelfAttentionDescription description, LayerShape input)
        : base(description, Check(description, input))
    {
        _description = description;
        var n = input.Features;
        _weights = [.. s_parts.Select(part => new Parameter($"{Name}.weight_{part}", new Shape(n, n)))];
        _biases = [.. s_parts.Select(part => new Parameter($"{Name}.bias_{part}", new Shape(n)))];
        Parameters = [.. _weights.Zip(_biases).SelectMany(pair => (Parameter[])[pair.First, pair.Second])];
    }

    /// <summary>Glorot uniform weights, zero biases.</summary>
    public override void Initialize(ulong seed)
    {
        foreach (var weight in _weights) Initializer.GlorotUniform(weight, Output.Features, Output.Features, seed);
        foreach (var bias in _biases) bias.Value.Span.Clear();
    }

    public override Signal Forward(Tape tape, in Signal input)
    {
        var x = input.Numbers;
        var (query, keys, values) = (Project(tape, x, 0), Project(tape, x, 1), Project(tape, x, 2));
        var scale = 1 / MathF.Sqrt(Output.Features / _description.Heads);
        var y = Project(tape, DotAttentionOperation.Apply(tape, query, keys, values, input.Lengths, _description.Heads, scale, _description.Causal), 3);
        return input with { Values = _description.Residual ? BroadcastAddOperation.Apply(tape, y, x) : y, LastStates = null };
    }

    private Tensor Project(Tape tape, Tensor x, int part) => LinearOperation.Apply(tape, x, _weights[part].Value, _biases[part].Value);

    private static LayerShape Check(SelfAttentionDescription description, LayerShape input)
    {
        RequireSequence(description, input);
        if (description.Heads < 1 || input.Features % description.Heads != 0)
            throw Misfit(description,
                $"its {input.Features} features cannot be split into {description.Heads} heads of equal size. Choose a number of heads that "
                    + $"divides {input.Features}.");
        return new LayerShape(Sequence: true, input.Features, input.Time);
    }
}
