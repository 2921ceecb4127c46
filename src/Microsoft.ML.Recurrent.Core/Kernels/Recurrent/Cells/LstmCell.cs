using static Microsoft.ML.Recurrent.Kernels.Recurrent.SteppedPass;

namespace Microsoft.ML.Recurrent.Kernels.Recurrent;

/// <summary>
/// Long short-term memory with a forget gate (Hochreiter and Schmidhuber 1997; Gers et al. 2000): i, f, g, o are the four blocks of W x + b + U h + b'; c' =
/// sigmoid(f) c + sigmoid(i) tanh(g), h' = sigmoid(o) tanh(c'). With coupled gates (Greff et al. 2017) there is no block f: c' = (1 - sigmoid(i)) c +
/// sigmoid(i) tanh(g). With peephole connections (Gers and Schmidhuber 2000) p_i c is added to i, p_f c to f and p_o c' to o.
/// </summary>
internal sealed unsafe class LstmCell : CellDescriptor
{
    // The candidate g; the output gate is the block after it.
    private readonly int _candidate;
    private readonly bool _coupled;

    public LstmCell(bool coupled = false, bool peepholes = false)
        : base("lstm", gates: coupled ? 3 : 4)
    {
        (HasMemory, ForgetGate, ForgetsByInputGate, FileOrder) = (true, coupled ? 0 : 1, coupled, coupled ? [0, 2, 1] : [0, 3, 1, 2]);
        if (peepholes) Peepholes = coupled ? [0, 2] : [0, 3, 1];
        Options = CellOptions.Projection | CellOptions.MemoryZoneout | (peepholes ? CellOptions.None : CellOptions.LayerNormalization);
        (_coupled, _candidate) = (coupled, coupled ? 1 : 2);
        (GateLetters, KerasGates) = coupled ? ("igo", "igo") : ("ifgo", "ifgo");
    }

    public override RecurrentSteps Steps<S, V>(Activation activation, bool resetBefore) => (_coupled, Peepholes.Length > 0) switch
    {
        (false, false) => SimdRecurrentSteps<S, V>.Lstm,
        (false, true) => SimdRecurrentSteps<S, V>.PeepholeLstm,
        (true, false) => SimdRecurrentSteps<S, V>.CoupledLstm,
        (true, true) => SimdRecurrentSteps<S, V>.CoupledPeepholeLstm,
    };

    // c' is normalized before tanh if requested.
    public override void Forward(in SteppedPass pass, in SteppedRow row)
    {
        var (n, kernels, memory, at) = (pass.HiddenSize, pass.Kernels, pass.Memory, row.Position);
        float* gates = row.Gates, old = memory.Cells + row.Before * n, kept = memory.Cells + row.After * n, tanh = memory.Tanh + at * n;
        var fresh = memory.Fresh == null ? kept : memory.Fresh + at * n;
        var inverse = memory.MeansC + (nint)pass.Time * pass.Batch;
        if (!row.IsActive)
        {
            // Zeros, since the gradients of gains and peepholes are summed over all rows.
            kernels.Fill(0, row.Next, n);
            kernels.Fill(0, tanh, n);
            if (memory.Fresh != null) kernels.Fill(0, fresh, n);
            if (pass.Normalizes) memory.MeansC[at] = inverse[at] = 0;
            Copy(old, kept, n);
            return;
        }

        float* candidate = gates + _candidate * n, output = candidate + n;
        kernels.Add(gates, row.Products, gates, Gates * n);
        if (pass.Peephole != null) kernels.MultiplyAdd(pass.Peephole, old, gates, n);
        if (pass.Peephole != null && !_coupled) kernels.MultiplyAdd(pass.Peephole + 2 * n, old, gates + n, n);
        kernels.Activate(Activation.Sigmoid, 0, gates, gates, _candidate * n);
        kernels.Activate(Activation.Tanh, 0, candidate, candidate, n);
        if (_coupled)
        {
            kernels.Subtract(candidate, old, row.Spare, n);
            kernels.Multiply(gates, row.Spare, row.Spare, n);
            kernels.Add(old, row.Spare, fresh, n);
        }
        else
        {
            kernels.Multiply(gates + n, old, fresh, n);
            kernels.MultiplyAdd(gates, candidate, fresh, n);
        }

        if (pass.Peephole != null) kernels.MultiplyAdd(pass.Peephole + n, fresh, output, n);
        kernels.Activate(Activation.Sigmoid, 0, output, output, n);
        if (pass.Normalizes) kernels.LayerNorm(fresh, pass.GainC, pass.BiasC, pass.Epsilon, tanh, memory.MeansC + at, inverse + at, 1, n);
        kernels.Activate(Activation.Tanh, 0, pass.Normalizes ? tanh : fresh, tanh, n);
        kernels.Multiply(output, tanh, row.Next, n);
        if (fresh != kept) pass.Mix(old, fresh, pass.KeepCell == null ? null : pass.KeepCell + at * n, pass.ZoneoutCell, kept, n, row.Spare);
    }

