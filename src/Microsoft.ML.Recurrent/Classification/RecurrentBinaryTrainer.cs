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

        internal override void Check()
        {
            base.Check();
            Loss.Check();
        }

        internal override void ChooseDefaults(RowColumns columns, int examples, bool hasValidation) =>
            ClassifierDefaults.Choose(this, Loss, columns, examples, hasValidation);

        internal override Head CreateHead(RowColumns columns, RowExamples examples, int[] train) =>
            new BinaryHead(Loss.LabelSmoothing ?? 0, Loss.Weights(examples, train));
    }

    private protected override RecurrentBinaryTransformer CreateTransformer(RecurrentModel model) => new(Host, model);
}
