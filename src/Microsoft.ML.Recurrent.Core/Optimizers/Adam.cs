using Microsoft.ML.Recurrent.Kernels;

namespace Microsoft.ML.Recurrent.Optimizers;

/// <summary>Adam (Kingma and Ba 2015) as defined by PyTorch; AdamW (Loshchilov and Hutter 2019) if weight decay is <see cref="Decoupled"/>.</summary>
internal sealed class Adam : MomentOptimizer
{
    public bool Decoupled { get; init; }

    public override IReadOnlyList<string> SlotNames { get; } = ["first_moment", "second_moment"];

    protected override unsafe void Update(in ParameterPart part, float learningRate, float gradientScale)
    {
        var step = new AdamStep
        {
            LearningRate = learningRate, Beta1 = Beta1, Beta2 = Beta2, Epsilon = Epsilon, WeightDecay = DecayOf(part.Parameter), Decoupled = Decoupled,
            Step = Steps, GradientScale = gradientScale,
        };
        CpuKernels.Current.Adam(step, part.Weights, part.Gradient, part.Slot(0), part.Slot(1), part.Count);
    }
}
