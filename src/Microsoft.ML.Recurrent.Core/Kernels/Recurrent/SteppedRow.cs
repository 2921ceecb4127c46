namespace Microsoft.ML.Recurrent.Kernels.Recurrent;

/// <summary>Where one row of one step lies in the memory of a <see cref="SteppedPass"/>; H hidden units, P numbers of the state.</summary>
internal unsafe struct SteppedRow
{
    /// <summary>Whether the row has not ended.</summary>
    public bool IsActive;

    /// <summary>The row's number among all rows and steps; of the state before and after it among those of the states.</summary>
    public nint Position, Before, After;

    /// <summary>The row's gates, first their input products; backward they become their gradients.</summary>
    public float* Gates;

    /// <summary>Recurrent products of the gates, later of the candidate; backward the gradient of what the candidate's product is taken of [H].</summary>
    public float* Products;

    /// <summary>The state before [P], the same as the gates read it, and where the state goes [H].</summary>
    public float* State, Read, Next;

    /// <summary>What the state is multiplied by before the gates read it [P], or null.</summary>
    public float* Mask;

    /// <summary>Gradient of the state [H]; the part of it that goes to the state before [P]; the gradient of the memory [H].</summary>
    public float* Gradient, Carried, CarriedMemory;

    /// <summary>Backward, room that lasts until the candidate's product is known [H]; other room [max(H, P)], backward [9 x H].</summary>
    public float* Rest, Spare;
}