    public override void Backward(in SteppedPass pass, in SteppedRow row)
    {
        var (n, kernels, memory, at) = (pass.HiddenSize, pass.Kernels, pass.Memory, row.Position);
        float* gates = row.Gates, dh = row.Gradient, dc = row.CarriedMemory, slopes = row.Spare, results = slopes + 4 * n, kept = slopes + 8 * n;
        float* tanh = memory.Tanh + at * n, means = memory.MeansC + at, old = memory.Cells + row.Before * n;
        int g = _candidate * n, o = g + n;
        var zones = pass.KeepCell != null || pass.ZoneoutCell != 0;
        if (zones) pass.Split(dc, kept, pass.KeepCell == null ? null : pass.KeepCell + at * n, pass.ZoneoutCell, n);
        kernels.Multiply(dh, tanh, slopes + o, n);
        kernels.Multiply(dh, gates + o, slopes, n);
        if (pass.Normalizes)
        {
            kernels.Fill(0, results, n);
            kernels.ActivateBackward(Activation.Tanh, 0, null, tanh, slopes, results, n);
            // Overwrites the tanh: the gradients of gain and bias are computed from it.
            Copy(results, tanh, n);
            kernels.LayerNormBackward(memory.Fresh + at * n, pass.GainC, means, means + (nint)pass.Time * pass.Batch, tanh, dc, null, null, 1, n);
        }
        else kernels.ActivateBackward(Activation.Tanh, 0, null, tanh, slopes, dc, n);

        kernels.Fill(0, results, Gates * n);
        kernels.ActivateBackward(Activation.Sigmoid, 0, null, gates + o, slopes + o, results + o, n);
        // The output gate reads c', whose gradient is complete only after this.
        if (pass.Peephole != null) kernels.MultiplyAdd(pass.Peephole + n, results + o, dc, n);
        kernels.Multiply(dc, gates, slopes + g, n);
        if (_coupled)
        {
            kernels.Subtract(gates + g, old, slopes, n);
            kernels.Multiply(dc, slopes, slopes, n);
            kernels.Subtract(dc, slopes + g, dc, n);
        }
        else
        {
            kernels.Multiply(dc, gates + g, slopes, n);
            kernels.Multiply(dc, old, slopes + n, n);
            kernels.Multiply(dc, gates + n, dc, n);
        }

        if (zones) kernels.Add(dc, kept, dc, n);
        kernels.ActivateBackward(Activation.Sigmoid, 0, null, gates, slopes, results, g);
        kernels.ActivateBackward(Activation.Tanh, 0, null, gates + g, slopes + g, results + g, n);
        if (pass.Peephole != null) kernels.MultiplyAdd(pass.Peephole, results, dc, n);
        if (pass.Peephole != null && !_coupled) kernels.MultiplyAdd(pass.Peephole + 2 * n, results + n, dc, n);
        Copy(results, gates, Gates * n);
    }
}
