using Microsoft.ML.Data;
using Microsoft.ML.Recurrent.Classification;
using Microsoft.ML.Recurrent.Data;
using Microsoft.ML.Recurrent.Networks;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Recurrent;

/// <summary>
/// Learns one of two classes from a sequence by a recurrent network. The label is <c>Boolean</c>; the transformer adds <c>PredictedLabel</c> (Boolean),
/// <c>Score</c> (the logit) and <c>Probability</c>, which needs no calibration.
/// </summary>
public sealed class RecurrentBinaryTrainer : SequenceTrainer<RecurrentBinaryTransformer>
{
    internal RecurrentBinaryTrainer(IHostEnvironment environment, Options options)
        : base(environment, nameof(RecurrentBinaryTrainer), options)
    {
    }

    /// <summary>Options of <see cref="RecurrentBinaryTrainer"/>.</summary>
    public sealed class Options : ClassificationTrainerOptions
    {
        /// <summary>
        /// What a row of the positive class counts in the loss, greater than 0; a negative row counts 1. More finds more of a rare class, and more false
        /// alarms. Default: 1.
        /// </summary>
        public float WeightOfPositiveExamples { get; set; } = 1;

        internal override void Check()
        {
            base.Check();
            Positive(WeightOfPositiveExamples);
            if (!float.IsFinite(WeightOfPositiveExamples)) throw OutOfRange(nameof(WeightOfPositiveExamples), WeightOfPositiveExamples, "must be finite");
            if (BalanceClasses && WeightOfPositiveExamples != 1)
                throw new ArgumentException("The options BalanceClasses and WeightOfPositiveExamples exclude each other: leave one of them at its default.",
                    nameof(WeightOfPositiveExamples));
        }

        internal override RecurrentTask Task => BinaryTask.Instance;

        internal override Head CreateHead(RowColumns columns, RowExamples examples, int[] train) => new BinaryHead(LabelSmoothing,
            BalanceClasses && Balanced(examples, train, 2) is var weights ? (weights[0], weights[1]) : (1, WeightOfPositiveExamples));
    }

    private protected override RecurrentBinaryTransformer CreateTransformer(RecurrentModel model) => new(Host, model);
}
