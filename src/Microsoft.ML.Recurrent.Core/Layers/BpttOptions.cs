namespace Microsoft.ML.Recurrent.Layers;

/// <summary>Backpropagation through long sequences.</summary>
/// <param name="SegmentSteps">Segment length for gradient checkpointing: only the states between segments are kept
/// (<see cref="Autograd.Operations.RecurrentSegments"/>). Null to keep all.</param>
/// <param name="TruncationSteps">Steps after which state gradients are cut (<see cref="Kernels.Recurrent.Truncation"/>); null to go back to the start of the
/// sequence.</param>
internal readonly record struct BpttOptions(int? SegmentSteps, int? TruncationSteps);
