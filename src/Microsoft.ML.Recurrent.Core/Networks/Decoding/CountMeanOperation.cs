using Microsoft.ML.Recurrent.Autograd;
using Microsoft.ML.Recurrent.Likelihoods;
using Microsoft.ML.Recurrent.Networks.Inputs;
using Microsoft.ML.Recurrent.Tensors;

namespace Microsoft.ML.Recurrent.Networks.Decoding;

/// <summary>
/// Converts forecasts of a likelihood in data units (means of counts) to decoder inputs: from network outputs to the normalized space of the window.
/// </summary>
internal sealed class CountMeanOperation : Operation
{
    private int _offset;

    /// <summary>[1, rows, n] to [1, rows, targets].</summary>
    /// <param name="tape">Records the operation.</param>
    /// <param name="answer">The output of a step.</param>
    /// <param name="likelihood">Computes the forecast from an output.</param>
    /// <param name="offset">The index of the first mean in the output.</param>
    /// <param name="unit">The unit of each target's counts, [rows, targets].</param>
    /// <param name="space">The space of the result.</param>
    public static Tensor Apply(Tape tape, Tensor answer, Likelihood likelihood, int offset, Tensor unit, in WindowSpace space)
    {
        var (rows, n, targets) = (answer.Shape.Rows, answer.Shape.Columns, unit.Shape.Columns);
        var y = tape.Rent(new Shape(1, rows, targets));
        var slopes = Tensor.Rent(unit.Shape);
        for (var i = 0; i < y.Length; i++)
        {
            var (row, target) = (i / targets, i % targets);
            y[i] = space.FromData(likelihood.Forecast(answer[row * n + offset + target], unit[i], out var slope), row, target);
            slopes[i] = slope * space.UnitFromData(row, target);
        }

        if (tape.Record<CountMeanOperation>(y, answer) is { } record) (record._kept, record._offset) = (slopes, offset);
        else slopes.Dispose();
        return y;
    }

    public override void Backward(Tape tape)
    {
        var gradient = Tape.GradientOf(Operands.First)!;
        var (upstream, targets, n) = (Output.Gradient!, Output.Shape.Columns, gradient.Shape.Columns);
        for (var i = 0; i < upstream.Length; i++) gradient[i / targets * n + _offset + i % targets] += upstream[i] * _kept![i];
    }
}
