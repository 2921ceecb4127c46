using static Microsoft.ML.Recurrent.Kernels.Recurrent.SteppedPass;

namespace Microsoft.ML.Recurrent.Kernels.Recurrent;

/// <summary>
/// Long short-term memory with a forget gate (Hochreiter and Schmidhuber 1997; Gers et al. 2000): i, f, g, o are the four blocks of W x + b + U h + b'; c' =
/// sigmoid(f) c + sigmoid(i) tanh(g), h' = sigmoid(o) tanh(c').
/// </summary>
internal sealed unsafe class LstmCell : CellDescriptor
{
    public LstmCell()
        : base("lstm", gates: 4) =>
        (HasMemory, ForgetGate, FileOrder, Options, GateLetters, KerasGates) =
            (true, 1, [0, 3, 1, 2], CellOptions.Projection | CellOptions.LayerNormalization | CellOptions.MemoryZoneout, "ifgo", "ifgo");

    public override RecurrentSteps Steps<S, V>(Activation activation, bool resetBefore) => SimdRecurrentSteps<S, V>.Lstm;

    // c' is normalized before tanh if requested.
    public override void Forward(in SteppedPass pass, in SteppedRow row)
    {
        var (n, kernels, memory, at) = (pass.HiddenSize, pass.Kernels, pass.Memory, row.Position);
        float* gates = row.Gates, old = memory.Cells + row.Before * n, kept = memory.Cells + row.After * n, tanh = memory.Tanh + at * n;
        var fresh = memory.Fresh == null ? kept : memory.Fresh + at * n;
        var inverse = memory.MeansC + (nint)pass.Time * pass.Batch;
        if (!row.IsActive)
        {
            // Zeros, since gain gradients are summed over all rows.
            kernels.Fill(0, row.Next, n);
            kernels.Fill(0, tanh, n);
            if (memory.Fresh != null) kernels.Fill(0, fresh, n);
            if (pass.Normalizes) memory.MeansC[at] = inverse[at] = 0;
            Copy(old, kept, n);
            return;
        }

        kernels.Add(gates, row.Products, gates, 4 * n);
        kernels.Activate(Activation.Sigmoid, 0, gates, gates, 2 * n);
        kernels.Activate(Activation.Tanh, 0, gates + 2 * n, gates + 2 * n, n);
        kernels.Activate(Activation.Sigmoid, 0, gates + 3 * n, gates + 3 * n, n);
        kernels.Multiply(gates + n, old, fresh, n);
        kernels.MultiplyAdd(gates, gates + 2 * n, fresh, n);
        if (pass.Normalizes) kernels.LayerNorm(fresh, pass.GainC, pass.BiasC, pass.Epsilon, tanh, memory.MeansC + at, inverse + at, 1, n);
        kernels.Activate(Activation.Tanh, 0, pass.Normalizes ? tanh : fresh, tanh, n);
        kernels.Multiply(gates + 3 * n, tanh, row.Next, n);
        if (fresh != kept) pass.Mix(old, fresh, pass.KeepCell == null ? null : pass.KeepCell + at * n, pass.ZoneoutCell, kept, n, row.Spare);
    }

    public override void Backward(in SteppedPass pass, in SteppedRow row)
    {
        var (n, kernels, memory, at) = (pass.HiddenSize, pass.Kernels, pass.Memory, row.Position);
        float* gates = row.Gates, dh = row.Gradient, dc = row.CarriedMemory, slopes = row.Spare, results = slopes + 4 * n, kept = slopes + 8 * n;
        float* tanh = memory.Tanh + at * n, means = memory.MeansC + at;
        var zones = pass.KeepCell != null || pass.ZoneoutCell != 0;
        if (zones) pass.Split(dc, kept, pass.KeepCell == null ? null : pass.KeepCell + at * n, pass.ZoneoutCell, n);
        kernels.Multiply(dh, tanh, slopes + 3 * n, n);
        kernels.Multiply(dh, gates + 3 * n, slopes, n);
        if (pass.Normalizes)
        {
            kernels.Fill(0, results, n);
            kernels.ActivateBackward(Activation.Tanh, 0, null, tanh, slopes, results, n);
            // Overwrites the tanh: the gradients of gain and bias are computed from it.
            Copy(results, tanh, n);
            kernels.LayerNormBackward(memory.Fresh + at * n, pass.GainC, means, means + (nint)pass.Time * pass.Batch, tanh, dc, null, null, 1, n);
        }
        else kernels.ActivateBackward(Activation.Tanh, 0, null, tanh, slopes, dc, n);

        kernels.Multiply(dc, gates + 2 * n, slopes, n);
        kernels.Multiply(dc, memory.Cells + row.Before * n, slopes + n, n);
        kernels.Multiply(dc, gates, slopes + 2 * n, n);
        kernels.Multiply(dc, gates + n, dc, n);
        if (zones) kernels.Add(dc, kept, dc, n);
        kernels.Fill(0, results, 4 * n);
        kernels.ActivateBackward(Activation.Sigmoid, 0, null, gates, slopes, results, 2 * n);
        kernels.ActivateBackward(Activation.Tanh, 0, null, gates + 2 * n, slopes + 2 * n, results + 2 * n, n);
        kernels.ActivateBackward(Activation.Sigmoid, 0, null, gates + 3 * n, slopes + 3 * n, results + 3 * n, n);
        Copy(results, gates, 4 * n);
    }
}
