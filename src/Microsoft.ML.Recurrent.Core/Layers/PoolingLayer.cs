using Microsoft.ML.Recurrent.Autograd;
using Microsoft.ML.Recurrent.Autograd.Operations;

namespace Microsoft.ML.Recurrent.Layers;

/// <summary>Pools all steps to one vector per row.</summary>
internal sealed class PoolingLayer(PoolingDescription description, LayerShape input)
    : Layer(description, new LayerShape(Sequence: false, RequireSequence(description, input).Features))
{
    private readonly int _reverseFrom = description.ReverseAtLastStep ? input.Features : input.ReverseFrom;

    public override Signal Forward(Tape tape, in Signal input)
    {
        var pooled = description is { Pooling: SequencePooling.Last, ReverseAtLastStep: false } && input.LastStates is { } states
            ? states
            : PoolingOperation.Apply(tape, input.Numbers, description.Pooling, input.Lengths, _reverseFrom);
        return input with { Values = pooled, Lengths = null, LastStates = null };
    }
}
