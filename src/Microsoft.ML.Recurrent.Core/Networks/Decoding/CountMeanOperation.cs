using Microsoft.ML.Recurrent.Autograd;
using Microsoft.ML.Recurrent.Distributions;
using Microsoft.ML.Recurrent.Networks.Inputs;
using Microsoft.ML.Recurrent.Tensors;

namespace Microsoft.ML.Recurrent.Networks.Decoding;

/// <summary>The means of counts as a decoder is fed with them: carried from what the network says of a step (by way of softplus, in the window's unit of counts) into the window's normalised space.</summary>
internal sealed class CountMeanOperation : Operation
{
    private Tensor? _answer, _slopes;
    private int _offset;

    /// <summary>[1, rows, n] to [1, rows, targets].</summary>
    /// <param name="tape">Writes the operation down.</param>
    /// <param name="answer">A step's answer.</param>
    /// <param name="offset">The first of the answer's numbers that say means.</param>
    /// <param name="unit">The targets' units of counts, [rows, targets].</param>
    /// <param name="space">Where the means go.</param>
    public static Tensor Apply(Tape tape, Tensor answer, int offset, Tensor unit, in WindowSpace space)
    {
        var (rows, n, targets) = (answer.Shape.Rows, answer.Shape.Columns, unit.Shape.Columns);
        var y = tape.Rent(new Shape(1, rows, targets));
        var slopes = Tensor.Rent(unit.Shape);
        for (var i = 0; i < y.Length; i++)
        {
            var (row, target) = (i / targets, i % targets);
            var mean = Math.Max((float)SpecialFunctions.Softplus(answer[row * n + offset + target], out var slope), NegativeBinomialQuantile.MinimumParameter);
            y[i] = space.FromData(unit[i] * mean, row, target);
            slopes[i] = (float)slope * unit[i] * space.UnitFromData(row, target);
        }

        if (tape.Record<CountMeanOperation>(y, answer) is { } record) (record._answer, record._slopes, record._offset) = (answer, slopes, offset);
        else slopes.Dispose();
        return y;
    }

    public override void Backward(Tape tape)
    {
        var gradient = Tape.GradientOf(_answer)!;
        var (upstream, targets, n) = (Output.Gradient!, Output.Shape.Columns, gradient.Shape.Columns);
        for (var i = 0; i < upstream.Length; i++) gradient[i / targets * n + _offset + i % targets] += upstream[i] * _slopes![i];
    }

    public override void Release()
    {
        _slopes?.Dispose();
        (_answer, _slopes) = (null, null);
        base.Release();
    }
}
