using System.Runtime.CompilerServices;
using Microsoft.ML.Recurrent.Tensors;

namespace Microsoft.ML.Recurrent.Kernels.Recurrent;

/// <summary>
/// One direction of a recurrent layer with options that the fused kernels lack: projected state (Sak et al. 2014), zoneout (Krueger et al. 2017), dropout of
/// the state read by the gates (Gal and Ghahramani 2016), layer normalization inside the LSTM cell (Ba et al. 2016). T, B, I, H, P and G are steps, rows,
/// inputs, hidden units, state size (H without projection) and rows of the weights. As in <see cref="RecurrentKernel"/>, the batch is split among threads by
/// rows; the result does not depend on the split.
/// </summary>
internal unsafe partial struct SteppedPass
{
    // Recurrent products with fewer multiplications run on one thread.
    private const long WorthThreads = 1 << 20;

    public CellDescriptor Cell;
    public Activation Activation;
    public float ActivationAlpha;
    public bool ResetBefore, Reverse;
    public int Time, Batch, InputSize, HiddenSize, StateSize;

    /// <summary>The length of each row; null if all have T steps.</summary>
    public int* Lengths;

    /// <summary>Inputs [T, B, I].</summary>
    public float* X;

    /// <summary>Weights [G, I] and [G, P]; biases [G] or null; the projection [P, H] or null.</summary>
    public float* WeightIh, WeightHh, BiasIh, BiasHh, WeightHr;

    /// <summary>Gains of the normalized products [G], gain and bias of the normalized memory [H]: all set (LSTM only) or all null.</summary>
    public float* GainIh, GainHh, GainC, BiasC;
    public float Epsilon;

    /// <summary>Peephole weights [peepholes of the cell, H], or null; not together with normalization.</summary>
    public float* Peephole;

    /// <summary>Dropout mask of the state before the recurrent product [B, P], or null.</summary>
    public float* HiddenMask;

    /// <summary>
    /// Zoneout masks: 1 keeps the previous state or memory, [T, B, P] and [T, B, H]. If null, a constant share of the previous value is kept.
    /// </summary>
    public float* KeepHidden, KeepCell;
    public float ZoneoutHidden, ZoneoutCell;

    /// <summary>The initial state [B, P] and memory [B, H], null for zeros; outputs [T, B, P] with rows YRow apart; the final state and memory.</summary>
    public float* H0, C0, Y, Hn, Cn;
    public nint YRow;

    /// <summary>Steps after which state gradients are cut (<see cref="Truncation"/>); 0 for none.</summary>
    public int TruncationSteps;

    /// <summary>What the forward pass keeps for the backward pass.</summary>
    public SteppedMemory Memory;

    private CpuKernels _kernels;
    private PackedMatrix _recurrent, _candidate, _projection;
    private int _parts;
    private float* _dy, _carriedState, _carriedCell, _productGradients, _projectionGradients;
    private nint _dyRow;

    public readonly int GateRows => HiddenSize * Cell.Gates;

    /// <summary>The length of a row of gates: the blocks of the weights and, with a candidate, its recurrent part.</summary>
    public readonly int GatesRow => HiddenSize * Cell.KeptBlocks;

    public readonly bool Normalizes => GainIh != null;

    public readonly bool Projects => WeightHr != null;

    /// <summary>Whether the candidate has a separate product after that of the other gates.</summary>
    public readonly bool ResetsBefore => Cell.ResetsBefore(ResetBefore);

    internal readonly CpuKernels Kernels => _kernels;

    // The rows of the weights before those of the candidate.
    private readonly int OpenRows => GateRows - (Cell.HasCandidate ? HiddenSize : 0);

#pragma warning disable CS8500 // The pass holds references, but lives on the caller's stack while its parts run.
    public void Forward(CpuKernels? kernels = null)
    {
        _kernels = kernels ?? CpuKernels.Current;
        var (rows, gates) = (Time * Batch, GateRows);
        Memory.Prepare(this);
        var products = Normalizes ? Memory.RawIh : Memory.Gates;
        MatrixProduct.Multiply(false, true, rows, gates, InputSize, X, InputSize, WeightIh, InputSize, products, Normalizes ? gates : GatesRow, false,
            _kernels);
        if (Normalizes) _kernels.LayerNorm(products, GainIh, null, Epsilon, Memory.Gates, Memory.MeansIh, Memory.MeansIh + rows, rows, gates);
        AddBiases(rows);

        nint before = Reverse ? (nint)Time * Batch : 0, after = Reverse ? 0 : (nint)Time * Batch;
        CopyOrClear(H0, Memory.States + before * StateSize, (long)Batch * StateSize);
        if (Cell.HasMemory) CopyOrClear(C0, Memory.Cells + before * HiddenSize, (long)Batch * HiddenSize);
        _recurrent = PackedMatrix.Pack(_kernels, true, StateSize, ResetsBefore ? OpenRows : gates, WeightHh, StateSize);
        if (ResetsBefore) _candidate = PackedMatrix.Pack(_kernels, true, HiddenSize, HiddenSize, WeightHh + (nint)OpenRows * HiddenSize, HiddenSize);
        if (Projects) _projection = PackedMatrix.Pack(_kernels, true, HiddenSize, StateSize, WeightHr, HiddenSize);
        Run(&ForwardPart);
        if (Hn != null) CopyOrClear(Memory.States + after * StateSize, Hn, (long)Batch * StateSize);
        if (Cn != null && Cell.HasMemory) CopyOrClear(Memory.Cells + after * HiddenSize, Cn, (long)Batch * HiddenSize);
    }

