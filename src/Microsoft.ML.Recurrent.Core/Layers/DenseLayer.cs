using Microsoft.ML.Recurrent.Autograd;
using Microsoft.ML.Recurrent.Autograd.Operations;
using Microsoft.ML.Recurrent.Tensors;

namespace Microsoft.ML.Recurrent.Layers;

/// <summary>y = f(x W^T + b) over the last axis.</summary>
internal sealed class DenseLayer : Layer
{
    private readonly Parameter _weight, _bias;
    private readonly int _inputs;
    private readonly bool _isTied;

    /// <param name="description">The layer.</param>
    /// <param name="input">The input shape.</param>
    /// <param name="tied">A parameter [units, features] of another layer to use as the weight (weight tying); the other layer owns it.</param>
    public DenseLayer(DenseDescription description, LayerShape input, Parameter? tied = null)
        : base(description, Check(description, input))
    {
        _inputs = input.Features;
        _isTied = tied is not null;
        _weight = tied ?? new Parameter($"{Name}.weight", new Shape(description.Units, _inputs));
        _bias = new Parameter($"{Name}.bias", new Shape(description.Units));
        Parameters = _isTied ? [_bias] : [_weight, _bias];
    }

    /// <summary>Glorot uniform weights, zero bias.</summary>
    public override void Initialize(ulong seed)
    {
        if (!_isTied) Initializer.GlorotUniform(_weight, _inputs, Output.Features, seed);
    }

    /// <summary>[units, features].</summary>
    public Parameter Weight => _weight;

    /// <summary>[units].</summary>
    public Parameter Bias => _bias;

    public override Signal Forward(Tape tape, in Signal input)
    {
        var y = LinearOperation.Apply(tape, input.Numbers, _weight.Value, _bias.Value);
        return input with { Values = ActivationLayer.Apply(tape, y, ((DenseDescription)Description).Activation), LastStates = null };
    }

    private static LayerShape Check(DenseDescription description, LayerShape input)
    {
        RequireNumbers(description, input);
        if (description.Units < 1) throw Misfit(description, $"a dense layer must have at least 1 unit, not {description.Units}.");
        return new LayerShape(input.Sequence, description.Units, input.Time);
    }
}
