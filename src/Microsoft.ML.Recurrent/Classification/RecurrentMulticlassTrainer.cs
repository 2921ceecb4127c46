using Microsoft.ML.Data;
using Microsoft.ML.Recurrent.Classification;
using Microsoft.ML.Recurrent.Data;
using Microsoft.ML.Recurrent.Networks;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Recurrent;

/// <summary>
/// Learns one of several classes from a sequence by a recurrent network. The label is a key; the transformer adds <c>PredictedLabel</c> (a key with the label's
/// values) and <c>Score</c> (the classes' probabilities).
/// </summary>
public sealed class RecurrentMulticlassTrainer : SequenceTrainer<RecurrentMulticlassTransformer>
{
    internal RecurrentMulticlassTrainer(IHostEnvironment environment, Options options)
        : base(environment, nameof(RecurrentMulticlassTrainer), options)
    {
    }

    /// <summary>Options of <see cref="RecurrentMulticlassTrainer"/>.</summary>
    public sealed class Options : ClassificationTrainerOptions
    {
        /// <summary>
        /// What a row of each class counts in the loss, one number a class in the order of the label's keys, each at least 0. Default: null, all count 1.
        /// </summary>
        public float[]? ClassWeights { get; set; }

        internal override void Check()
        {
            base.Check();
            if (ClassWeights is null) return;
            if (BalanceClasses)
                throw new ArgumentException("The options BalanceClasses and ClassWeights exclude each other: leave one of them at its default.",
                    nameof(ClassWeights));
            if (!ClassWeights.All(weight => weight >= 0 && float.IsFinite(weight)) || !ClassWeights.Any(weight => weight > 0))
                throw new ArgumentException(
                    $"The option ClassWeights must hold numbers of at least 0, one of them greater; it holds {string.Join(", ", ClassWeights)}.",
                    nameof(ClassWeights));
        }

        internal override RecurrentTrainerOptions Clone()
        {
            var copy = (Options)base.Clone();
            copy.ClassWeights = ClassWeights?.ToArray();
            return copy;
        }

        internal override RecurrentTask Task => MulticlassTask.Instance;

        internal override Head CreateHead(RowColumns columns, RowExamples examples, int[] train)
        {
            var classes = (int)((KeyDataViewType)columns.Label.Type).Count;
            if (ClassWeights is { } weights && weights.Length != classes)
            {
                throw new ArgumentException($"The option ClassWeights holds {weights.Length} numbers, but the label column '{columns.Label.Name}' " +
                    $"has {classes} keys: give one for each.", nameof(ClassWeights));
            }
            return new MulticlassHead(classes, LabelSmoothing, BalanceClasses ? Balanced(examples, train, classes) : ClassWeights);
        }
    }

    private protected override RecurrentMulticlassTransformer CreateTransformer(RecurrentModel model) => new(Host, model);
}
