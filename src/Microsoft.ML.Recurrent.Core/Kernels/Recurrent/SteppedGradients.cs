namespace Microsoft.ML.Recurrent.Kernels.Recurrent;

/// <summary>The gradients of one <see cref="SteppedPass"/>: output gradients are read, all others are accumulated. Null means zero or not wanted.</summary>
internal unsafe struct SteppedGradients
{
    /// <summary>Gradients of the outputs [T, B, P], with rows DyRow apart, and of the final state and memory.</summary>
    public float* Dy, Dhn, Dcn;
    public nint DyRow;

    /// <summary>Receive the gradients of inputs, weights, biases and initial state, in the same layouts.</summary>
    public float* Dx, DWeightIh, DWeightHh, DBiasIh, DBiasHh, DWeightHr, DGainIh, DGainHh, DGainC, DBiasC, DPeephole, Dh0, Dc0;
}
