using static Microsoft.ML.Recurrent.Kernels.Recurrent.SteppedPass;

namespace Microsoft.ML.Recurrent.Kernels.Recurrent;

/// <summary>
/// Gated recurrent unit (Cho et al. 2014): r = sigmoid(W_r x + U_r h), z = sigmoid(W_z x + U_z h), h' = (1 - z) n + z h (biases omitted). With the reset gate
/// after the recurrent product (cuDNN's form) n = tanh(W_n x + r (U_n h + b'_n)), before it n = tanh(W_n x + U_n (r h) + b'_n). The blocks are r, z, n.
/// </summary>
internal sealed unsafe class GruCell : CellDescriptor
{
    public GruCell()
        : base("gru", gates: 3) => (HasCandidate, FileOrder, Options, GateLetters, KerasGates) = (true, [1, 0, 2], CellOptions.ResetAfter, "rzn", "zrn");

    public override bool ResetsBefore(bool asked) => asked;

    public override RecurrentSteps Steps<S, V>(Activation activation, bool resetBefore) =>
        resetBefore ? SimdRecurrentSteps<S, V>.GruResetBefore : SimdRecurrentSteps<S, V>.Gru;

    // r, z, and the operand (r h) or the result (U_n h + b) of the candidate's recurrent product.
    public override void Forward(in SteppedPass pass, in SteppedRow row)
    {
        var (n, kernels) = (pass.HiddenSize, pass.Kernels);
        var cell = row.Gates;
        if (!row.IsActive)
        {
            kernels.Fill(0, cell, 4 * n);
            return;
        }

        kernels.Add(cell, row.Products, cell, 2 * n);
        kernels.Activate(Activation.Sigmoid, 0, cell, cell, 2 * n);
        if (pass.ResetsBefore) kernels.Multiply(cell, row.Read, cell + 3 * n, n);
        else if (pass.BiasHh == null) Copy(row.Products + 2 * n, cell + 3 * n, n);
        else kernels.Add(row.Products + 2 * n, pass.BiasHh + 2 * n, cell + 3 * n, n);
    }

    // n, and h' = n + z (h - n).
    public override void ForwardCandidate(in SteppedPass pass, in SteppedRow row)
    {
        var (n, kernels) = (pass.HiddenSize, pass.Kernels);
        float* cell = row.Gates, next = row.Next;
        if (pass.ResetsBefore) kernels.Add(cell + 2 * n, row.Products, cell + 2 * n, n);
        else kernels.MultiplyAdd(cell, cell + 3 * n, cell + 2 * n, n);
        kernels.Activate(Activation.Tanh, 0, cell + 2 * n, cell + 2 * n, n);
        kernels.Subtract(row.State, cell + 2 * n, next, n);
        kernels.Multiply(cell + n, next, next, n);
        kernels.Add(cell + 2 * n, next, next, n);
    }

    // If the reset gate comes before the product, r and z must wait for it: the gradient at z is kept in 'rest'.
    public override void Backward(in SteppedPass pass, in SteppedRow row)
    {
        var (n, kernels) = (pass.HiddenSize, pass.Kernels);
        float* cell = row.Gates, dh = row.Gradient, slopes = row.Spare, results = slopes + 4 * n, slopeOfUpdate = pass.ResetsBefore ? row.Rest : slopes + n;
        kernels.Subtract(row.State, cell + 2 * n, slopeOfUpdate, n);
        kernels.Multiply(slopeOfUpdate, dh, slopeOfUpdate, n);
        kernels.MultiplyAdd(dh, cell + n, row.Carried, n);
        kernels.Multiply(dh, cell + n, slopes + 2 * n, n);
        kernels.Subtract(dh, slopes + 2 * n, slopes + 2 * n, n);
        kernels.Fill(0, results, 3 * n);
        kernels.ActivateBackward(Activation.Tanh, 0, null, cell + 2 * n, slopes + 2 * n, results + 2 * n, n);
        if (pass.ResetsBefore)
        {
            Copy(results + 2 * n, cell + 2 * n, n);
            return;
        }

        kernels.Multiply(results + 2 * n, cell + 3 * n, slopes, n);
        kernels.Multiply(results + 2 * n, cell, results + 3 * n, n);
        kernels.ActivateBackward(Activation.Sigmoid, 0, null, cell, slopes, results, 2 * n);
        Copy(results, cell, 4 * n);
    }

    public override void BackwardReset(in SteppedPass pass, in SteppedRow row)
    {
        var (n, kernels) = (pass.HiddenSize, pass.Kernels);
        float* slopes = row.Spare, results = slopes + 4 * n;
        kernels.Multiply(row.Products, row.Read, slopes, n);
        Copy(row.Rest, slopes + n, n);
        pass.CarryReset(row, row.Gates);
        kernels.Fill(0, results, 2 * n);
        kernels.ActivateBackward(Activation.Sigmoid, 0, null, row.Gates, slopes, results, 2 * n);
        Copy(results, row.Gates, 2 * n);
    }
}
