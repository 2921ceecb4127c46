using Microsoft.ML.Recurrent.Autograd;
using Microsoft.ML.Recurrent.Autograd.Operations;

namespace Microsoft.ML.Recurrent.Layers;

/// <summary>Attention with the last state of each row as the query; the output is the context and the last state, concatenated.</summary>
internal sealed class AttentionLayer : Layer
{
    private readonly AttentionScorer _scorer;
    private readonly int _reverseFrom;

    public AttentionLayer(AttentionDescription description, LayerShape input)
        : base(description, Check(description, input))
    {
        _reverseFrom = input.ReverseFrom;
        _scorer = new AttentionScorer(Name, description.Form, input.Features, input.Features, description.Units);
        Parameters = _scorer.Parameters;
    }

    /// <summary>Glorot uniform.</summary>
    public override void Initialize(ulong seed) => _scorer.Initialize(seed);

    public override Signal Forward(Tape tape, in Signal input)
    {
        var states = input.Numbers;
        var last = input.LastStates ?? PoolingOperation.Apply(tape, states, SequencePooling.Last, input.Lengths, _reverseFrom);
        var context = _scorer.Apply(tape, last, _scorer.Keys(tape, states), states, input.Lengths);
        return input with { Values = ConcatOperation.Apply(tape, context, last), Lengths = null, LastStates = null };
    }

    private static LayerShape Check(AttentionDescription description, LayerShape input)
    {
        RequireSequence(description, input);
        if (!Enum.IsDefined(description.Form)) throw Misfit(description, $"unknown form of attention {description.Form}.");
        if (description.Units < 0) throw Misfit(description, $"the units of additive attention must not be negative; they are {description.Units}.");
        return new LayerShape(Sequence: false, 2 * input.Features);
    }
}
