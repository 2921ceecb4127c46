namespace Microsoft.ML.Recurrent.Kernels.Recurrent;

/// <summary>
/// One direction of a recurrent layer over a whole padded batch. T, B, I and H are <see cref="Time"/>, <see cref="Batch"/>, <see cref="InputSize"/> and
/// <see cref="HiddenSize"/>; G is the number of gates. All matrices are row-major; weights have PyTorch's layout and gate order.
/// </summary>
internal unsafe struct RecurrentArguments
{
    /// <summary>The cell.</summary>
    public CellDescriptor Cell;

    /// <summary>The activation of a simple RNN: tanh, ReLU, leaky ReLU, ELU or sigmoid. Ignored by other cells.</summary>
    public Activation Activation;

    /// <summary>The constant of the activation.</summary>
    public float ActivationAlpha;

    /// <summary>GRU: whether the reset gate is applied before the recurrent product (Cho et al. 2014) or after it (cuDNN, PyTorch).</summary>
    public bool ResetBefore;

    /// <summary>Whether time runs from the last step to the first.</summary>
    public bool Reverse;

    public int Time, Batch, InputSize, HiddenSize;

    /// <summary>The length of each of the B rows, 0 to T; null if all have T steps.</summary>
    public int* Lengths;

    /// <summary>Inputs [T, B, I]; rows are <see cref="XRow"/> floats apart (0 means I).</summary>
    public float* X;
    public nint XRow;

    /// <summary>Input weights [G*H, I].</summary>
    public float* WeightIh;

    /// <summary>Recurrent weights [G*H, H].</summary>
    public float* WeightHh;

    /// <summary>Biases [G*H], or null.</summary>
    public float* BiasIh, BiasHh;

    /// <summary>Peephole weights [peepholes of the cell, H], or null.</summary>
    public float* Peephole;

    /// <summary>The initial state [B, H] and memory, if the cell has one; null for zeros.</summary>
    public float* H0, C0;

    /// <summary>
    /// Outputs [T, B, H], 0 past the length of a row; rows are <see cref="YRow"/> floats apart (0 means H). The two directions of a layer can write the halves
    /// of one [T, B, 2H] tensor: pass Y + H and YRow = 2H for the second.
    /// </summary>
    public float* Y;
    public nint YRow;

    /// <summary>
    /// The state [B, H] after the last valid step of each row (the first step if reversed), and the memory, if the cell has one; null if not wanted.
    /// </summary>
    public float* Hn, Cn;

    /// <summary>The rows of the weights: G x H.</summary>
    public readonly int GateColumns => HiddenSize * Cell.Gates;

    internal readonly bool ResetsBefore => Cell.ResetsBefore(ResetBefore);

    // The rows of the weights before those of the candidate.
    internal readonly int OpenColumns => GateColumns - (Cell.HasCandidate ? HiddenSize : 0);

    internal readonly nint XStride => XRow == 0 ? InputSize : XRow;
    internal readonly nint YStride => YRow == 0 ? HiddenSize : YRow;
}

/// <summary>The gradients of one call: output gradients are read, those of inputs and parameters are accumulated. Null means zero or not wanted.</summary>
internal unsafe struct RecurrentGradients
{
    /// <summary>Gradient of the outputs; rows are <see cref="DyRow"/> floats apart (0 means H). Values past the length of a row are ignored.</summary>
    public float* Dy;
    public nint DyRow;

    /// <summary>Gradients of the final state and memory [B, H].</summary>
    public float* Dhn, Dcn;

    /// <summary>Receives the gradient of the inputs; rows are <see cref="DxRow"/> floats apart (0 means I).</summary>
    public float* Dx;
    public nint DxRow;

    /// <summary>Whether Dx is overwritten instead of accumulated.</summary>
    public bool OverwriteDx;

    /// <summary>Receive the gradients of the parameters, in the same layouts.</summary>
    public float* DWeightIh, DWeightHh, DBiasIh, DBiasHh, DPeephole;

    /// <summary>Receive the gradients of the initial state and memory [B, H].</summary>
    public float* Dh0, Dc0;
}
