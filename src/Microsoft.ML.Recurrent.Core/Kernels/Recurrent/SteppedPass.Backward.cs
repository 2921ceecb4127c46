using Microsoft.ML.Recurrent.Tensors;

namespace Microsoft.ML.Recurrent.Kernels.Recurrent;

/// <content>The backward pass.</content>
internal unsafe partial struct SteppedPass
{
    /// <summary>Runs the layer backward; consumes the <see cref="Memory"/> of the forward pass.</summary>
    public void Backward(in SteppedGradients g, CpuKernels? kernels = null)
    {
        _kernels = kernels ?? CpuKernels.Current;
        int rows = Time * Batch, gates = GateRows, hidden = HiddenSize, size = StateSize;
        long stateLength = (long)Batch * size, cellLength = (long)Batch * hidden, productLength = Normalizes ? 2L * rows * gates : 0,
            projectionLength = Projects ? (long)rows * size : 0;
        var length = stateLength + cellLength + productLength + projectionLength;
        var buffer = BufferPool.Shared.RentFloats(length);
        _dyRow = g.DyRow == 0 ? size : g.DyRow;
        _dy = g.Dy;
        _carriedState = buffer;
        _carriedCell = buffer + stateLength;
        _productGradients = Normalizes ? _carriedCell + cellLength : null;
        _projectionGradients = Projects ? _carriedCell + cellLength + productLength : null;
        CopyOrClear(g.Dhn, _carriedState, stateLength);
        CopyOrClear(g.Dcn, _carriedCell, cellLength);
        _recurrent = PackedMatrix.Pack(_kernels, false, OpenRows, size, WeightHh, size);
        if (Cell.HasCandidate) _candidate = PackedMatrix.Pack(_kernels, false, hidden, hidden, WeightHh + (nint)OpenRows * hidden, hidden);
        if (Projects) _projection = PackedMatrix.Pack(_kernels, false, size, hidden, WeightHr, hidden);
        Run(&BackwardPart);
        if (Cell.HasCandidate && !ResetsBefore) _candidate.Dispose();
        if (g.Dh0 != null) _kernels.Add(g.Dh0, _carriedState, g.Dh0, (nint)stateLength);
        if (g.Dc0 != null && Cell.HasMemory) _kernels.Add(g.Dc0, _carriedCell, g.Dc0, (nint)cellLength);
        if (rows > 0) Parameters(g, rows);
        BufferPool.Shared.ReturnFloats(buffer, length);
    }

#pragma warning disable CS8500 // The pass holds references, but lives on the caller's stack while its parts run.
    private static void BackwardPart(void* context, int part)
    {
        ref var pass = ref *(SteppedPass*)context;
        int first = (int)((long)pass.Batch * part / pass._parts), rows = (int)((long)pass.Batch * (part + 1) / pass._parts) - first;
        var length = (long)rows * (2 * pass.StateSize + 2 * pass.HiddenSize) + 9 * pass.HiddenSize;
        var scratch = BufferPool.Shared.RentFloats(length);
        var truncation = new Truncation(pass.TruncationSteps, pass.Time, pass.Reverse, pass.Lengths);
        for (var i = pass.Time - 1; i >= 0; i--)
        {
            var step = pass.Reverse ? pass.Time - 1 - i : i;
            if (truncation.IsBehind(step))
            {
                var h = pass._carriedState + (nint)first * pass.StateSize;
                var c = pass.Cell.HasMemory ? pass._carriedCell + (nint)first * pass.HiddenSize : null;
                truncation.End(pass.Reverse ? step : step + 1, h, c, first, rows, pass.StateSize, pass.HiddenSize);
            }

            pass.BackwardStep(step, first, rows, scratch);
        }

        BufferPool.Shared.ReturnFloats(scratch, length);
    }

