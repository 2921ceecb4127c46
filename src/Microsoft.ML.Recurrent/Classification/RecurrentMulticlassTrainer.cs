using Microsoft.ML.Data;
using Microsoft.ML.Recurrent.Classification;
using Microsoft.ML.Recurrent.Data;
using Microsoft.ML.Recurrent.Networks;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Recurrent;

/// <summary>
/// Trains a recurrent network for multiclass classification of sequences. The label is a key. The transformer adds <c>PredictedLabel</c> (a key with the values
/// of the label) and <c>Score</c> (the class probabilities).
/// </summary>
public sealed class RecurrentMulticlassTrainer : SequenceTrainer<RecurrentMulticlassTransformer>
{
    internal RecurrentMulticlassTrainer(IHostEnvironment environment, Options options)
        : base(environment, nameof(RecurrentMulticlassTrainer), options)
    {
    }

    /// <summary>Options of <see cref="RecurrentMulticlassTrainer"/>.</summary>
    public sealed class Options : SequenceTrainerOptions
    {
        /// <summary>Label smoothing and class weights. Default: none.</summary>
        public MulticlassLossOptions Loss { get; set => field = OptionChecks.NotNull(value); } = new();

        internal override RecurrentTask Task => MulticlassTask.Instance;

        internal override bool TakesNgrams => true;

        internal override void Check()
        {
            base.Check();
            Loss.Check();
        }

        internal override void ChooseDefaults(RowColumns columns, int examples, bool hasValidation) =>
            ClassifierDefaults.Choose(this, Loss, columns, examples, hasValidation);

        internal override Head CreateHead(RowColumns columns, RowExamples examples, int[] train)
        {
            var classes = (int)((KeyDataViewType)columns.Label.Type).Count;
            float[]? weights = Loss.Weights(examples, train, classes, columns.Label.Name) is { } own
                ? [.. own, .. Enumerable.Repeat(1f, columns.ExtraClasses)]
                : null;
            return new MulticlassHead(classes + columns.ExtraClasses, Loss.LabelSmoothing ?? 0, weights);
        }
    }

    private protected override RecurrentMulticlassTransformer CreateTransformer(RecurrentModel model) => new(Host, model);
}
