using Microsoft.ML.Recurrent.Tensors;

namespace Microsoft.ML.Recurrent.Autograd;

/// <summary>Something that looks at a pass without changing it.</summary>
internal interface ITapeObserver
{
    /// <summary>Told what a layer of the network gives.</summary>
    /// <param name="layer">The layer's name.</param>
    /// <param name="output">[time, rows, features], or [rows, features] where the steps have been pooled.</param>
    /// <param name="lengths">True steps of each row; null where all count.</param>
    void LayerEnded(string layer, Tensor output, int[]? lengths);

    /// <summary>
    /// Told, in the backward pass of a direction of a recurrent layer, the norm of the gates' gradients over the quarter of each sequence's steps that is
    /// farthest from the loss, as a share of that over the nearest quarter: the first steps over the last ones, of a reverse direction the last over the first.
    /// </summary>
    void GradientFlow(string layer, bool reverse, double share);
}
