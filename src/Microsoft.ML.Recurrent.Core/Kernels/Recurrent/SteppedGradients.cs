namespace Microsoft.ML.Recurrent.Kernels.Recurrent;

/// <summary>
/// The gradients of one <see cref="SteppedPass"/>: those of outputs come in, all others are added to. A null pointer means zero, or not wanted.
/// </summary>
internal unsafe struct SteppedGradients
{
    /// <summary>Gradient of the outputs [T, B, P], rows DyRow apart; of the last state and cell.</summary>
    public float* Dy, Dhn, Dcn;
    public nint DyRow;

    /// <summary>Receive the gradients of inputs, weights, biases and the initial state, in their layouts.</summary>
    public float* Dx, DWeightIh, DWeightHh, DBiasIh, DBiasHh, DWeightHr, DGainIh, DGainHh, DGainC, DBiasC, Dh0, Dc0;
}
