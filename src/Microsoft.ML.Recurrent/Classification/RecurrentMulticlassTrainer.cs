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
    private readonly Options _options;

    internal RecurrentMulticlassTrainer(IHostEnvironment environment, Options options)
        : base(environment, nameof(RecurrentMulticlassTrainer), options) => _options = (Options)CheckedOptions;

    /// <summary>Options of <see cref="RecurrentMulticlassTrainer"/>.</summary>
    public sealed class Options : ClassificationTrainerOptions
    {
        /// <summary>Weight of each class in the loss, in the order of the label keys, each at least 0. Default: null, all 1.</summary>
        public float[]? ClassWeights { get; set; }

        internal override void Check()
        {
            base.Check();
            if (ClassWeights is null) return;
            if (BalanceClasses)
                throw new ArgumentException("The options BalanceClasses and ClassWeights cannot be combined: leave one at its default.",
                    nameof(ClassWeights));
            if (!ClassWeights.All(weight => weight >= 0 && float.IsFinite(weight)) || !ClassWeights.Any(weight => weight > 0))
                throw new ArgumentException(
                    $"The option ClassWeights must hold numbers of at least 0, with at least one above 0; it holds {string.Join(", ", ClassWeights)}.",
                    nameof(ClassWeights));
        }

        internal override RecurrentTrainerOptions Clone()
        {
            var copy = (Options)base.Clone();
            copy.ClassWeights = ClassWeights?.ToArray();
            return copy;
        }

        internal override RecurrentTask Task => MulticlassTask.Instance;

        /// <summary>The class weights; null to weight all classes equally.</summary>
        internal float[]? Weights(RowExamples examples, int[] train, int classes, string label)
        {
            if (ClassWeights is { } weights && weights.Length != classes)
                throw new ArgumentException(
                    $"The option ClassWeights holds {weights.Length} numbers, but the label column '{label}' has {classes} keys: give one weight per key.",
                    nameof(ClassWeights));
            return BalanceClasses ? Balanced(examples, train, classes) : ClassWeights;
        }
    }

    private protected override (int Outputs, Func<Head> CreateHead) CreateHead(RowColumns columns, RowExamples examples, int[] train)
    {
        var classes = (int)((KeyDataViewType)columns.Label.Type).Count;
        var weights = _options.Weights(examples, train, classes, columns.Label.Name);
        return (classes, () => new MulticlassHead(classes, _options.LabelSmoothing, weights));
    }

    private protected override RecurrentMulticlassTransformer CreateTransformer(RecurrentModel model) => new(Host, model);
}
