using System.Collections.Immutable;
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
/// <remarks>
/// With a vector as its label it is a multi-label classification: several labels that do not exclude each other, <c>Vector&lt;Boolean, n&gt;</c>,
/// <c>Vector&lt;Single, n&gt;</c> of 0 and 1 (NaN for a label that is not known), or a vector of the keys of those that a row has. The three columns are then
/// vectors with a value for each label, in the order of the label's slots or keys, whose names they have.
/// </remarks>
public sealed class RecurrentBinaryTrainer : SequenceTrainer<RecurrentBinaryTransformer>
{
    internal RecurrentBinaryTrainer(IHostEnvironment environment, Options options)
        : base(environment, nameof(RecurrentBinaryTrainer), options)
    {
    }

    /// <summary>Options of <see cref="RecurrentBinaryTrainer"/>.</summary>
    public sealed class Options : SequenceTrainerOptions
    {
        /// <summary>Label smoothing and class weights. Default: none.</summary>
        public BinaryLossOptions Loss { get; set => field = OptionChecks.NotNull(value); } = new();

        internal override RecurrentTask Task => BinaryTask.Instance;

        internal override bool TakesNgrams => true;

        internal override void Check()
        {
            base.Check();
            Loss.Check();
        }

        internal override void ChooseDefaults(RowColumns columns, int examples, bool hasValidation) =>
            ClassifierDefaults.Choose(this, Loss, columns, examples, hasValidation);

        internal override Head CreateHead(RowColumns columns, RowExamples examples, int[] train) =>
            new BinaryHead(Math.Max(1, columns.TargetSize), IsSet(columns), Loss.LabelSmoothing ?? 0, Loss.Weights(columns, examples, train));

        internal override ImmutableArray<OutputColumn> Outputs(RowColumns columns, int numbers) =>
            [.. base.Outputs(columns, numbers).Select(output => output with { IsVector = IsSet(columns) })];

        private static bool IsSet(RowColumns columns) => columns.LabelRole is LabelRole.LabelSet;
    }

    private protected override RecurrentBinaryTransformer CreateTransformer(RecurrentModel model) => new(Host, model);
}
