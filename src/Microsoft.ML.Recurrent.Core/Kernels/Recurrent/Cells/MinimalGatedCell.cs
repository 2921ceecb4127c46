using static Microsoft.ML.Recurrent.Kernels.Recurrent.SteppedPass;

namespace Microsoft.ML.Recurrent.Kernels.Recurrent;

/// <summary>
/// Minimal gated unit (Zhou et al. 2016): f = sigmoid(W_f x + b_f + U_f h + b'_f), n = tanh(W_n x + b_n + U_n (f h) + b'_n), h' = (1 - f) h + f n. The blocks
/// are f, n. It is a GRU with the reset gate before the recurrent product and tied gates: r = f, z = 1 - f.
/// </summary>
internal sealed unsafe class MinimalGatedCell : CellDescriptor
{
    public MinimalGatedCell()
        : base("mgu", gates: 2) => HasCandidate = true;

    public override bool ResetsBefore(bool asked) => true;

    public override RecurrentSteps Steps<S, V>(Activation activation, bool resetBefore) => SimdRecurrentSteps<S, V>.MinimalGated;

    // f, and f h, the operand of the candidate's recurrent product.
    public override void Forward(in SteppedPass pass, in SteppedRow row)
    {
        var (n, kernels) = (pass.HiddenSize, pass.Kernels);
        if (!row.IsActive)
        {
            kernels.Fill(0, row.Gates, 3 * n);
            return;
        }

        kernels.Add(row.Gates, row.Products, row.Gates, n);
        kernels.Activate(Activation.Sigmoid, 0, row.Gates, row.Gates, n);
        kernels.Multiply(row.Gates, row.Read, row.Gates + 2 * n, n);
    }

    // n, and h' = h + f (n - h).
    public override void ForwardCandidate(in SteppedPass pass, in SteppedRow row)
    {
        var (n, kernels) = (pass.HiddenSize, pass.Kernels);
        float* f = row.Gates, candidate = f + n;
        kernels.Add(candidate, row.Products, candidate, n);
        kernels.Activate(Activation.Tanh, 0, candidate, candidate, n);
        kernels.Subtract(candidate, row.State, row.Next, n);
        kernels.Multiply(f, row.Next, row.Next, n);
        kernels.Add(row.State, row.Next, row.Next, n);
    }

    // f must wait for the candidate's product: the update's part of its gradient is kept in 'rest'.
    public override void Backward(in SteppedPass pass, in SteppedRow row)
    {
        var (n, kernels) = (pass.HiddenSize, pass.Kernels);
        float* f = row.Gates, candidate = f + n, dh = row.Gradient, slope = row.Spare, result = slope + n;
        kernels.Subtract(candidate, row.State, row.Rest, n);
        kernels.Multiply(row.Rest, dh, row.Rest, n);
        kernels.Multiply(dh, f, slope, n);
        kernels.Subtract(dh, slope, result, n);
        kernels.Add(row.Carried, result, row.Carried, n);
        kernels.Fill(0, result, n);
        kernels.ActivateBackward(Activation.Tanh, 0, null, candidate, slope, result, n);
        Copy(result, candidate, n);
    }

    public override void BackwardReset(in SteppedPass pass, in SteppedRow row)
    {
        var (n, kernels) = (pass.HiddenSize, pass.Kernels);
        float* f = row.Gates, result = row.Spare;
        kernels.MultiplyAdd(row.Products, row.Read, row.Rest, n);
        pass.CarryReset(row, f);
        kernels.Fill(0, result, n);
        kernels.ActivateBackward(Activation.Sigmoid, 0, null, f, row.Rest, result, n);
        Copy(result, f, n);
    }
}
