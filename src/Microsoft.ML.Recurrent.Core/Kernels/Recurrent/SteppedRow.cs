namespace Microsoft.ML.Recurrent.Kernels.Recurrent;

/// <summary>Pointers to the data of one row and step of a <see cref="SteppedPass"/>; H hidden units, P state size.</summary>
internal unsafe struct SteppedRow
{
    /// <summary>Whether the row has not ended.</summary>
    public bool IsActive;

    /// <summary>The index of the row among all rows and steps, and of the states before and after it among the states.</summary>
    public nint Position, Before, After;

    /// <summary>The gates of the row, initially their input products; overwritten by their gradients in the backward pass.</summary>
    public float* Gates;

    /// <summary>
    /// Recurrent products of the gates, later of the candidate; in the backward pass the gradient of the operand of the candidate's product [H].
    /// </summary>
    public float* Products;

    /// <summary>The previous state [P], the same as read by the gates, and the destination of the new state [H].</summary>
    public float* State, Read, Next;

    /// <summary>Dropout mask of the state read by the gates [P], or null.</summary>
    public float* Mask;

    /// <summary>Gradient of the state [H]; its part for the previous state [P]; gradient of the memory [H].</summary>
    public float* Gradient, Carried, CarriedMemory;

    /// <summary>Backward scratch that lasts until the candidate's product is known [H]; other scratch [max(H, P)], backward [9 x H].</summary>
    public float* Rest, Spare;
}
