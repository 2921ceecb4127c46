using Microsoft.ML.Recurrent.Kernels;

namespace Microsoft.ML.Recurrent.Autograd.Operations;

/// <summary>
/// Measures the gradient at both ends of the sequences of one direction of a recurrent layer: sums of squares of the gate gradients over the first and the last
/// quarter of the valid steps of each row. Read from the gates after the backward pass, at once or segment by segment.
/// </summary>
internal sealed unsafe class GradientFlow
{
    private readonly int _time, _rows, _columns, _stride;
    private readonly int[]? _lengths;
    private double _first, _last;

    /// <param name="options">The cell.</param>
    /// <param name="time">Steps of the batch.</param>
    /// <param name="rows">Rows of the batch.</param>
    /// <param name="lengths">Valid steps of each row; null if all are valid.</param>
    public GradientFlow(in RecurrentOptions options, int time, int rows, int[]? lengths)
    {
        (_time, _rows, _lengths) = (time, rows, lengths);
        // The additional block of a cell with a candidate is not a gate.
        (_columns, _stride) = (options.Cell.Gates * options.HiddenSize, options.Cell.KeptBlocks * options.HiddenSize);
    }

    /// <summary>Adds the gate gradients [steps, rows, gates] of the steps from <paramref name="start"/> on.</summary>
    public void Add(float* gates, int start, int steps)
    {
        for (var step = start; step < start + steps; step++)
        {
            for (var row = 0; row < _rows; row++, gates += _stride)
            {
                var length = _lengths is null ? _time : _lengths[row];
                var quarter = Math.Max(1, length / 4);
                if (length < 2 || step >= length || (step >= quarter && step < length - quarter)) continue;
                var squares = CpuKernels.Current.SumOfSquares(gates, _columns);
                if (step < quarter) _first += squares;
                else _last += squares;
            }
        }
    }

    /// <summary>Reports the gradient at the end farthest from the loss divided by that at the end where the gradient enters.</summary>
    public void Tell(ITapeObserver observer, string? layer, bool reverse)
    {
        var (far, near) = reverse ? (_last, _first) : (_first, _last);
        if (layer is not null && near > 0) observer.GradientFlow(layer, reverse, Math.Sqrt(far / near));
    }
}