    private readonly void BackwardStep(int step, int first, int rows, float* scratch)
    {
        int gates = GateRows, hidden = HiddenSize, size = StateSize;
        nint at = (nint)step * Batch + first, before = Slots(step, first).Before;
        float* dh = Projects ? _projectionGradients + at * size : scratch, masked = scratch + (nint)rows * size,
            full = Projects ? scratch + 2 * (nint)rows * size : dh;
        float* rest = scratch + (nint)rows * (2 * size + hidden), spare = scratch + (nint)rows * (2 * size + 2 * hidden);
        var carried = _carriedState + (nint)first * size;
        for (var row = 0; row < rows; row++)
        {
            float* own = dh + (nint)row * size, carry = carried + (nint)row * size;
            if (!IsActive(step, first + row))
            {
                _kernels.Fill(0, own, size);
                continue;
            }

            if (_dy == null) Copy(carry, own, size);
            else _kernels.Add(carry, _dy + (at + row) * _dyRow, own, size);
            Split(own, carry, KeepHidden == null ? null : KeepHidden + (at + row) * size, ZoneoutHidden, size);
        }

        if (Projects) MatrixProduct.Multiply(false, rows, dh, size, _projection, full, hidden, false, _kernels);
        for (var row = 0; row < rows; row++)
        {
            // For a row that has ended, the operand of the candidate's product is left unchanged.
            if (IsActive(step, first + row)) Cell.Backward(this, Row(step, first, row, full, masked, rest, spare));
            else _kernels.Fill(0, Memory.Gates + (at + row) * GatesRow, ResetsBefore ? gates : GatesRow);
        }

        if (ResetsBefore)
        {
            // Backward through the candidate's product, for all rows at once.
            MatrixProduct.Multiply(false, rows, Memory.Gates + at * GatesRow + OpenRows, GatesRow, _candidate, masked, hidden, false, _kernels);
            for (var row = 0; row < rows; row++)
            {
                if (IsActive(step, first + row)) Cell.BackwardReset(this, Row(step, first, row, full, masked, rest, spare));
            }
        }

        var products = Memory.Gates + at * GatesRow;
        nint stride = GatesRow;
        if (Normalizes)
        {
            var normalized = products;
            products = _productGradients + at * gates;
            stride = gates;
            _kernels.Fill(0, products, (nint)rows * gates);
            _kernels.LayerNormBackward(Memory.RawHh + at * gates, GainHh, Memory.MeansHh + at, Memory.MeansHh + (nint)Time * Batch + at, normalized, products,
                null, null, rows, gates);
        }

        var to = HiddenMask == null ? carried : masked;
        MatrixProduct.Multiply(false, rows, products, stride, _recurrent, to, size, HiddenMask == null, _kernels);
        if (Cell.HasCandidate && !ResetsBefore) MatrixProduct.Multiply(false, rows, products + gates, stride, _candidate, to, size, true, _kernels);
        if (HiddenMask != null) _kernels.MultiplyAdd(masked, HiddenMask + (nint)first * size, carried, (nint)rows * size);
    }

    private readonly SteppedRow Row(int step, int first, int row, float* gradients, float* products, float* rest, float* spare)
    {
        var at = Row(step, first + row);
        at.Gradient = gradients + (nint)row * HiddenSize;
        at.Products = products + (nint)row * HiddenSize;
        at.Rest = rest + (nint)row * HiddenSize;
        at.Spare = spare;
        at.Carried = _carriedState + ((nint)first + row) * StateSize;
        at.CarriedMemory = _carriedCell + ((nint)first + row) * HiddenSize;
        return at;
    }

    /// <summary>Propagates the gradient of the operand of the candidate's product (reset gate times state) to the previous state.</summary>
    internal readonly void CarryReset(in SteppedRow row, float* reset)
    {
        _kernels.Multiply(row.Products, reset, row.Products, HiddenSize);
        if (row.Mask != null) _kernels.Multiply(row.Products, row.Mask, row.Products, HiddenSize);
        _kernels.Add(row.Carried, row.Products, row.Carried, HiddenSize);
    }

