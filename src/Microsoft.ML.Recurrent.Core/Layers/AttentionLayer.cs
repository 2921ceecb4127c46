using Microsoft.ML.Recurrent.Autograd;
using Microsoft.ML.Recurrent.Autograd.Operations;
using Microsoft.ML.Recurrent.Networks;
using Microsoft.ML.Recurrent.Tensors;

namespace Microsoft.ML.Recurrent.Layers;

/// <summary>Each row's last state asks over all its states; context and last state go on side by side.</summary>
internal sealed class AttentionLayer : Layer
{
    private readonly AttentionForm _form;
    private readonly int _features, _reverseFrom;

    public AttentionLayer(AttentionDescription description, LayerShape input)
        : base(description, Check(description, input))
    {
        (_form, _features, _reverseFrom) = (description.Form, input.Features, input.ReverseFrom);
        var units = description.Units > 0 ? description.Units : _features;
        Parameters = _form switch
        {
            AttentionForm.General => [new($"{Name}.weight", new Shape(_features, _features))],
            AttentionForm.Additive => [new($"{Name}.weight_query", new Shape(units, _features)), new($"{Name}.weight_key", new Shape(units, _features)), new($"{Name}.score", new Shape(1, units))],
            _ => [],
        };
    }

    public override IReadOnlyList<Parameter> Parameters { get; }

    /// <summary>Glorot uniform.</summary>
    public override void Initialize(ulong seed)
    {
        foreach (var parameter in Parameters) Initializer.GlorotUniform(parameter.Value.Span, parameter.Shape[1], parameter.Shape[0], new RandomStream(seed, parameter.Name));
    }

    public override Signal Forward(Tape tape, in Signal input)
    {
        var states = input.Numbers;
        var last = input.LastStates ?? PoolingOperation.Apply(tape, states, SequencePooling.Last, input.Lengths, _reverseFrom);
        var context = _form switch
        {
            AttentionForm.Dot => Attention.Dot(tape, last, states, input.Lengths),
            AttentionForm.General => Attention.General(tape, last, states, Parameters[0].Value, input.Lengths),
            _ => Attention.Additive(tape, last, states, Parameters[0].Value, Parameters[1].Value, Parameters[2].Value, input.Lengths),
        };
        return input with { Values = ConcatOperation.Apply(tape, context, last), Lengths = null, LastStates = null };
    }

    private static LayerShape Check(AttentionDescription description, LayerShape input)
    {
        RequireSequence(description, input);
        if (!Enum.IsDefined(description.Form)) throw Misfit(description, $"there is no form of attention {description.Form}.");
        if (description.Units < 0) throw Misfit(description, $"the units of additive attention must not be negative; they are {description.Units}.");
        return new LayerShape(Sequence: false, 2 * input.Features);
    }
}
