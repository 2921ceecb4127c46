using Microsoft.ML.Recurrent.Autograd;
using Microsoft.ML.Recurrent.Tensors;

namespace Microsoft.ML.Recurrent.Networks.Inputs;

/// <summary>Inputs that are missing (NaN): zeros in the network's own space, beside a mask that says so.</summary>
internal static class MissingInputs
{
    /// <summary>1 where a number is missing, else 0; of the same shape.</summary>
    public static Tensor Mask(Tape tape, Tensor x)
    {
        var mask = tape.Rent(x.Shape);
        var from = x.Span;
        var to = mask.Span;
        for (var i = 0; i < from.Length; i++) to[i] = float.IsNaN(from[i]) ? 1 : 0;
        return mask;
    }

    /// <summary>The same of the first channels alone.</summary>
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

    /// <summary>0 for what is missing.</summary>
    public static Tensor Zeros(Tape tape, Tensor x)
    {
        var y = tape.Rent(x.Shape);
        var from = x.Span;
        var to = y.Span;
        for (var i = 0; i < from.Length; i++) to[i] = float.IsNaN(from[i]) ? 0 : from[i];
        return y;
    }
}
