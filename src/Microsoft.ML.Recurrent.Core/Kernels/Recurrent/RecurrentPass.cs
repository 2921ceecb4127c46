namespace Microsoft.ML.Recurrent.Kernels.Recurrent;

/// <summary>
/// What the steps of one call read and write. "Gates" has a row of <see cref="GatesRow"/> floats for each step and batch row: it receives the input projection,
/// becomes the activated gates, and in the backward pass their gradients, which the weight gradients are made of. An LSTM's row is i, f, g, o; a GRU's n, r, z,
/// q, where q is the recurrent part of n (or r * h where the reset gate comes first), so that the gates of the input (n, r, z) and of the state (r, z, q) are
/// both contiguous. The row of every cell with a candidate is like that: first the candidate, then the other gates, then its recurrent part.
/// </summary>
internal unsafe struct RecurrentPass
{
    public CellDescriptor Cell;
    public Activation Activation;
    public float ActivationAlpha;
    public bool Reverse;
    public int Batch, Hidden;

    /// <summary>The steps of this pass: [FirstStep, EndStep) of the time axis; Gates, States and Cells begin at FirstStep.</summary>
    public int FirstStep, EndStep;

    public int* Lengths;
    public float* Gates;
    public nint GatesRow;

    /// <summary>States [steps + 1, B, H] in time order: step t leads from slot t to t + 1, or from t + 1 to t where reversed. Cells likewise (LSTM).</summary>
    public float* States, Cells;

    /// <summary>Whether the state before the first step to be run is zero, so that its product may be skipped.</summary>
    public bool StartsAtZero;

    /// <summary>
    /// Biases in the order of the gates' row; the last block of a cell with a candidate holds the recurrent bias of that, where the reset gate comes after the
    /// product.
    /// </summary>
    public float* Bias;

    /// <summary>Recurrent weights, packed for this direction of the pass.</summary>
    public float* Weights;

    public float* Y;
    public nint YRow;

    // Backward only.
    public float* Dy;
    public nint DyRow;

    /// <summary>Gradient that reaches a state other than through the gates [B, H]: starts as that of the final state.</summary>
    public float* CarriedState;

    /// <summary>Gradient of the cell [B, H]: starts as that of the final cell.</summary>
    public float* CarriedCell;

    /// <summary>Receives the gradient of the initial state [B, H], or is null.</summary>
    public float* Dh0;
}
