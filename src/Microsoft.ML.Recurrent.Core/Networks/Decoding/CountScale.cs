using Microsoft.ML.Recurrent.Autograd;
using Microsoft.ML.Recurrent.Networks.Inputs;
using Microsoft.ML.Recurrent.Tensors;

namespace Microsoft.ML.Recurrent.Networks.Decoding;

/// <summary>
/// The unit of counts as in DeepAR (Salinas et al. 2020): one plus a target's mean over its window, in the data's own unit, so that one network serves series
/// of few counts and of many. A step's mean is the unit times the softplus of what the network says.
/// </summary>
internal static class CountScale
{
    /// <summary>Each target's unit, [rows, targets].</summary>
    /// <param name="tape">Rents the tensor.</param>
    /// <param name="space">The window and how it was normalised.</param>
    /// <param name="targets">How many of the first features are counts.</param>
    /// <param name="lengths">True steps of each row; null where all count.</param>
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
