using Microsoft.ML.Data;
using Microsoft.ML.Recurrent.Classification;
using Microsoft.ML.Recurrent.Data;
using Microsoft.ML.Recurrent.Networks;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Recurrent;

/// <summary>
/// Trains a recurrent network for binary classification of sequences. The label is <c>Boolean</c>. The transformer adds <c>PredictedLabel</c> (Boolean),
/// <c>Score</c> (the logit) and <c>Probability</c>, which needs no calibration.
/// </summary>
public sealed class RecurrentBinaryTrainer : SequenceTrainer<RecurrentBinaryTransformer>
{
    private readonly Options _options;

    internal RecurrentBinaryTrainer(IHostEnvironment environment, Options options)
        : base(environment, nameof(RecurrentBinaryTrainer), options) => _options = (Options)CheckedOptions;

    /// <summary>Options of <see cref="RecurrentBinaryTrainer"/>.</summary>
    public sealed class Options : ClassificationTrainerOptions
    {
        /// <summary>
        /// Weight of positive examples in the loss, greater than 0; negative examples have weight 1. A larger weight increases recall and lowers precision.
        /// Default: 1.
        /// </summary>
        public float WeightOfPositiveExamples { get; set; } = 1;

        internal override void Check()
        {
            base.Check();
            Positive(WeightOfPositiveExamples);
            if (!float.IsFinite(WeightOfPositiveExamples)) throw OutOfRange(nameof(WeightOfPositiveExamples), WeightOfPositiveExamples, "must be finite");
            if (BalanceClasses && WeightOfPositiveExamples != 1)
                throw new ArgumentException("The options BalanceClasses and WeightOfPositiveExamples cannot be combined: leave one at its default.",
                    nameof(WeightOfPositiveExamples));
        }

        internal override RecurrentTask Task => BinaryTask.Instance;

        /// <summary>The weights of negative and positive examples.</summary>
        internal (float Negative, float Positive) Weights(RowExamples examples, int[] train) =>
            BalanceClasses && Balanced(examples, train, 2) is var weights ? (weights[0], weights[1]) : (1, WeightOfPositiveExamples);
    }

    private protected override (int Outputs, Func<Head> CreateHead) CreateHead(RowColumns columns, RowExamples examples, int[] train)
    {
        var weights = _options.Weights(examples, train);
        return (1, () => new BinaryHead(_options.LabelSmoothing, weights));
    }

    private protected override RecurrentBinaryTransformer CreateTransformer(RecurrentModel model) => new(Host, model);
}
