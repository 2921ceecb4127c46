using Microsoft.ML.Data;
using Microsoft.ML.Recurrent.Data;
using Microsoft.ML.Recurrent.Losses;
using Microsoft.ML.Recurrent.Networks;
using Microsoft.ML.Recurrent.Regression;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Recurrent;

/// <summary>
/// Learns a number from a sequence by a recurrent network. The label is <c>Single</c>; the transformer adds <c>Score</c> (<c>Single</c>), in the label's own
/// unit.
/// </summary>
public sealed class RecurrentRegressionTrainer : SequenceTrainer<RecurrentRegressionTransformer>
{
    internal RecurrentRegressionTrainer(IHostEnvironment environment, Options options)
        : base(environment, nameof(RecurrentRegressionTrainer), options)
    {
    }

    /// <summary>Options of <see cref="RecurrentRegressionTrainer"/>.</summary>
    public sealed class Options : SequenceTrainerOptions
    {
        /// <summary>What is minimised. Default: the squared error.</summary>
        public RegressionLoss Loss { get; set; } = RegressionLoss.SquaredError;

        /// <summary>
        /// Of <see cref="RegressionLoss.Huber"/>: the error, in standard deviations of the label, up to which it is squared and beyond which it is linear;
        /// greater than 0. Default: 1.
        /// </summary>
        public float HuberDelta { get; set; } = RegressionLossFunctions.HuberDelta;

        /// <summary>
        /// Of <see cref="RegressionLoss.Quantile"/>: the share of labels that shall lie below the answers, between 0 and 1. Two models of levels 0.05 and 0.95
        /// are an interval of 90%. Default: 0.5, the median.
        /// </summary>
        public float QuantileLevel { get; set; } = RegressionLossFunctions.QuantileLevel;

        internal override RecurrentTask Task => RegressionTask.Instance;

        internal override Head CreateHead(RowColumns columns, RowExamples examples, int[] train) =>
            new RegressionHead(Loss, examples.TargetMoments(train), HuberDelta, QuantileLevel);

        internal override void Check()
        {
            base.Check();
            Defined(Loss);
            Positive(HuberDelta);
            if (!float.IsFinite(HuberDelta)) throw OutOfRange(nameof(HuberDelta), HuberDelta, "must be finite: choose the squared error instead");
            if (QuantileLevel is not (> 0 and < 1)) throw OutOfRange(nameof(QuantileLevel), QuantileLevel, "must lie between 0 and 1");
            if (HuberDelta != RegressionLossFunctions.HuberDelta && Loss is not RegressionLoss.Huber)
                throw Meaningless(nameof(HuberDelta), RegressionLoss.Huber);
            if (QuantileLevel != RegressionLossFunctions.QuantileLevel && Loss is not RegressionLoss.Quantile)
                throw Meaningless(nameof(QuantileLevel), RegressionLoss.Quantile);
        }

        private ArgumentException Meaningless(string name, RegressionLoss loss) =>
            new($"The option {name} has no meaning for the loss {Loss}: choose Loss = RegressionLoss.{loss}, or leave it as it is.", name);
    }

    private protected override RecurrentRegressionTransformer CreateTransformer(RecurrentModel model) => new(Host, model);
}
