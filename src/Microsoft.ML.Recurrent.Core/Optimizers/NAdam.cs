using System.Numerics;

namespace Microsoft.ML.Recurrent.Optimizers;

/// <summary>Adam with Nesterov momentum (Dozat 2016), as defined by PyTorch.</summary>
internal sealed class NAdam : MomentOptimizer
{
    private double _product = 1;
    private long _productSteps;

    public float MomentumDecay { get; init; } = 4e-3f;

    public override IReadOnlyList<string> SlotNames { get; } = ["first_moment", "second_moment"];

    protected override void Update(in ParameterPart part, float learningRate, float gradientScale)
    {
        // The product of all momenta is recomputed from the number of steps, so a resumed run has the same value.
        if (_productSteps > Steps) (_product, _productSteps) = (1, 0);
        while (_productSteps < Steps) _product *= Momentum(++_productSteps);
        var next = Momentum(Steps + 1);
        var ofGradient = (float)(learningRate * (1 - Momentum(Steps)) / (1 - _product));
        var ofMoment = (float)(learningRate * next / (1 - _product * next));
        var correction = (float)(1 / Math.Sqrt(1 - Math.Pow(Beta2, Steps)));
        ElementUpdate.Run(new Rule(ofGradient, ofMoment, Beta1, Beta2, correction, Epsilon, DecayOf(part.Parameter)), part, gradientScale);
    }

    private double Momentum(long step) => Beta1 * (1 - 0.5 * Math.Pow(0.96, step * (double)MomentumDecay));

    private readonly struct Rule(float ofGradient, float ofMoment, float beta1, float beta2, float correction, float epsilon, float decay) : IUpdateRule
    {
        public void Apply(ref Vector<float> weight, Vector<float> gradient, ref Vector<float> first, ref Vector<float> second, ref Vector<float> third)
        {
            gradient += weight * decay;
            first = beta1 * first + (1 - beta1) * gradient;
            second = beta2 * second + (1 - beta2) * gradient * gradient;
            weight -= (ofGradient * gradient + ofMoment * first) / (Vector.SquareRoot(second) * correction + new Vector<float>(epsilon));
        }
    }
}
