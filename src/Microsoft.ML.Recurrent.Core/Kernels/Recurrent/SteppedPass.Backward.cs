using Microsoft.ML.Recurrent.Tensors;

namespace Microsoft.ML.Recurrent.Kernels.Recurrent;

/// <content>The backward pass.</content>
internal unsafe partial struct SteppedPass
{
    /// <summary>Runs the layer backward; <see cref="Memory"/> is what the forward pass left, and is consumed.</summary>
    public void Backward(in SteppedGradients g, CpuKernels? kernels = null)
    {
        _kernels = kernels ?? CpuKernels.Current;
        int rows = Time * Batch, gates = GateRows, hidden = HiddenSize, size = StateSize;
        long stateLength = (long)Batch * size, cellLength = (long)Batch * hidden, productLength = Normalizes ? 2L * rows * gates : 0, projectionLength = Projects ? (long)rows * size : 0;
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
        _recurrent = PackedMatrix.Pack(_kernels, false, IsGruResetBefore || Kind == RecurrentKind.Gru ? 2 * hidden : gates, size, WeightHh, size);
        if (Kind == RecurrentKind.Gru) _candidate = PackedMatrix.Pack(_kernels, false, hidden, hidden, WeightHh + 2 * (nint)hidden * hidden, hidden);
        if (Projects) _projection = PackedMatrix.Pack(_kernels, false, size, hidden, WeightHr, hidden);
        Run(&BackwardPart);
        if (Kind == RecurrentKind.Gru && !ResetBefore) _candidate.Dispose();
        if (g.Dh0 != null) _kernels.Add(g.Dh0, _carriedState, g.Dh0, (nint)stateLength);
        if (g.Dc0 != null && Kind == RecurrentKind.Lstm) _kernels.Add(g.Dc0, _carriedCell, g.Dc0, (nint)cellLength);
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
                float* h = pass._carriedState + (nint)first * pass.StateSize, c = pass.Kind == RecurrentKind.Lstm ? pass._carriedCell + (nint)first * pass.HiddenSize : null;
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
        float* dh = Projects ? _projectionGradients + at * size : scratch, masked = scratch + (nint)rows * size, full = Projects ? scratch + 2 * (nint)rows * size : dh;
        float* resets = scratch + (nint)rows * (2 * size + hidden), spare = scratch + (nint)rows * (2 * size + 2 * hidden);
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
            var cell = Memory.Gates + (at + row) * GatesRow;
            if (!IsActive(step, first + row))
            {
                _kernels.Fill(0, cell, IsGruResetBefore ? 3 * hidden : GatesRow);
                if (IsGruResetBefore) _kernels.Fill(0, resets + (nint)row * hidden, hidden);
                continue;
            }

            float* own = full + (nint)row * hidden, carry = carried + (nint)row * size, previous = Memory.States + (before + row) * size;
            if (Kind == RecurrentKind.Lstm) LstmRowBackward(cell, own, at + row, before + row, _carriedCell + ((nint)first + row) * hidden, spare);
            else if (Kind == RecurrentKind.Gru) GruRowBackward(cell, own, previous, carry, resets + (nint)row * hidden, spare);
            else
            {
                _kernels.Fill(0, spare, hidden);
                _kernels.ActivateBackward(Activation, ActivationAlpha, null, cell, own, spare, hidden);
                Copy(spare, cell, hidden);
            }
        }

        if (IsGruResetBefore) ResetBackward(at, before, first, rows, masked, resets, carried, spare);
        var products = Memory.Gates + at * GatesRow;
        nint stride = GatesRow;
        if (Normalizes)
        {
            float* normalized = products;
            products = _productGradients + at * gates;
            stride = gates;
            _kernels.Fill(0, products, (nint)rows * gates);
            _kernels.LayerNormBackward(Memory.RawHh + at * gates, GainHh, Memory.MeansHh + at, Memory.MeansHh + (nint)Time * Batch + at, normalized, products, null, null, rows, gates);
        }

