using static Microsoft.ML.Recurrent.Kernels.Recurrent.SteppedPass;

namespace Microsoft.ML.Recurrent.Kernels.Recurrent;

/// <summary>h' = f(W x + b + U h + b') (Elman 1990).</summary>
internal sealed unsafe class SimpleRnnCell : CellDescriptor
{
    public SimpleRnnCell()
        : base("rnn", gates: 1) => Options = CellOptions.Activation;

    public override RecurrentSteps Steps<S, V>(Activation activation, bool resetBefore) => SimdRecurrentSteps<S, V>.SimpleRnn(activation);

    public override void Forward(in SteppedPass pass, in SteppedRow row)
    {
        if (!row.IsActive) return;
        pass.Kernels.Add(row.Gates, row.Products, row.Gates, pass.HiddenSize);
        pass.Kernels.Activate(pass.Activation, pass.ActivationAlpha, row.Gates, row.Gates, pass.HiddenSize);
        Copy(row.Gates, row.Next, pass.HiddenSize);
    }

    public override void Backward(in SteppedPass pass, in SteppedRow row)
    {
        pass.Kernels.Fill(0, row.Spare, pass.HiddenSize);
        pass.Kernels.ActivateBackward(pass.Activation, pass.ActivationAlpha, null, row.Gates, row.Gradient, row.Spare, pass.HiddenSize);
        Copy(row.Spare, row.Gates, pass.HiddenSize);
    }
}
