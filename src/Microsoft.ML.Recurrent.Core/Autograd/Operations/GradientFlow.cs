using Microsoft.ML.Recurrent.Kernels;

namespace Microsoft.ML.Recurrent.Autograd.Operations;

/// <summary>
/// How much gradient reaches either end of the sequences of one direction of a recurrent layer: sums of squares of the gates' gradients over the first quarter
/// of each row's own steps and over the last, whatever the rows' lengths. Taken from the gates after the backward pass, all at once or segment by segment.
/// </summary>
internal sealed unsafe class GradientFlow
{
    private readonly int _time, _rows, _columns, _stride;
    private readonly int[]? _lengths;
    private double _first, _last;

    /// <param name="options">The cell.</param>
    /// <param name="time">Steps of the batch.</param>
    /// <param name="rows">Its rows.</param>
    /// <param name="lengths">True steps of each row, or null where all have all.</param>
    public GradientFlow(in RecurrentOptions options, int time, int rows, int[]? lengths)
    {
        (_time, _rows, _lengths) = (time, rows, lengths);
        // The further block of a cell with a candidate is not a gate.
        (_columns, _stride) = (options.Cell.Gates * options.HiddenSize, options.Cell.KeptBlocks * options.HiddenSize);
    }

    /// <summary>Adds the gates' gradients [steps, rows, gates] of the steps from <paramref name="start"/> on.</summary>
    public void Add(float* gates, int start, int steps)
    {
        for (var step = start; step < start + steps; step++)
        {
            for (var row = 0; row < _rows; row++, gates += _stride)
            {
                var length = _lengths is null ? _time : _lengths[row];
                var quarter = Math.Max(1, length / 4);
                if (length < 2 || step >= length || (step >= quarter && step < length - quarter)) continue;
                double squares = CpuKernels.Current.SumOfSquares(gates, _columns);
                if (step < quarter) _first += squares;
                else _last += squares;
            }
        }
    }

    /// <summary>Tells the gradient at the end that the states come to last, seen from the loss, as a share of that where the gradient enters.</summary>
    public void Tell(ITapeObserver observer, string? layer, bool reverse)
    {
        var (far, near) = reverse ? (_last, _first) : (_first, _last);
        if (layer is not null && near > 0) observer.GradientFlow(layer, reverse, Math.Sqrt(far / near));
    }
}
