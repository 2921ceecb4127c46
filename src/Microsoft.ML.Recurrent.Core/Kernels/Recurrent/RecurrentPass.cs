namespace Microsoft.ML.Recurrent.Kernels.Recurrent;

/// <summary>
/// The buffers of the steps of one call. "Gates" has a row of <see cref="GatesRow"/> floats per step and batch row: first the input projection, then the
/// activated gates and, in the backward pass, their gradients, from which the weight gradients are computed. The row of an LSTM is i, f, g, o; that of a GRU n,
/// r, z, q, where q is the recurrent part of n (or r * h if the reset gate comes first), so that the gates of the input (n, r, z) and of the state (r, z, q)
/// are both contiguous. All cells with a candidate use this order: candidate, other gates, recurrent part of the candidate.
/// </summary>
internal unsafe struct RecurrentPass
{
    public CellDescriptor Cell;
    public Activation Activation;
    public float ActivationAlpha;
    public bool Reverse;
    public int Batch, Hidden;

    /// <summary>The steps of this pass: [FirstStep, EndStep) of the time axis; Gates, States and Cells start at FirstStep.</summary>
    public int FirstStep, EndStep;

    public int* Lengths;
    public float* Gates;
    public nint GatesRow;

    /// <summary>States [steps + 1, B, H] in time order: step t leads from slot t to t + 1, or from t + 1 to t if reversed. Cells likewise (LSTM).</summary>
    public float* States, Cells;

    /// <summary>Whether the state before the first step is zero, so that its product can be skipped.</summary>
    public bool StartsAtZero;

    /// <summary>
    /// Biases in the order of the row of gates. For a cell with a candidate and the reset gate after the product, the last block holds the recurrent bias of
    /// the candidate.
    /// </summary>
    public float* Bias;

    /// <summary>Peephole weights [peepholes of the cell, H], or null.</summary>
    public float* Peephole;

    /// <summary>Recurrent weights, packed for this direction of the pass.</summary>
    public float* Weights;

    public float* Y;
    public nint YRow;

    // Backward only.
    public float* Dy;
    public nint DyRow;

    /// <summary>Gradient of a state [B, H] that bypasses the gates; initialized with that of the final state.</summary>
    public float* CarriedState;

    /// <summary>Gradient of the memory [B, H]; initialized with that of the final memory.</summary>
    public float* CarriedCell;

    /// <summary>Receives the gradient of the initial state [B, H], or is null.</summary>
    public float* Dh0;
}
