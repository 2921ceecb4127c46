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
        for (var row = 0; row < rows; row++)
        {
            for (var i = 0; i < features * lengths.Length; i++)
            {
                var (decay, sum, weight) = (1 - 1.0 / lengths[i / features], 0.0, 0.0);
                var share = Math.Pow(decay, steps);
                for (var t = 0; t < time; t++)
                {
                    var value = window[(t * rows + row) * width + i % features];
                    (sum, weight) = float.IsNaN(value) ? (sum * decay, weight * decay) : (sum * decay + value, weight * decay + 1);
                    // What leaves the window of the step.
                    if (steps > 0 && t >= steps && window[((t - steps) * rows + row) * width + i % features] is var old && !float.IsNaN(old))
                        (sum, weight) = (sum - share * old, weight - share);
                    y[(t * rows + row) * features * lengths.Length + i] = (float)(value - sum / weight);
                }
            }
        }
        return y;
    }
}
