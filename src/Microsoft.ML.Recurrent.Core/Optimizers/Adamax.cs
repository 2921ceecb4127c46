using System.Numerics;

namespace Microsoft.ML.Recurrent.Optimizers;

/// <summary>Adam with the infinity norm (Kingma and Ba 2015, section 7.1), as defined by PyTorch.</summary>
internal sealed class Adamax : MomentOptimizer
{
    public override IReadOnlyList<string> SlotNames { get; } = ["first_moment", "infinity_norm"];

    protected override void Update(in ParameterPart part, float learningRate, float gradientScale)
    {
        var rate = (float)(learningRate / (1 - Math.Pow(Beta1, Steps)));
        ElementUpdate.Run(new Rule(rate, Beta1, Beta2, Epsilon, DecayOf(part.Parameter)), part, gradientScale);
    }

    private readonly struct Rule(float rate, float beta1, float beta2, float epsilon, float decay) : IUpdateRule
    {
        public void Apply(ref Vector<float> weight, Vector<float> gradient, ref Vector<float> first, ref Vector<float> norm, ref Vector<float> third)
        {
            gradient += weight * decay;
            first = beta1 * first + (1 - beta1) * gradient;
            norm = Vector.Max(beta2 * norm, Vector.Abs(gradient) + new Vector<float>(epsilon));
            weight -= rate * first / norm;
        }
    }
}
