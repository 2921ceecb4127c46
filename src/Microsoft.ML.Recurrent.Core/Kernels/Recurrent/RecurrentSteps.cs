namespace Microsoft.ML.Recurrent.Kernels.Recurrent;

/// <summary>The fused steps of a recurrent cell on one kernel path. Batch rows are independent, so any thread can run any part of them.</summary>
internal abstract unsafe class RecurrentSteps
{
    /// <summary>Floats needed by the packed recurrent weights of a forward or backward pass.</summary>
    public abstract long PackedLength(in RecurrentPass pass);

    /// <summary>Packs one of several parts of the recurrent weights [G*H, H] for the forward pass.</summary>
    public abstract void PackForward(in RecurrentPass pass, float* weightHh, int part, int parts);

    /// <summary>Packs one of several parts of the recurrent weights [G*H, H] for the backward pass.</summary>
    public abstract void PackBackward(in RecurrentPass pass, float* weightHh, int part, int parts);

    /// <summary>Runs all steps of the pass in order for some rows of the batch.</summary>
    public abstract void Forward(in RecurrentPass pass, int firstRow, int rows);

    /// <summary>Runs all steps of the pass in reverse order for some rows of the batch; gates are overwritten by their gradients.</summary>
    public abstract void Backward(in RecurrentPass pass, int firstRow, int rows);
}
