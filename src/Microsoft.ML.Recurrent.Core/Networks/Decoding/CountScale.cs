using Microsoft.ML.Recurrent.Autograd;
using Microsoft.ML.Recurrent.Networks.Inputs;
using Microsoft.ML.Recurrent.Tensors;

namespace Microsoft.ML.Recurrent.Networks.Decoding;

/// <summary>
/// The scale of counts, as in DeepAR (Salinas et al. 2020): one plus the mean of a target over its window, in data units, so that one network serves small and
/// large counts. The mean of a step is this scale times the softplus of a network output.
/// </summary>
internal static class CountScale
{
    /// <summary>The scale of each target, [rows, targets].</summary>
    /// <param name="tape">Rents the tensor.</param>
    /// <param name="space">The window and its statistics.</param>
    /// <param name="targets">The number of leading features that are counts.</param>
    /// <param name="lengths">Valid steps of each row; null if all are valid.</param>
    public static Tensor Create(Tape tape, in WindowSpace space, int targets, int[]? lengths = null)
    {
        var window = space.Window;
        var (time, rows, features) = (window.Shape[0], window.Shape[1], window.Shape[2]);
        var unit = tape.Rent(new Shape(rows, targets));
        for (var row = 0; row < rows; row++)
        {
            var length = lengths is null ? time : lengths[row];
            for (var target = 0; target < targets; target++)
            {
                double sum = 0;
                for (var t = 0; t < length; t++) sum += window[(t * rows + row) * features + target];
                unit[row * targets + target] = 1 + Math.Max(0, space.ToData((float)(sum / length), row, target));
            }
        }
        return unit;
    }
}
