using Microsoft.ML.Recurrent.Autograd;
using Microsoft.ML.Recurrent.Tensors;

namespace Microsoft.ML.Recurrent.Networks.Inputs;

/// <summary>Missing inputs (NaN): replaced by zeros in the network's space, with a mask as additional features.</summary>
internal static class MissingInputs
{
    /// <summary>1 where a value is missing, otherwise 0; same shape.</summary>
    public static Tensor Mask(Tape tape, Tensor x)
    {
        var mask = tape.Rent(x.Shape);
        var from = x.Span;
        var to = mask.Span;
        for (var i = 0; i < from.Length; i++) to[i] = float.IsNaN(from[i]) ? 1 : 0;
        return mask;
    }

    /// <summary>The mask of the first channels only.</summary>
    public static Tensor Mask(Tape tape, Tensor x, int channels)
    {
        var all = x.Shape.Columns;
        var mask = tape.Rent(new Shape(x.Shape[0], x.Shape[1], channels));
        var from = x.Span;
        var to = mask.Span;
        for (var row = 0; row < x.Shape.Rows; row++)
            for (var i = 0; i < channels; i++) to[row * channels + i] = float.IsNaN(from[row * all + i]) ? 1 : 0;
        return mask;
    }

    /// <summary>Replaces missing values by 0.</summary>
    public static Tensor Zeros(Tape tape, Tensor x)
    {
        var y = tape.Rent(x.Shape);
        var from = x.Span;
        var to = y.Span;
        for (var i = 0; i < from.Length; i++) to[i] = float.IsNaN(from[i]) ? 0 : from[i];
        return y;
    }
}