    // The gradient of the new value stays in 'fresh'; that of the previous value goes to 'kept'.
    internal readonly void Split(float* fresh, float* kept, float* keep, float share, int count)
    {
        if (keep != null) _kernels.Multiply(fresh, keep, kept, count);
        else if (share != 0) _kernels.Scale(fresh, share, kept, count);
        else
        {
            _kernels.Fill(0, kept, count);
            return;
        }

        _kernels.Subtract(fresh, kept, fresh, count);
    }

    private readonly void Parameters(in SteppedGradients g, int rows)
    {
        int gates = GateRows, hidden = HiddenSize, size = StateSize;
        float* inputs = Memory.Gates, products = Normalizes ? _productGradients : Memory.Gates;
        nint stride = Normalizes ? gates : GatesRow;
        if (Normalizes)
        {
            inputs = _productGradients + (nint)rows * gates;
            _kernels.Fill(0, inputs, (nint)rows * gates);
            _kernels.LayerNormBackward(Memory.RawIh, GainIh, Memory.MeansIh, Memory.MeansIh + rows, Memory.Gates, inputs, g.DGainIh, null, rows, gates);
            if (g.DGainHh != null)
                _kernels.LayerNormBackward(Memory.RawHh, GainHh, Memory.MeansHh, Memory.MeansHh + rows, Memory.Gates, null, g.DGainHh, null, rows, gates);
            if (g.DGainC != null || g.DBiasC != null)
                _kernels.LayerNormBackward(Memory.Fresh, GainC, Memory.MeansC, Memory.MeansC + rows, Memory.Tanh, null, g.DGainC, g.DBiasC, rows, hidden);
        }

        float* memories = Memory.Cells + (Reverse ? (nint)Batch * hidden : 0), fresh = Memory.Cells + (Reverse ? 0 : (nint)Batch * hidden);
        PeepholeWeights.AddGradients(_kernels, Cell, Memory.Gates, GatesRow, memories, Memory.Fresh == null ? fresh : Memory.Fresh, g.DPeephole, rows, hidden);
        if (g.DWeightIh != null)
            MatrixProduct.Multiply(true, false, gates, InputSize, rows, inputs, stride, X, InputSize, g.DWeightIh, InputSize, true, _kernels);
        if (g.Dx != null) MatrixProduct.Multiply(false, false, rows, InputSize, gates, inputs, stride, WeightIh, InputSize, g.Dx, InputSize, true, _kernels);
        if (g.DBiasIh != null) _kernels.AddColumnSums(Memory.Gates, GatesRow, g.DBiasIh, rows, gates);
        var read = HiddenMask != null ? Memory.Masked : Memory.States + (Reverse ? (nint)Batch * size : 0);
        int together = OpenRows, recurrent = ResetsBefore ? OpenRows : gates;
        if (g.DBiasHh != null)
        {
            _kernels.AddColumnSums(Memory.Gates, GatesRow, g.DBiasHh, rows, together);
            if (Cell.HasCandidate) _kernels.AddColumnSums(Memory.Gates + recurrent, GatesRow, g.DBiasHh + together, rows, hidden);
        }

        if (g.DWeightHh != null)
        {
            MatrixProduct.Multiply(true, false, together, size, rows, products, stride, read, size, g.DWeightHh, size, true, _kernels);
            float* taken = ResetsBefore ? products + gates : read, candidate = g.DWeightHh + (nint)together * hidden;
            var row = ResetsBefore ? stride : size;
            if (Cell.HasCandidate)
                MatrixProduct.Multiply(true, false, hidden, hidden, rows, products + recurrent, stride, taken, row, candidate, hidden, true, _kernels);
        }

        if (g.DWeightHr != null)
            MatrixProduct.Multiply(true, false, size, hidden, rows, _projectionGradients, size, Memory.Full, hidden, g.DWeightHr, hidden, true, _kernels);
    }
}
