using Microsoft.ML.Recurrent.Autograd;
using Microsoft.ML.Recurrent.Autograd.Operations;
using Microsoft.ML.Recurrent.Tensors;

namespace Microsoft.ML.Recurrent.Layers;

/// <summary>Layer normalization of each step's features.</summary>
internal sealed class LayerNormLayer : Layer
{
    private readonly Parameter _gain, _bias;
    private readonly float _epsilon;

    public LayerNormLayer(LayerNormDescription description, LayerShape input)
        : base(description, Check(description, input))
    {
        _epsilon = description.Epsilon;
        (_gain, _bias) = (new Parameter($"{Name}.weight", new Shape(input.Features)), new Parameter($"{Name}.bias", new Shape(input.Features)));
        Parameters = [_gain, _bias];
    }

    public override void Initialize(ulong seed)
    {
        _gain.Value.Span.Fill(1);
        _bias.Value.Span.Clear();
    }

    public override Signal Forward(Tape tape, in Signal input) =>
        input with { Values = LayerNormOperation.Apply(tape, input.Numbers, _gain.Value, _bias.Value, _epsilon), LastStates = null };

    private static LayerShape Check(LayerNormDescription description, LayerShape input)
    {
        RequireNumbers(description, input);
        if (!(description.Epsilon > 0)) throw Misfit(description, $"the epsilon must be greater than 0; it is {description.Epsilon}.");
        return new LayerShape(input.Sequence, input.Features, input.Time);
    }
}
