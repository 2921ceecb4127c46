using Microsoft.ML.Recurrent.Autograd;
using Microsoft.ML.Recurrent.Autograd.Operations;
using Microsoft.ML.Recurrent.Tensors;

namespace Microsoft.ML.Recurrent.Layers;

/// <summary>
/// A convolution over time. Steps past the length of a row are masked to zero, so the result of a row does not depend on the other rows of the batch.
/// </summary>
internal sealed class ConvolutionLayer : Layer
{
    private readonly ConvolutionDescription _description;
    private readonly Parameter _weight, _bias;

    public ConvolutionLayer(ConvolutionDescription description, LayerShape input)
        : base(description, Check(description, input))
    {
        _description = description;
        (_weight, _bias) = (new Parameter($"{Name}.weight", new Shape(description.Filters, input.Features, description.KernelSize)),
            new Parameter($"{Name}.bias", new Shape(description.Filters)));
        Parameters = [_weight, _bias];
    }

    /// <summary>Glorot uniform weights, zero bias.</summary>
    public override void Initialize(ulong seed)
    {
        var kernel = _description.KernelSize;
        Initializer.GlorotUniform(_weight, _weight.Shape[1] * kernel, _weight.Shape[0] * kernel, seed);
        _bias.Value.Span.Clear();
    }

    public override Signal Forward(Tape tape, in Signal input)
    {
        var x = MaskOperation.Apply(tape, input.Numbers, input.Lengths);
        var y = ConvolutionOperation.Apply(tape, x, _weight.Value, _bias.Value, _description.Stride, _description.Padding);
        return input with
        {
            Values = ActivationLayer.Apply(tape, y, _description.Activation),
            Lengths = LengthsAfter(tape, input),
            Time = y.Shape[0],
            LastStates = null
        };
    }

    private int[]? LengthsAfter(Tape tape, in Signal input)
    {
        if (input.Lengths is not { } lengths || _description.Stride == 1) return input.Lengths;
        var after = tape.RentIntegers(input.Rows);
        for (var row = 0; row < input.Rows; row++)
            after[row] = ConvolutionOperation.TimeAfter(lengths[row], _description.KernelSize, _description.Stride, _description.Padding);
        return after;
    }

    private static LayerShape Check(ConvolutionDescription d, LayerShape input)
    {
        RequireSequence(d, input);
        if (d.Filters < 1) throw Misfit(d, $"a convolution must have at least 1 filter, not {d.Filters}.");
        if (d.KernelSize < 1) throw Misfit(d, $"the kernel of a convolution must have at least 1 step, not {d.KernelSize}.");
        if (d.Stride < 1) throw Misfit(d, $"the stride must be at least 1, not {d.Stride}.");
        if (d.Padding == ConvolutionPadding.Valid && input.Time < d.KernelSize)
            throw Misfit(d,
                $"its kernel of {d.KernelSize} steps is longer than the {input.Time} steps of the sequence. Use a smaller kernel, or Same or Causal padding.");
        return new LayerShape(Sequence: true, d.Filters,
            input.Time is { } time ? ConvolutionOperation.TimeAfter(time, d.KernelSize, d.Stride, d.Padding) : null);
    }

    /// <summary>With varying lengths, a short row must not lose all its steps or depend on the padding of the batch.</summary>
    public static void CheckVaryingLengths(ConvolutionDescription d)
    {
        if (d.Padding == ConvolutionPadding.Valid)
            throw Misfit(d, "with Valid padding a sequence shorter than the kernel has no output step. If lengths vary, use Same or Causal padding.");
        if (d.Padding == ConvolutionPadding.Same && d.Stride > 1)
            throw Misfit(d, "with Same padding and a stride the padding depends on the length. If lengths vary, use Causal padding or a stride of 1.");
    }
}
