namespace Microsoft.ML.Recurrent.Layers;

/// <summary>How gradients go back through the steps of long sequences.</summary>
/// <param name="SegmentSteps">Steps of a segment, of which only the states at its ends are kept (<see cref="Autograd.Operations.RecurrentSegments"/>); null to
/// keep all.</param>
/// <param name="TruncationSteps">Steps after which gradients of recurrent states end (<see cref="Kernels.Recurrent.Truncation"/>); null where they go back to
/// the sequence's beginning.</param>
internal readonly record struct BpttOptions(int? SegmentSteps, int? TruncationSteps);
