using Microsoft.ML.Recurrent.Autograd;
using Microsoft.ML.Recurrent.Autograd.Operations;
using Microsoft.ML.Recurrent.Tensors;

namespace Microsoft.ML.Recurrent.Layers;

/// <summary>
/// Batch normalization of each feature over the valid steps of a batch. Training updates the running statistics, which are parameters that the optimizer does
/// not change, unless they are fixed.
/// </summary>
internal sealed class BatchNormLayer : Layer
{
    private readonly Parameter _gain, _bias, _mean, _variance;
    private readonly BatchNormDescription _description;

    public BatchNormLayer(BatchNormDescription description, LayerShape input)
        : base(description, Check(description, input))
    {
        var shape = new Shape(input.Features);
        _description = description;
        (_gain, _bias) = (new Parameter($"{Name}.weight", shape), new Parameter($"{Name}.bias", shape));
        (_mean, _variance) = (new Parameter($"{Name}.running_mean", shape, trainable: false), new Parameter($"{Name}.running_var", shape, trainable: false));
        Parameters = [_gain, _bias, _mean, _variance];
    }

    public override void Initialize(ulong seed)
    {
        _gain.Value.Span.Fill(1);
        _bias.Value.Span.Clear();
        _mean.Value.Span.Clear();
        _variance.Value.Span.Fill(1);
    }

    public override Signal Forward(Tape tape, in Signal input)
    {
        // A frozen layer runs in inference mode, as in Keras: its statistics are those its weights were trained with.
        var y = tape.Training && _gain.Trainable && !_description.FixedStatistics
            ? BatchNormOperation.ApplyTraining(tape, input.Numbers, _gain.Value, _bias.Value, _mean.Value, _variance.Value, input.Lengths,
                _description.Momentum, _description.Epsilon)
            : BatchNormOperation.ApplyInference(tape, input.Numbers, _gain.Value, _bias.Value, _mean.Value, _variance.Value, input.Lengths,
                _description.Epsilon);
        return input with { Values = y, LastStates = null };
    }

    private static LayerShape Check(BatchNormDescription description, LayerShape input)
    {
        RequireNumbers(description, input);
        if (!(description.Epsilon > 0)) throw Misfit(description, $"the epsilon must be greater than 0; it is {description.Epsilon}.");
        if (description.Momentum is not (>= 0 and <= 1)) throw Misfit(description, $"the momentum must be from 0 to 1; it is {description.Momentum}.");
        return new LayerShape(input.Sequence, input.Features, input.Time);
    }
}
