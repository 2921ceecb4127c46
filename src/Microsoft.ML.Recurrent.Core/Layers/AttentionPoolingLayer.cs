using Microsoft.ML.Recurrent.Autograd;
using Microsoft.ML.Recurrent.Autograd.Operations;
using Microsoft.ML.Recurrent.Kernels;
using Microsoft.ML.Recurrent.Tensors;

namespace Microsoft.ML.Recurrent.Layers;

/// <summary>
/// Pooling by learned attention (Yang et al. 2016): the mean of the steps, weighted by softmax(v . tanh(W x + b)) over the valid steps of each row.
/// </summary>
internal sealed class AttentionPoolingLayer : Layer
{
    private readonly Parameter _weight, _bias, _score;

    public AttentionPoolingLayer(PoolingDescription description, LayerShape input)
        : base(description, new LayerShape(Sequence: false, RequireSequence(description, input).Features))
    {
        var n = input.Features;
        (_weight, _bias, _score) =
            (new Parameter($"{Name}.weight", new Shape(n, n)), new Parameter($"{Name}.bias", new Shape(n)), new Parameter($"{Name}.score", new Shape(1, n)));
        Parameters = [_weight, _bias, _score];
    }

    /// <summary>Glorot uniform weights, zero bias.</summary>
    public override void Initialize(ulong seed)
    {
        var n = Output.Features;
        Initializer.GlorotUniform(_weight, n, n, seed);
        Initializer.GlorotUniform(_score, n, 1, seed);
        _bias.Value.Span.Clear();
    }

    public override Signal Forward(Tape tape, in Signal input)
    {
        var hidden = ActivationOperation.Apply(tape, LinearOperation.Apply(tape, input.Numbers, _weight.Value, _bias.Value), Activation.Tanh);
        var pooled = AttentionPoolOperation.Apply(tape, LinearOperation.Apply(tape, hidden, _score.Value), input.Numbers, input.Lengths);
        return input with { Values = pooled, Lengths = null, LastStates = null };
    }
}
