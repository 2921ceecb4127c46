using System.Numerics;
using Microsoft.ML.Recurrent.Autograd;

namespace Microsoft.ML.Recurrent.Optimizers;

/// <summary>Adagrad (Duchi et al. 2011) as defined by PyTorch: w -= rate g / (sqrt(sum of g^2) + epsilon).</summary>
internal sealed class Adagrad : Optimizer
{
    public float Epsilon { get; init; } = 1e-10f;

    public override IReadOnlyList<string> SlotNames { get; } = ["sum"];

    protected override bool LeavesZerosAlone(Parameter parameter) => DecayOf(parameter) == 0;

    protected override void Update(in ParameterPart part, float learningRate, float gradientScale) =>
        ElementUpdate.Run(new Rule(learningRate, Epsilon, DecayOf(part.Parameter)), part, gradientScale);

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
