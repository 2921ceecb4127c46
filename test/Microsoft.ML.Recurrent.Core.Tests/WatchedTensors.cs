using Microsoft.ML.Recurrent.Autograd;
using Microsoft.ML.Recurrent.Tensors;

namespace Microsoft.ML.Recurrent.Core.Tests;

/// <summary>Gradients of inputs: the product asks for those of parameters alone.</summary>
internal static class WatchedTensors
{
    extension(Tape)
    {
        /// <summary>Asks for the gradient with respect to a tensor, found in its <see cref="Tensor.Gradient"/> after the backward pass.</summary>
        public static Tensor Watch(Tensor tensor)
        {
            tensor.RequiresGradient = true;
            return tensor;
        }
    }
}
