using System.Numerics;

namespace Microsoft.ML.Recurrent.Optimizers;

/// <summary>Adadelta (Zeiler 2012) as defined by PyTorch: the step is the gradient times RMS(previous steps) / RMS(gradients).</summary>
internal sealed class Adadelta : Optimizer
{
    /// <summary>Decay of both moments.</summary>
    public float Rho { get; init; } = 0.9f;

    public float Epsilon { get; init; } = 1e-6f;

    public override IReadOnlyList<string> SlotNames { get; } = ["second_moment", "step_moment"];

    protected override void Update(in ParameterPart part, float learningRate, float gradientScale) =>
        ElementUpdate.Run(new Rule(learningRate, Rho, Epsilon, DecayOf(part.Parameter)), part, gradientScale);

    private readonly struct Rule(float rate, float rho, float epsilon, float decay) : IUpdateRule
    {
        public void Apply(ref Vector<float> weight, Vector<float> gradient, ref Vector<float> moment, ref Vector<float> steps, ref Vector<float> third)
        {
            gradient += weight * decay;
            var small = new Vector<float>(epsilon);
            moment = rho * moment + (1 - rho) * gradient * gradient;
            var step = Vector.SquareRoot(steps + small) / Vector.SquareRoot(moment + small) * gradient;
            steps = rho * steps + (1 - rho) * step * step;
            weight -= rate * step;
        }
    }
}
