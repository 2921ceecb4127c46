using Microsoft.ML.Recurrent.Tensors;

namespace Microsoft.ML.Recurrent.Autograd;

/// <summary>Observes a pass without changing it.</summary>
internal interface ITapeObserver
{
    /// <summary>Called with the output of a layer.</summary>
    /// <param name="layer">The layer's name.</param>
    /// <param name="output">[time, rows, features], or [rows, features] after pooling.</param>
    /// <param name="lengths">Valid steps of each row; null if all are valid.</param>
    void LayerEnded(string layer, Tensor output, int[]? lengths);

    /// <summary>
    /// Called in the backward pass of each direction of a recurrent layer. <paramref name="share"/> is the gradient norm of the gates over the quarter of each
    /// sequence farthest from the loss divided by that over the nearest quarter: first over last steps, for the reverse direction last over first.
    /// </summary>
    void GradientFlow(string layer, bool reverse, double share);
}
