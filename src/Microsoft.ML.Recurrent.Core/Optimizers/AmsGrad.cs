using System.Numerics;

namespace Microsoft.ML.Recurrent.Optimizers;

/// <summary>Adam with a second moment that never decreases (Reddi et al. 2018), as defined by PyTorch.</summary>
internal sealed class AmsGrad : MomentOptimizer
{
    public override IReadOnlyList<string> SlotNames { get; } = ["first_moment", "second_moment", "greatest_second_moment"];

    protected override void Update(in ParameterPart part, float learningRate, float gradientScale)
    {
        var rate = (float)(learningRate / (1 - Math.Pow(Beta1, Steps)));
        var correction = (float)(1 / Math.Sqrt(1 - Math.Pow(Beta2, Steps)));
        ElementUpdate.Run(new Rule(rate, Beta1, Beta2, correction, Epsilon, DecayOf(part.Parameter)), part, gradientScale);
    }

    private readonly struct Rule(float rate, float beta1, float beta2, float correction, float epsilon, float decay) : IUpdateRule
    {
        public void Apply(ref Vector<float> weight, Vector<float> gradient, ref Vector<float> first, ref Vector<float> second, ref Vector<float> greatest)
        {
            gradient += weight * decay;
            first = beta1 * first + (1 - beta1) * gradient;
            second = beta2 * second + (1 - beta2) * gradient * gradient;
            greatest = Vector.Max(greatest, second);
            weight -= rate * first / (Vector.SquareRoot(greatest) * correction + new Vector<float>(epsilon));
        }
    }
}
