using Microsoft.ML.Recurrent.Tensors;

namespace Microsoft.ML.Recurrent.Kernels.Recurrent;

/// <summary>
/// What a forward pass of <see cref="SteppedPass"/> keeps for its backward pass, in pooled memory. The backward pass consumes it: gates are overwritten by
/// their gradients.
/// </summary>
internal unsafe struct SteppedMemory : IDisposable
{
    private float* _all;
    private long _length;

    /// <summary>Gates [T, B, gates]; states and memories before and after all steps [T + 1, B, ...].</summary>
    public float* Gates { get; private set; }
    public float* States { get; private set; }
    public float* Cells { get; private set; }

    /// <summary>Memories before zoneout, null without zoneout; their tanh; the state before projection. All [T, B, H].</summary>
    public float* Fresh { get; private set; }
    public float* Tanh { get; private set; }
    public float* Full { get; private set; }

    /// <summary>The states read by the gates, after dropout [T, B, P].</summary>
    public float* Masked { get; private set; }

    /// <summary>Products before normalization [T, B, G], and the means of all rows followed by the inverse deviations.</summary>
    public float* RawIh { get; private set; }
    public float* RawHh { get; private set; }
    public float* MeansIh { get; private set; }
    public float* MeansHh { get; private set; }
    public float* MeansC { get; private set; }

    public void Prepare(in SteppedPass pass)
    {
        Dispose();
        long rows = (long)pass.Time * pass.Batch, hidden = rows * pass.HiddenSize, states = (rows + pass.Batch) * pass.StateSize, gates = rows * pass.GateRows;
        bool hasMemory = pass.Cell.HasMemory, zones = pass.KeepCell != null || pass.ZoneoutCell != 0;
        long offset = 0;
        // Computes offsets first: one buffer holds everything.
        long gatesAt = Take(true, rows * pass.GatesRow), statesAt = Take(true, states), cellsAt = Take(hasMemory, hidden + (long)pass.Batch * pass.HiddenSize);
        long freshAt = Take(hasMemory && (zones || pass.Normalizes), hidden), tanhAt = Take(hasMemory, hidden), fullAt = Take(pass.Projects, hidden);
        var maskedAt = Take(pass.HiddenMask != null, rows * pass.StateSize);
        long rawIhAt = Take(pass.Normalizes, gates), rawHhAt = Take(pass.Normalizes, gates);
        long meansIhAt = Take(pass.Normalizes, 2 * rows), meansHhAt = Take(pass.Normalizes, 2 * rows), meansCAt = Take(pass.Normalizes, 2 * rows);
        _length = Math.Max(1, offset);
        _all = BufferPool.Shared.RentFloats(_length);
        Gates = At(gatesAt);
        States = At(statesAt);
        Cells = At(cellsAt);
        Fresh = At(freshAt);
        Tanh = At(tanhAt);
        Full = At(fullAt);
        Masked = At(maskedAt);
        RawIh = At(rawIhAt);
        RawHh = At(rawHhAt);
        MeansIh = At(meansIhAt);
        MeansHh = At(meansHhAt);
        MeansC = At(meansCAt);

        // Every part starts on a cache line.
        long Take(bool wanted, long length)
        {
            if (!wanted) return -1;
            var at = offset;
            offset += (length + 15) / 16 * 16;
            return at;
        }
    }

    /// <summary>Returns the memory to the pool; it can be prepared again.</summary>
    public void Dispose()
    {
        if (_all != null) BufferPool.Shared.ReturnFloats(_all, _length);
        _all = null;
        _length = 0;
    }

    private readonly float* At(long offset) => offset < 0 ? null : _all + offset;
}
