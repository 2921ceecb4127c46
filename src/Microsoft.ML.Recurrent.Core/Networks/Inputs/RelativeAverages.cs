using Microsoft.ML.Recurrent.Autograd;
using Microsoft.ML.Recurrent.Tensors;

namespace Microsoft.ML.Recurrent.Networks.Inputs;

/// <summary>Distances of features from their exponential averages. They are inputs, so there is no gradient.</summary>
internal static class RelativeAverages
{
    /// <summary>
    /// The first features of a window [time, rows, features] less the average of their values up to the step, a value n steps before with the weight
    /// (1 - 1 / length)^n: [time, rows, features x lengths], length by length. Missing values are left out of the averages; their own distance is missing.
    /// </summary>
    /// <param name="tape">Rents the tensor.</param>
    /// <param name="window">The window.</param>
    /// <param name="features">The number of leading features.</param>
    /// <param name="lengths">The lengths.</param>
    /// <param name="steps">The most steps of an average; 0 for all. With fewer, only steps that have as many before them are computed; the others are
    /// 0.</param>
    public static Tensor Apply(Tape tape, Tensor window, int features, ReadOnlySpan<int> lengths, int steps = 0)
    {
        var (time, rows, width) = (window.Shape[0], window.Shape[1], window.Shape[2]);
        var y = tape.Rent(new Shape(time, rows, features * lengths.Length));
        if (steps > 0) y.Span.Clear();
        for (var row = 0; row < rows; row++)
        {
            for (var i = 0; i < features * lengths.Length; i++)
            {
                var decay = 1 - 1.0 / lengths[i / features];
                if (steps == 0) Average(row, i, decay, 0, time, all: true);
                else for (var end = steps; end <= time; end++) Average(row, i, decay, end - steps, end, all: false);
            }
        }
        return y;

        void Average(int row, int i, double decay, int from, int to, bool all)
        {
            var (sum, weight) = (0.0, 0.0);
            for (var t = from; t < to; t++)
            {
                var value = window[(t * rows + row) * width + i % features];
                (sum, weight) = float.IsNaN(value) ? (sum * decay, weight * decay) : (sum * decay + value, weight * decay + 1);
                if (all || t == to - 1) y[(t * rows + row) * y.Shape[2] + i] = (float)(value - sum / weight);
            }
        }
    }
}
