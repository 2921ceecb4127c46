using System.Numerics;
using Microsoft.ML.Recurrent.Optimizers;

namespace Microsoft.ML.Recurrent;

/// <summary>The optimizer: its kind, learning rate, penalties on weights, batch size, and what happens to gradients before a step.</summary>
public sealed class OptimizerOptions : IOptionGroup
{
    /// <summary>The optimizer. Default: Adam.</summary>
    public OptimizerKind Kind { get; set; } = OptimizerKind.Adam;

    internal const float UsualLearningRate = 2e-3f;

    /// <summary>
    /// The learning rate, greater than 0; the highest one of a schedule such as <see cref="LearningRateSchedule.OneCycle"/>. Null searches it before training,
    /// by a range test over 60 updates of a copy of the weights (Smith 2017): the rate at which the loss falls fastest, or 0.002 if it never falls.
    /// <see cref="TrainingHistory.LearningRateSearch"/> tells the curve. Default: 0.002.
    /// </summary>
    [SearchRange(0.25, 4, IsRelative = true, IsLogarithmic = true)]
    public float? LearningRate { get; set; } = UsualLearningRate;

    /// <summary>
    /// How the learning rate changes during training. Default: null, it is constant; it falls along a cosine to 0 for classifiers without a validation part.
    /// </summary>
    public LearningRateSchedule? LearningRateSchedule { get; set; }

    /// <summary>Momentum of stochastic gradient descent, from 0 up to, but not including, 1. Default: 0.</summary>
    public float Momentum { get; set; }

    /// <summary>
    /// Decay of the mean gradient of Adam and its variants (beta 1), from 0 up to, but not including, 1. Default: null, the optimizer's own, 0.9.
    /// </summary>
    public float? Beta1 { get; set; }

    /// <summary>
    /// Decay of the mean squared gradient, from 0 up to, but not including, 1: beta 2 of Adam and its variants, alpha of RMSprop, rho of Adadelta.
    /// Default: null, the optimizer's own: 0.999, 0.99 and 0.9.
    /// </summary>
    public float? Beta2 { get; set; }

    /// <summary>
    /// Added to the root of the mean squared gradient, greater than 0. Default: null, the optimizer's own: 1e-8, for Adagrad 1e-10, for Adadelta 1e-6.
    /// </summary>
    public float? Epsilon { get; set; }

    /// <summary>
    /// Weight decay of weight matrices, not of biases: the factor of an L2 penalty, or, with <see cref="OptimizerKind.AdamW"/>, decoupled from the gradient. At
    /// least 0. Default: 0.
    /// </summary>
    [SearchChoice("0", "1E-05", "0.0001")]
    public float WeightDecay { get; set; }

    /// <summary>Factor of an L1 penalty on weight matrices, at least 0. Default: 0.</summary>
    public float L1Regularization { get; set; }

    /// <summary>
    /// Decay of an exponential moving average of the weights, which replaces the weights in validation and in the model (Polyak and Juditsky 1992). From 0, no
    /// averaging, up to, but not including, 1; 0.999 is usual. Default: null, 0.999 for forecasters, 0.995 for taggers, 0.99 for classifiers of
    /// tokens and 0 for other trainers.
    /// </summary>
    public float? EmaDecay { get; set; }

    /// <summary>
    /// Examples in a batch, at least 1; as many as there are if it is more. Default: null, about 64 batches an epoch: 8 examples for fewer than 1,024 in all,
    /// 64 from 4,096 on. For a stateful language model: the number of parallel streams, by default 4 for short texts to 20 for long ones.
    /// </summary>
    [SearchChoice("null", "16", "32", "64")]
    public int? BatchSize { get; set; }

    /// <summary>Clipping, noise and accumulation of gradients. Default: gradients are clipped to a norm of 1.</summary>
    public GradientOptions Gradients { get; set => field = OptionChecks.NotNull(value); } = new();

    /// <summary>The batch size for a number of training examples.</summary>
    internal int BatchSizeFor(int examples) => BatchSize is { } size ? Math.Min(size, Math.Max(1, examples))
        : Gradients.MaximumStepsPerBatch is not null ? Math.Max(1, examples)
        : Math.Clamp((1 << BitOperations.Log2((uint)examples)) / 64, 8, 64);

    internal void Check()
    {
        var checks = new OptionChecks("Optimizer");
        checks.Defined<OptimizerKind>(Kind);
        checks.AtLeastOne(BatchSize);
        checks.Fraction(Momentum);
        if (LearningRate is { } rate) checks.Positive(rate, nameof(LearningRate));
        if (LearningRate is float.PositiveInfinity) throw checks.OutOfRange(nameof(LearningRate), LearningRate, "must be finite");
        Constant(Beta1, nameof(Beta1), OptimizerConstants.HasBeta1(Kind));
        Constant(Beta2, nameof(Beta2), OptimizerConstants.HasBeta2(Kind));
        Constant(Epsilon, nameof(Epsilon), OptimizerConstants.HasEpsilon(Kind));
        checks.Fraction(Beta1);
        checks.Fraction(Beta2);
        if (Epsilon is { } epsilon && !(epsilon > 0 && float.IsFinite(epsilon))) throw checks.OutOfRange(nameof(Epsilon), epsilon, "must be greater than 0");
        checks.NotNegative(WeightDecay);
        checks.NotNegative(L1Regularization);
        checks.Fraction(EmaDecay);
        Gradients.Check();

        void Constant(float? value, string name, bool has)
        {
            if (value is not null && !has)
                throw checks.Refused(name, $"has no meaning for the optimizer {Kind}: leave it null, or choose another optimizer.");
        }
    }
}