        var to = HiddenMask == null ? carried : masked;
        MatrixProduct.Multiply(false, rows, products, stride, _recurrent, to, size, HiddenMask == null, _kernels);
        if (Kind == RecurrentKind.Gru && !ResetBefore) MatrixProduct.Multiply(false, rows, products + 3 * hidden, stride, _candidate, to, size, true, _kernels);
        if (HiddenMask != null) _kernels.MultiplyAdd(masked, HiddenMask + (nint)first * size, carried, (nint)rows * size);
    }

    private readonly void LstmRowBackward(float* cell, float* dh, nint position, nint before, float* dc, float* spare)
    {
        var n = HiddenSize;
        float* slopes = spare, results = spare + 4 * n, kept = spare + 8 * n, tanh = Memory.Tanh + position * n;
        var zones = KeepCell != null || ZoneoutCell != 0;
        if (zones) Split(dc, kept, KeepCell == null ? null : KeepCell + position * n, ZoneoutCell, n);
        _kernels.Multiply(dh, tanh, slopes + 3 * n, n);
        _kernels.Multiply(dh, cell + 3 * n, slopes, n);
        if (Normalizes)
        {
            _kernels.Fill(0, results, n);
            _kernels.ActivateBackward(Activation.Tanh, 0, null, tanh, slopes, results, n);
            // Kept in place of the tanh: the gradients of gain and bias are made of it.
            Copy(results, tanh, n);
            _kernels.LayerNormBackward(Memory.Fresh + position * n, GainC, Memory.MeansC + position, Memory.MeansC + (nint)Time * Batch + position, tanh, dc, null, null, 1, n);
        }
        else _kernels.ActivateBackward(Activation.Tanh, 0, null, tanh, slopes, dc, n);

        _kernels.Multiply(dc, cell + 2 * n, slopes, n);
        _kernels.Multiply(dc, Memory.Cells + before * n, slopes + n, n);
        _kernels.Multiply(dc, cell, slopes + 2 * n, n);
        _kernels.Multiply(dc, cell + n, dc, n);
        if (zones) _kernels.Add(dc, kept, dc, n);
        _kernels.Fill(0, results, 4 * n);
        _kernels.ActivateBackward(Activation.Sigmoid, 0, null, cell, slopes, results, 2 * n);
        _kernels.ActivateBackward(Activation.Tanh, 0, null, cell + 2 * n, slopes + 2 * n, results + 2 * n, n);
        _kernels.ActivateBackward(Activation.Sigmoid, 0, null, cell + 3 * n, slopes + 3 * n, results + 3 * n, n);
        Copy(results, cell, 4 * n);
    }

    // Where the reset gate comes before the product, r and z have to wait for it: the slope at z is left in 'rest'.
    private readonly void GruRowBackward(float* cell, float* dh, float* previous, float* carry, float* rest, float* spare)
    {
        var n = HiddenSize;
        float* slopes = spare, results = spare + 4 * n, slopeOfUpdate = ResetBefore ? rest : slopes + n;
        _kernels.Subtract(previous, cell + 2 * n, slopeOfUpdate, n);
        _kernels.Multiply(slopeOfUpdate, dh, slopeOfUpdate, n);
        _kernels.MultiplyAdd(dh, cell + n, carry, n);
        _kernels.Multiply(dh, cell + n, slopes + 2 * n, n);
        _kernels.Subtract(dh, slopes + 2 * n, slopes + 2 * n, n);
        _kernels.Fill(0, results, 3 * n);
        _kernels.ActivateBackward(Activation.Tanh, 0, null, cell + 2 * n, slopes + 2 * n, results + 2 * n, n);
        if (ResetBefore)
        {
            Copy(results + 2 * n, cell + 2 * n, n);
            return;
        }

        _kernels.Multiply(results + 2 * n, cell + 3 * n, slopes, n);
        _kernels.Multiply(results + 2 * n, cell, results + 3 * n, n);
        _kernels.ActivateBackward(Activation.Sigmoid, 0, null, cell, slopes, results, 2 * n);
        Copy(results, cell, 4 * n);
    }

    // Through the candidate's product over r h, for all rows at once.
    private readonly void ResetBackward(nint at, nint before, int first, int rows, float* products, float* slopesOfUpdate, float* carried, float* spare)
    {
        var n = HiddenSize;
        MatrixProduct.Multiply(false, rows, Memory.Gates + at * GatesRow + 2 * n, GatesRow, _candidate, products, n, false, _kernels);
        for (var row = 0; row < rows; row++)
        {
            if (!IsActive((int)(at / Batch), first + row)) continue;
            float* cell = Memory.Gates + (at + row) * GatesRow, product = products + (nint)row * n, slopes = spare, results = spare + 4 * n;
            _kernels.Multiply(product, HiddenMask == null ? Memory.States + (before + row) * n : Memory.Masked + (at + row) * n, slopes, n);
            Copy(slopesOfUpdate + (nint)row * n, slopes + n, n);
            _kernels.Multiply(product, cell, product, n);
            if (HiddenMask != null) _kernels.Multiply(product, HiddenMask + ((nint)first + row) * n, product, n);
            _kernels.Add(carried + (nint)row * n, product, carried + (nint)row * n, n);
            _kernels.Fill(0, results, 2 * n);
            _kernels.ActivateBackward(Activation.Sigmoid, 0, null, cell, slopes, results, 2 * n);
            Copy(results, cell, 2 * n);
        }
    }

    // What goes to the fresh value stays in 'fresh', what goes to the one before is put into 'kept'.
    private readonly void Split(float* fresh, float* kept, float* keep, float share, int count)
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
            if (g.DGainHh != null) _kernels.LayerNormBackward(Memory.RawHh, GainHh, Memory.MeansHh, Memory.MeansHh + rows, Memory.Gates, null, g.DGainHh, null, rows, gates);
            if (g.DGainC != null || g.DBiasC != null)
                _kernels.LayerNormBackward(Memory.Fresh, GainC, Memory.MeansC, Memory.MeansC + rows, Memory.Tanh, null, g.DGainC, g.DBiasC, rows, hidden);
        }

        if (g.DWeightIh != null) MatrixProduct.Multiply(true, false, gates, InputSize, rows, inputs, stride, X, InputSize, g.DWeightIh, InputSize, true, _kernels);
        if (g.Dx != null) MatrixProduct.Multiply(false, false, rows, InputSize, gates, inputs, stride, WeightIh, InputSize, g.Dx, InputSize, true, _kernels);
        if (g.DBiasIh != null) _kernels.AddColumnSums(Memory.Gates, GatesRow, g.DBiasIh, rows, gates);
        var read = HiddenMask != null ? Memory.Masked : Memory.States + (Reverse ? (nint)Batch * size : 0);
        var together = Kind == RecurrentKind.Gru ? 2 * hidden : gates;
        if (g.DBiasHh != null)
        {
            _kernels.AddColumnSums(Memory.Gates, GatesRow, g.DBiasHh, rows, together);
            if (Kind == RecurrentKind.Gru) _kernels.AddColumnSums(Memory.Gates + (ResetBefore ? 2 : 3) * hidden, GatesRow, g.DBiasHh + 2 * hidden, rows, hidden);
        }

        if (g.DWeightHh != null)
        {
            MatrixProduct.Multiply(true, false, together, size, rows, products, stride, read, size, g.DWeightHh, size, true, _kernels);
            var candidate = g.DWeightHh + 2 * (nint)hidden * hidden;
            if (IsGruResetBefore) MatrixProduct.Multiply(true, false, hidden, hidden, rows, products + 2 * hidden, stride, products + 3 * hidden, stride, candidate, hidden, true, _kernels);
            else if (Kind == RecurrentKind.Gru) MatrixProduct.Multiply(true, false, hidden, hidden, rows, products + 3 * hidden, stride, read, size, candidate, hidden, true, _kernels);
        }

        if (g.DWeightHr != null) MatrixProduct.Multiply(true, false, size, hidden, rows, _projectionGradients, size, Memory.Full, hidden, g.DWeightHr, hidden, true, _kernels);
    }
}