    private void Run(delegate*<void*, int, void> part)
    {
        _parts = (long)Time * Batch * GateRows * StateSize < WorthThreads ? 1 : Math.Min(Workers.Available, Batch);
        Workers.Run(_parts, part, Unsafe.AsPointer(ref this));
        _recurrent.Dispose();
        if (ResetsBefore) _candidate.Dispose();
        if (Projects) _projection.Dispose();
    }

    private static void ForwardPart(void* context, int part)
    {
        ref var pass = ref *(SteppedPass*)context;
        int first = (int)((long)pass.Batch * part / pass._parts), end = (int)((long)pass.Batch * (part + 1) / pass._parts);
        var length = (long)(end - first) * pass.GateRows + Math.Max(pass.StateSize, pass.HiddenSize);
        var scratch = BufferPool.Shared.RentFloats(length);
        for (var i = 0; i < pass.Time; i++) pass.ForwardStep(pass.Reverse ? pass.Time - 1 - i : i, first, end - first, scratch);
        BufferPool.Shared.ReturnFloats(scratch, length);
    }

    private readonly void ForwardStep(int step, int first, int rows, float* scratch)
    {
        int gates = GateRows, hidden = HiddenSize, size = StateSize;
        var at = (nint)step * Batch + first;
        var (before, after) = Slots(step, first);
        float* previous = Memory.States + before * size, next = Memory.States + after * size, products = scratch, spare = scratch + (nint)rows * gates;
        var read = previous;
        if (HiddenMask != null)
        {
            read = Memory.Masked + at * size;
            _kernels.Multiply(previous, HiddenMask + (nint)first * size, read, (nint)rows * size);
        }

        var raw = Normalizes ? Memory.RawHh + at * gates : products;
        MatrixProduct.Multiply(false, rows, read, size, _recurrent, raw, gates, false, _kernels);
        if (Normalizes) _kernels.LayerNorm(raw, GainHh, null, Epsilon, products, Memory.MeansHh + at, Memory.MeansHh + (nint)Time * Batch + at, rows, gates);

        for (var row = 0; row < rows; row++) Cell.Forward(this, Row(step, first + row) with { Products = products + (nint)row * gates, Spare = spare });
        if (Projects) MatrixProduct.Multiply(false, rows, Memory.Full + at * hidden, hidden, _projection, next, size, false, _kernels);
        if (ResetsBefore) MatrixProduct.Multiply(false, rows, Memory.Gates + at * GatesRow + GateRows, GatesRow, _candidate, products, gates, false, _kernels);
        for (var row = 0; row < rows; row++)
        {
            float* from = previous + (nint)row * size, to = next + (nint)row * size, y = Y + (at + row) * YRow;
            if (!IsActive(step, first + row))
            {
                Copy(from, to, size);
                _kernels.Fill(0, y, size);
                continue;
            }

            if (Cell.HasCandidate) Cell.ForwardCandidate(this, Row(step, first + row) with { Products = products + (nint)row * gates });
            Mix(from, to, KeepHidden == null ? null : KeepHidden + (at + row) * size, ZoneoutHidden, to, size, spare);
            Copy(to, y, size);
        }
    }

    // keep x previous + (1 - keep) x fresh.
    internal readonly void Mix(float* previous, float* fresh, float* keep, float share, float* mixed, int count, float* spare)
    {
        if (keep != null)
        {
            _kernels.Subtract(previous, fresh, spare, count);
            if (mixed != fresh) Copy(fresh, mixed, count);
            _kernels.MultiplyAdd(keep, spare, mixed, count);
        }
        else if (share != 0) _kernels.Blend(share, previous, 1 - share, fresh, mixed, count);
        else if (mixed != fresh) Copy(fresh, mixed, count);
    }

    private readonly void AddBiases(int rows)
    {
        if (BiasIh == null && BiasHh == null) return;
        var bias = BufferPool.Shared.RentFloats(GatesRow);
        _kernels.Fill(0, bias, GatesRow);
        if (BiasIh != null) _kernels.Add(bias, BiasIh, bias, GateRows);
        if (BiasHh != null) _kernels.Add(bias, BiasHh, bias, ResetsBefore ? GateRows : OpenRows);
        _kernels.AddRow(Memory.Gates, bias, Memory.Gates, rows, GatesRow);
        BufferPool.Shared.ReturnFloats(bias, GatesRow);
    }

    private readonly SteppedRow Row(int step, int row)
    {
        var at = (nint)step * Batch + row;
        var (before, after) = Slots(step, row);
        var state = Memory.States + before * StateSize;
        return new SteppedRow
        {
            IsActive = IsActive(step, row), Position = at, Before = before, After = after, Gates = Memory.Gates + at * GatesRow, State = state,
            Read = HiddenMask == null ? state : Memory.Masked + at * StateSize, Mask = HiddenMask == null ? null : HiddenMask + (nint)row * StateSize,
            Next = Projects ? Memory.Full + at * HiddenSize : Memory.States + after * StateSize,
        };
    }

    // The slots, in rows, of the states before and after a step: slot t + 1 holds the state after step t, or slot t if reversed.
    private readonly (nint Before, nint After) Slots(int step, int row) =>
        ((nint)(step + (Reverse ? 1 : 0)) * Batch + row, (nint)(step + (Reverse ? 0 : 1)) * Batch + row);

    private readonly bool IsActive(int step, int row) => Lengths == null || step < Lengths[row];

    internal static void Copy(float* from, float* to, int count) => new ReadOnlySpan<float>(from, count).CopyTo(new Span<float>(to, count));

    private static void CopyOrClear(float* from, float* to, long count)
    {
        if (from == null) new Span<float>(to, checked((int)count)).Clear();
        else Copy(from, to, checked((int)count));
    }
}
