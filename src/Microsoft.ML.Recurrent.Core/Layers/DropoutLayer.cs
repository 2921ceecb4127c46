using Microsoft.ML.Recurrent.Autograd;
using Microsoft.ML.Recurrent.Autograd.Operations;

namespace Microsoft.ML.Recurrent.Layers;

/// <summary>Dropout in training; the identity in inference.</summary>
internal sealed class DropoutLayer(DropoutDescription description, LayerShape input) : Layer(description, Check(description, input))
{
    public override Signal Forward(Tape tape, in Signal input)
    {
        if (!tape.Training || description.Rate == 0) return input;
        var shared = description.SharedOverTime && Output.Sequence;
        var last = Output.MergesLast && input.LastStates is { } states ? DropoutOperation.Apply(tape, states, description.Rate) : null;
        return input with
        {
            Values = DropoutOperation.Apply(tape, input.Numbers, description.Rate, shared,
            shared ? input.State?.MaskStream(tape, this, 0) : null),
            LastStates = last
        };
    }

    private static LayerShape Check(DropoutDescription description, LayerShape input)
    {
        if (description.Rate is < 0 or >= 1 or float.NaN)
            throw Misfit(description, $"a dropout rate must be at least 0 and less than 1; it is {description.Rate}.");
        return RequireNumbers(description, input);
    }
}
