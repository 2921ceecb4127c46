using System.Numerics;
using Microsoft.ML.Recurrent.Autograd;
using Microsoft.ML.Recurrent.Tensors;

namespace Microsoft.ML.Recurrent.Optimizers;

/// <summary>Adagrad (Duchi et al. 2011) by PyTorch's definition: w -= rate g / (sqrt(sum of g^2) + epsilon).</summary>
internal sealed class Adagrad : Optimizer
{
    public float Epsilon { get; init; } = 1e-10f;

    public override IReadOnlyList<string> SlotNames { get; } = ["sum"];

    protected override void Update(Parameter parameter, Tensor[] slots, float learningRate, float gradientScale) =>
        ElementUpdate.Run(new Rule(learningRate, Epsilon, DecayOf(parameter)), parameter, slots, gradientScale);

    private readonly struct Rule(float rate, float epsilon, float decay) : IUpdateRule
    {
        public void Apply(ref Vector<float> weight, Vector<float> gradient, ref Vector<float> sum, ref Vector<float> second, ref Vector<float> third)
        {
            gradient += weight * decay;
            sum += gradient * gradient;
            weight -= rate * gradient / (Vector.SquareRoot(sum) + new Vector<float>(epsilon));
        }
    }
}
