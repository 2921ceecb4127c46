using Microsoft.ML.Recurrent.Tensors;

namespace Microsoft.ML.Recurrent.Losses;

/// <summary>A cluster of rare words in an adaptive softmax (<see cref="AdaptiveSoftmaxLoss"/>).</summary>
/// <param name="Projection">[size, n]: the map of states [..., n] to the smaller vectors of the cluster.</param>
/// <param name="Weight">[words, size].</param>
internal sealed record SoftmaxTail(Tensor Projection, Tensor Weight);
