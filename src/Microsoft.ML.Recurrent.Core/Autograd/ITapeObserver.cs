using Microsoft.ML.Recurrent.Layers;
using Microsoft.ML.Recurrent.Tensors;

namespace Microsoft.ML.Recurrent.Autograd;

/// <summary>Something that looks at a pass without changing it.</summary>
internal interface ITapeObserver
{
    /// <summary>Told what a layer of the network gives.</summary>
    void LayerEnded(Layer layer, in Signal output);

    /// <summary>Told, in the backward pass of a recurrent layer, the norm of the gates' gradients at each step, the first step first.</summary>
    void GateGradients(Tensor output, bool reverse, ReadOnlySpan<double> normsByStep);
}
