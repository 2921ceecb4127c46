namespace Microsoft.ML.Recurrent.Kernels.Recurrent;

/// <summary>
/// The fused steps of one recurrent cell on one path. Batch rows are independent of each other, so any part of them may be run on any thread.
/// </summary>
internal abstract unsafe class RecurrentSteps
{
    /// <summary>Floats that the packed recurrent weights of a forward or backward pass need.</summary>
    public abstract long PackedLength(in RecurrentPass pass);

    /// <summary>Packs one of several parts of the recurrent weights [G*H, H] for the forward pass.</summary>
    public abstract void PackForward(in RecurrentPass pass, float* weightHh, int part, int parts);

    /// <summary>Packs one of several parts of the recurrent weights [G*H, H] for the backward pass.</summary>
    public abstract void PackBackward(in RecurrentPass pass, float* weightHh, int part, int parts);

    /// <summary>Runs all steps of the pass, in their order, for some rows of the batch.</summary>
    public abstract void Forward(in RecurrentPass pass, int firstRow, int rows);

    /// <summary>Runs all steps of the pass backwards for some rows of the batch; the gates become their gradients.</summary>
    public abstract void Backward(in RecurrentPass pass, int firstRow, int rows);
}
