using Microsoft.ML.Recurrent.Autograd;
using Microsoft.ML.Recurrent.Kernels;

namespace Microsoft.ML.Recurrent.Optimizers;

/// <summary>Stochastic gradient descent with momentum (Polyak 1964) or Nesterov momentum, as defined by PyTorch.</summary>
internal sealed class Sgd : Optimizer
{
    private static readonly string[] s_velocity = ["velocity"];

    public float Momentum { get; init; }

    public bool Nesterov { get; init; }

    public override IReadOnlyList<string> SlotNames => Momentum == 0 ? [] : s_velocity;

    protected override bool LeavesZerosAlone(Parameter parameter) => Momentum == 0 && DecayOf(parameter) == 0;

    protected override unsafe void Update(in ParameterPart part, float learningRate, float gradientScale)
    {
        var step = new SgdStep
        {
            LearningRate = learningRate, Momentum = Momentum, Nesterov = Nesterov, WeightDecay = DecayOf(part.Parameter), First = Steps == 1,
            GradientScale = gradientScale,
        };
        CpuKernels.Current.Sgd(step, part.Weights, part.Gradient, part.Slot(0), part.Count);
    }
}
