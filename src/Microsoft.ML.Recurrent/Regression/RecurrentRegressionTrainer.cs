using Microsoft.ML.Data;
using Microsoft.ML.Recurrent.Data;
using Microsoft.ML.Recurrent.Losses;
using Microsoft.ML.Recurrent.Networks;
using Microsoft.ML.Recurrent.Regression;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Recurrent;

/// <summary>
/// Trains a recurrent network for regression on sequences. The label is <c>Single</c>. The transformer adds <c>Score</c> (<c>Single</c>), in the unit of the
/// label.
/// </summary>
public sealed class RecurrentRegressionTrainer : SequenceTrainer<RecurrentRegressionTransformer>
{
    private readonly Options _options;

    internal RecurrentRegressionTrainer(IHostEnvironment environment, Options options)
        : base(environment, nameof(RecurrentRegressionTrainer), options) => _options = (Options)CheckedOptions;

    /// <summary>Options of <see cref="RecurrentRegressionTrainer"/>.</summary>
    public sealed class Options : SequenceTrainerOptions
    {
        /// <summary>The loss function. Default: the squared error.</summary>
        public RegressionLoss Loss { get; set; } = RegressionLoss.SquaredError;

        /// <summary>
        /// The threshold of <see cref="RegressionLoss.Huber"/> between squared and linear loss, in standard deviations of the label; greater than 0. Default:
        /// 1.
        /// </summary>
        public float HuberDelta { get; set; } = RegressionLossFunctions.HuberDelta;

        /// <summary>
        /// The quantile to predict with <see cref="RegressionLoss.Quantile"/>, between 0 and 1. Two models with levels 0.05 and 0.95 form a 90% interval.
        /// Default: 0.5, the median.
        /// </summary>
        public float QuantileLevel { get; set; } = RegressionLossFunctions.QuantileLevel;

        internal override RecurrentTask Task => RegressionTask.Instance;

        internal override void Check()
        {
            base.Check();
            Defined(Loss);
            Positive(HuberDelta);
            if (!float.IsFinite(HuberDelta)) throw OutOfRange(nameof(HuberDelta), HuberDelta, "must be finite; use the squared error instead");
            if (QuantileLevel is not (> 0 and < 1)) throw OutOfRange(nameof(QuantileLevel), QuantileLevel, "must lie between 0 and 1");
            if (HuberDelta != RegressionLossFunctions.HuberDelta && Loss is not RegressionLoss.Huber)
                throw Meaningless(nameof(HuberDelta), RegressionLoss.Huber);
            if (QuantileLevel != RegressionLossFunctions.QuantileLevel && Loss is not RegressionLoss.Quantile)
                throw Meaningless(nameof(QuantileLevel), RegressionLoss.Quantile);
        }

        private ArgumentException Meaningless(string name, RegressionLoss loss) =>
            new($"The option {name} has no effect with the loss {Loss}: set Loss = RegressionLoss.{loss}, or leave it at its default.", name);
    }

    private protected override (int Outputs, Func<Head> CreateHead) CreateHead(RowColumns columns, RowExamples examples, int[] train)
    {
        var moments = examples.TargetMoments(train);
        return (1, () => new RegressionHead(_options.Loss, moments, _options.HuberDelta, _options.QuantileLevel));
    }

    private protected override RecurrentRegressionTransformer CreateTransformer(RecurrentModel model) => new(Host, model);
}
