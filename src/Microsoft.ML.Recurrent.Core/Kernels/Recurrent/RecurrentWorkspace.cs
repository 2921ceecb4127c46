using Microsoft.ML.Recurrent.Tensors;

namespace Microsoft.ML.Recurrent.Kernels.Recurrent;

/// <summary>
/// What a forward pass keeps for its backward pass: gates, states and memories of all steps, in pooled memory. The backward pass consumes it, as gates are
/// overwritten by their gradients: one backward pass per forward pass. A workspace can be reused for any shape; disposing it returns its memory.
/// </summary>
internal sealed unsafe class RecurrentWorkspace : IDisposable
{
    private long _gatesLength, _statesLength, _cellsLength;

    internal float* Gates { get; private set; }
    internal float* States { get; private set; }
    internal float* Cells { get; private set; }

    /// <summary>Whether a forward pass has filled the workspace and no backward pass has consumed it.</summary>
    internal bool IsFilled { get; set; }

    internal void Prepare(int steps, int batch, int hidden, nint gatesRow, bool hasCells)
    {
        Gates = Fit(Gates, ref _gatesLength, (long)steps * batch * gatesRow);
        States = Fit(States, ref _statesLength, (steps + 1L) * batch * hidden);
        Cells = Fit(Cells, ref _cellsLength, hasCells ? (steps + 1L) * batch * hidden : 0);
    }

    /// <summary>Returns all memory to the pool; the workspace can be reused afterwards.</summary>
    public void Dispose()
    {
        Prepare(0, 0, 0, 0, false);
        IsFilled = false;
    }

    private static float* Fit(float* buffer, ref long length, long wanted)
    {
        if (wanted == length)
            return buffer;
        BufferPool.Shared.ReturnFloats(buffer, length);
        length = wanted;
        return wanted == 0 ? null : BufferPool.Shared.RentFloats(wanted);
    }
}
