using System.Numerics;

namespace Microsoft.ML.Recurrent.Optimizers;

/// <summary>
/// RMSprop (Hinton 2012) as defined by PyTorch, with momentum. If <see cref="Centered"/>, the gradient is normalized by its variance (Graves 2013).
/// </summary>
internal sealed class RmsProp : Optimizer
{
    /// <summary>Decay of the moments.</summary>
    public float Alpha { get; init; } = 0.99f;

    public float Epsilon { get; init; } = 1e-8f;

    public float Momentum { get; init; }

    public bool Centered { get; init; }

    public override IReadOnlyList<string> SlotNames { get; } = ["second_moment", "velocity", "mean_gradient"];

    protected override void Update(in ParameterPart part, float learningRate, float gradientScale) =>
        ElementUpdate.Run(new Rule(learningRate, Alpha, Epsilon, Momentum, Centered, DecayOf(part.Parameter)), part, gradientScale);

    private readonly struct Rule(float rate, float alpha, float epsilon, float momentum, bool centered, float decay) : IUpdateRule
    {
        public void Apply(ref Vector<float> weight, Vector<float> gradient, ref Vector<float> moment, ref Vector<float> velocity, ref Vector<float> mean)
        {
            gradient += weight * decay;
            moment = alpha * moment + (1 - alpha) * gradient * gradient;
            mean = alpha * mean + (1 - alpha) * gradient;
            var variance = centered ? moment - mean * mean : moment;
            velocity = momentum * velocity + gradient / (Vector.SquareRoot(variance) + new Vector<float>(epsilon));
            weight -= rate * velocity;
        }
    }
}
