using Microsoft.ML.Recurrent.Tensors;

namespace Microsoft.ML.Recurrent.Autograd.Operations;

/// <summary>x + scale * y of two numbers: losses of two heads.</summary>
internal sealed class AddScaledOperation : Operation
{
    private float _scale;

    public static Tensor Apply(Tape tape, Tensor x, Tensor y, float scale)
    {
        var sum = tape.Rent(new Shape(1));
        sum.Span[0] = x.Span[0] + scale * y.Span[0];
        if (tape.Record<AddScaledOperation>(sum, x, y) is { } record) record._scale = scale;
        return sum;
    }

    public override void Backward(Tape tape)
    {
        var upstream = Output.Gradient!.Span[0];
        Add(Operands.First, upstream);
        Add(Operands.Second, upstream * _scale);
    }

    private static void Add(Tensor? operand, float slope)
    {
        if (Tape.GradientOf(operand, out var accumulate) is not { } gradient) return;
        gradient.Span[0] = accumulate ? gradient.Span[0] + slope : slope;
    }
}
