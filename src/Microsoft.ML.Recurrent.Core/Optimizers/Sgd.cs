using Microsoft.ML.Recurrent.Autograd;
using Microsoft.ML.Recurrent.Kernels;
using Microsoft.ML.Recurrent.Tensors;

namespace Microsoft.ML.Recurrent.Optimizers;

/// <summary>Stochastic gradient descent with momentum (Polyak 1964) or Nesterov's, by PyTorch's definition.</summary>
internal sealed class Sgd : Optimizer
{
    private static readonly string[] s_velocity = ["velocity"];

    public float Momentum { get; init; }

    public bool Nesterov { get; init; }

    public override IReadOnlyList<string> SlotNames => Momentum == 0 ? [] : s_velocity;

    protected override unsafe void Update(Parameter parameter, Tensor[] slots, float learningRate, float gradientScale)
    {
        var step = new SgdStep
        {
            LearningRate = learningRate, Momentum = Momentum, Nesterov = Nesterov, WeightDecay = DecayOf(parameter), First = Steps == 1, GradientScale = gradientScale,
        };
        CpuKernels.Current.Sgd(step, parameter.Value.Pointer, parameter.Gradient.Pointer, Momentum == 0 ? null : slots[0].Pointer, parameter.Value.Length);
    }
}
